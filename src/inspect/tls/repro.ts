/** Owns the command that shows a server's certificates again: OpenSSL, by the way the user goes. */
import { isIP } from "node:net";
import { shellWord } from "../../base/shell-word.js";
import { detoured } from "../../dial/detour.js";
import { hostPort } from "../../dial/target.js";
import { reproOf } from "../handshake/own-repro.js";
import type { Subject } from "../subject.js";
import { verifiedName } from "./look.js";

/** Where it connects; undefined where OpenSSL does not get: by SOCKS, and past a proxy's password. */
function routeWords({ target, options }: Subject): string[] | undefined {
  const { proxy, detours, unix = target.unix } = options;
  if (unix !== undefined) return ["-unix", shellWord(unix)];
  const { host, port } = detoured(target, detours);
  const connect = ["-connect", shellWord(hostPort(host, port))];
  if (!proxy) return connect;
  const isPlain = proxy.kind === "http" && !proxy.target.secure;
  if (!isPlain || proxy.user !== undefined || proxy.password !== undefined) return undefined;
  return [...connect, "-proxy", shellWord(hostPort(proxy.target.host, proxy.target.port))];
}

/** What the certificate is verified against: without a name OpenSSL takes any. */
function verifyWords({ options, given }: Subject, name: string): string[] {
  const { curl = [] } = given.way ?? {};
  const at = curl.indexOf("--cacert");
  const file = at < 0 ? undefined : curl[at + 1];
  // That which names the proxy's is another one, and what came without a file cannot be named.
  const isKnown = options.tls?.ca !== undefined && file !== undefined;
  return [
    isIP(name) === 0 ? "-verify_hostname" : "-verify_ip",
    shellWord(name),
    ...(isKnown ? ["-CAfile", shellWord(file)] : []),
    "-verify_return_error",
  ];
}

/**
 * `openssl s_client` for what the check with that id looks at: nothing is sent, and the certificates
 * are shown and verified. Where it does not get there, `wsctl inspect` of that check alone.
 */
export function reproFor(subject: Subject, id: string): string {
  const { target, options } = subject;
  const route = routeWords(subject);
  if (route === undefined) return reproOf(id, target);
  const name = options.tls?.servername === "" ? "" : verifiedName(subject);
  const isNamed = name !== "" && isIP(name) === 0;
  return [
    "openssl s_client",
    ...route,
    ...(isNamed ? ["-servername", shellWord(name)] : ["-noservername"]),
    ...verifyWords(subject, verifiedName(subject)),
    "-showcerts </dev/null",
  ].join(" ");
}
