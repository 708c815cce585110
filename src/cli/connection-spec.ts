/** Owns the translation of connection flags into what is to be dialled; files are read here. */
import { messageOf, WsctlError } from "../base/errors.js";
import { localAddresses } from "../base/local-addresses.js";
import { proxyFor } from "../dial/proxy-env.js";
import { resolverFor, routeFrom } from "../dial/route.js";
import type { Target } from "../dial/target.js";
import type { ConnectionSpec, RouteSpec, TlsSpec } from "../scenario/scenario.js";
import type { ConnectionFlags } from "./connection-options.js";
import type { Host } from "./host.js";
import { fileText, secretText } from "./text-source.js";

/** What the configuration knows of headers beside their lines. */
export interface SecretHeaders {
  /** Names, in small letters, of those whose values are kept elsewhere: not to be shown. */
  readonly secretHeaders?: ReadonlySet<string> | undefined;
}

/**
 * The connection that the flags describe.
 *
 * @param targets what is to be dialled: a proxy of the environment is chosen for each
 * @throws WsctlError WSCTL_EUSAGE for a header, a file, a variable or a route that cannot be used
 */
export function connectionSpec(
  flags: ConnectionFlags & SecretHeaders,
  targets: readonly Target[],
  env: Host["env"],
): ConnectionSpec {
  const { secretHeaders } = flags;
  const headers = (flags.header ?? []).flatMap(headerLines);
  if (flags.bearer) headers.push(["Authorization", `Bearer ${secretText(flags.bearer, env)}`]);
  if (flags.user) {
    const pair = secretText(flags.user, env);
    if (!pair.includes(":")) {
      throw new WsctlError("WSCTL_EUSAGE", "--user has no colon", {
        hint: "write it like --user name:password, or --user @file",
      });
    }
    headers.push(["Authorization", `Basic ${Buffer.from(pair).toString("base64")}`]);
  }
  if (flags.cookie) headers.push(["Cookie", secretText(flags.cookie, env)]);
  refuseHalves(flags, headers);
  const route = routeSpec(flags, targets, env);
  // A mistake is said now, not by the first dial.
  localAddresses(flags.localAddress ?? []);
  return {
    headers,
    ...(secretHeaders?.size ? { secretHeaders: [...secretHeaders] } : {}),
    subprotocols: flags.subprotocol ?? [],
    ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    handshakeTimeout: flags.timeout,
    maxPayload: flags.maxPayload,
    ...(flags.ipv4 ? { family: 4 as const } : {}),
    ...(flags.ipv6 ? { family: 6 as const } : {}),
    localAddress: flags.localAddress ?? [],
    tls: tlsSpec(flags, env),
    ...(Object.keys(route).length > 0 ? { route } : {}),
  };
}

/** Refuses what only looks like a choice: two credentials, or a certificate without its key. */
function refuseHalves(
  flags: ConnectionFlags,
  headers: readonly (readonly [string, string])[],
): void {
  const credentials = headers.filter(([name]) => name.toLowerCase() === "authorization");
  if ((flags.bearer !== undefined || flags.user !== undefined) && credentials.length > 1) {
    throw new WsctlError("WSCTL_EUSAGE", "credentials are given more than once", {
      hint: "choose one of --bearer, --user and -H 'Authorization: …'",
    });
  }
  if ((flags.cert === undefined) !== (flags.key === undefined)) {
    throw new WsctlError("WSCTL_EUSAGE", "--cert and --key go together", {
      hint: "a certificate is of no use without its private key",
    });
  }
}

function tlsSpec(flags: ConnectionFlags, env: Host["env"]): TlsSpec {
  return {
    ...(flags.insecure ? { insecure: true } : {}),
    ...(flags.ca === undefined ? {} : { ca: fileText(flags.ca) }),
    ...(flags.cert === undefined ? {} : { cert: fileText(flags.cert) }),
    ...(flags.key === undefined ? {} : { key: fileText(flags.key) }),
    ...(flags.passphrase === undefined ? {} : { passphrase: secretText(flags.passphrase, env) }),
    ...(flags.servername === undefined ? {} : { servername: flags.servername }),
  };
}

function routeSpec(
  flags: ConnectionFlags,
  targets: readonly Target[],
  env: Host["env"],
): RouteSpec {
  const { proxy, proxyCa, proxyInsecure, unix, resolve, connectTo } = flags;
  const given = typeof proxy === "string" ? secretText(proxy, env) : undefined;
  const isDirect = proxy === false || unix !== undefined;
  const proxies = targets.map((target) => given ?? (isDirect ? "" : (proxyFor(target, env) ?? "")));
  const proxyTls = {
    ...(proxyInsecure ? { insecure: true } : {}),
    ...(proxyCa === undefined ? {} : { ca: fileText(proxyCa) }),
  };
  const route: RouteSpec = {
    ...(proxies.some((url) => url !== "") ? { proxies, proxyTls } : {}),
    ...(unix === undefined ? {} : { unix }),
    ...(resolve === undefined ? {} : { resolve }),
    ...(connectTo === undefined ? {} : { connectTo }),
  };
  // A mistake is said now, not by the first dial.
  routeFrom({ ...route, proxy: given });
  resolverFor(route);
  if (given === undefined) proxies.forEach(checkOfEnvironment);
  return route;
}

function checkOfEnvironment(proxy: string): void {
  try {
    routeFrom({ proxy });
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", messageOf(cause), {
      cause,
      hint: "the environment says so (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY); --no-proxy goes without, --proxy names another",
    });
  }
}

function headerLines(value: string): [string, string][] {
  const lines = value.startsWith("@") ? fileText(value.slice(1)).split(/\r?\n/) : [value];
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      // The rest may be a secret.
      const [first = ""] = line.trim().split(/\s/);
      throw new WsctlError("WSCTL_EUSAGE", `"${first} …" is not a header: it has no colon`, {
        hint: "write it like -H 'X-Tenant: blue'",
      });
    });
}
