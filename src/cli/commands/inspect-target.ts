/** Owns what `wsctl inspect` looks at, and how it is dialled: the URL, and all that is configured. */
import { WsctlError } from "../../base/errors.js";
import type { DialOptions } from "../../dial/dial.js";
import { parseTarget, type Target } from "../../dial/target.js";
import { openValue, shownPath, shownValue } from "../../inspect/repro.js";
import { mark } from "../../inspect/secret-mark.js";
import type { CommandWay, Given, KeptHeader } from "../../inspect/subject.js";
import { offerOf } from "../../session/compression.js";
import { compressionOffer } from "../compression-flags.js";
import { configPlace } from "../config-place.js";
import { configure } from "../config.js";
import { connectionSpec, type SecretHeaders } from "../connection-spec.js";
import { dialOptions } from "../dial-options.js";
import type { Host } from "../host.js";
import { fileText, secretSource, secretText } from "../text-source.js";
import { urlWarnings } from "../url-secrets.js";
import type { InspectFlags } from "./inspect-options.js";

/** What was written on the command line. */
export interface Typed {
  readonly flags: InspectFlags;
  /** The argument. */
  readonly url: string | undefined;
  readonly isGiven: (flag: string) => boolean;
}

/** What is inspected, with everything that was configured. */
export interface InspectPlace {
  readonly url: string;
  /** With the lines of header files in place of their names. */
  readonly flags: InspectFlags & SecretHeaders;
  /** What to tell on stderr, a line each. */
  readonly notes: readonly string[];
}

/** Stands for the embedded server until it runs. */
const unserved = "ws://127.0.0.1:1/";

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/** What a key of a handshake looks like: 16 bytes in base64 (RFC 6455 §4.1). */
const handshakeKey = /^[A-Za-z0-9+/]{22}==$/;

/** `--key` is the private key of `--cert`; alone it is Sec-WebSocket-Key, if it looks like one. */
function withKey(flags: InspectFlags, isGiven: Typed["isGiven"]): InspectFlags {
  const { key, cert, wsKey } = flags;
  if (key === undefined || cert !== undefined || !isGiven("key")) return flags;
  if (!handshakeKey.test(key)) {
    return refuse(
      "--key without --cert is a Sec-WebSocket-Key, and this is none",
      "a private key needs its --cert; to send another Sec-WebSocket-Key all the same, use --ws-key",
    );
  }
  if (wsKey !== undefined) refuse("--key and --ws-key exclude each other", "leave one of them out");
  const { key: _key, ...rest } = flags;
  return { ...rest, wsKey: key };
}

/** Flags with optional values may have taken the URL that followed. */
function withoutTakenUrl({ flags, url, isGiven }: Typed): Typed {
  if (url !== undefined || flags.serve) return { flags, url, isGiven };
  const { origins, health } = flags;
  const isPlace = (value: string): boolean => /^@|:\/\/|:\d|^ws+\+unix:/.test(value);
  if (typeof health === "string" && isPlace(health)) {
    return { flags: { ...flags, health: true }, url: health, isGiven };
  }
  if (typeof origins === "string") {
    return { flags: { ...flags, origins: true }, url: origins, isGiven };
  }
  return { flags, url, isGiven };
}

/** What every handshake says, and is no secret wherever it is kept. */
const usualHeaders = /^(?:host|origin|connection|upgrade|user-agent|accept|accept-.*|sec-.*)$/i;

/** The headers as lines; whose values were in a file, nobody is to see. */
function headersOf(
  given: readonly string[],
  known: ReadonlySet<string>,
): { readonly header: string[]; readonly secretHeaders: ReadonlySet<string> } {
  const secretHeaders = new Set(known);
  const header = given.flatMap((line) => {
    if (!line.startsWith("@")) return [line];
    const lines = fileText(line.slice(1))
      .split(/\r?\n/)
      .filter((each) => each.trim() !== "");
    for (const each of lines) {
      if (each.startsWith("@"))
        refuse("a line of a header file begins with @", "write Name: value");
      const name = each.split(":", 1)[0]!.trim().toLowerCase();
      if (!usualHeaders.test(name)) secretHeaders.add(name);
    }
    return lines;
  });
  return { header, secretHeaders };
}

/**
 * Finds what is to be inspected.
 * @throws WsctlError WSCTL_EUSAGE for nowhere, for several places, and for mistakes in flags and files
 */
export function inspectPlace(host: Host, given: Typed): InspectPlace {
  const { flags: plain, url, isGiven } = withoutTakenUrl(given);
  if (plain.serve && url !== undefined) {
    refuse("a URL and --serve exclude each other", "leave one of them out");
  }
  const named = plain.serve ? unserved : url;
  if (named === undefined) {
    return refuse("no URL was given", "name a server, or add --serve to start an embedded one");
  }
  // What the environment says of proxies does not mean a server that was started for this.
  const flags = { ...plain, ...(plain.serve ? { proxy: false as const } : {}) };
  const isSaid = (flag: string): boolean =>
    isGiven(flag) || (flag === "proxy" && plain.serve === true);
  const configured = configure([named], flags, isSaid, configPlace(host));
  const found = configured.urls[0]!;
  const urls = [found, ...(plain.logoutUrl === undefined ? [] : [plain.logoutUrl])];
  const headers = headersOf(configured.flags.header ?? [], configured.secretHeaders);
  return {
    url: found,
    flags: { ...withKey(configured.flags, isGiven), ...headers },
    notes: [...configured.warnings, ...urlWarnings(urls)].map((line) => `warning: ${line}`),
  };
}

/** The Origin that was named as the right one. */
function rightOrigin({ origins, allowOrigin }: InspectFlags): string | undefined {
  return typeof origins === "string" ? origins : allowOrigin;
}

/** How that place is dialled. */
export interface Dialling {
  readonly target: Target;
  readonly dial: DialOptions;
}

/**
 * How that place is dialled; compression is offered as browsers do, unless told.
 * @throws WsctlError WSCTL_EUSAGE for flags that cannot be used
 */
export function diallingOf({ url, flags }: InspectPlace, env: Host["env"]): Dialling {
  const target = parseTarget(url);
  const dial = dialOptions(connectionSpec(flags, [target], env));
  const offer = compressionOffer(flags, true);
  const request = {
    ...dial.request,
    // What is to be compared with the right Origin has to begin with it.
    origin: dial.request?.origin ?? rightOrigin(flags),
    key: flags.wsKey,
    extensions: offer === undefined ? undefined : offerOf(offer),
  };
  return { target, dial: { ...dial, request } };
}

/** An address without user, password and the values of secret parameters. */
export function shownUrl(url: string): string {
  // What cannot be read cannot be told apart either.
  if (!URL.canParse(url)) return mark;
  const parsed = new URL(url);
  if (parsed.username !== "" || parsed.password !== "") {
    parsed.username = mark;
    parsed.password = "";
  }
  return shownPath(parsed.href);
}

/** Whether a flag says where its secret is kept, and not what it is. */
function isReference(value: string): boolean {
  return secretSource(value).from !== "literal";
}

/** The proxy as a command may name it. */
function shownProxy(proxy: string): string {
  if (isReference(proxy)) return proxy;
  const plain = proxy.replace(/^text:/, "");
  return shownUrl(plain.includes("://") ? plain : `http://${plain}`);
}

/** A secret as a command may name it: where it is kept, or that it is one. */
function shownSecret(value: string, shown: string = mark): string {
  return isReference(value) ? value : shown;
}

/** What is sent besides the URL, as flags of wsctl without secrets. */
function saidBy(flags: InspectPlace["flags"]): string[] {
  const { cookie, bearer, user, header = [], origin, subprotocol = [], secretHeaders } = flags;
  const open = (line: string): string => {
    const name = line.split(":", 1)[0]!.trim();
    return `${name}: ${openValue(name, line.slice(line.indexOf(":") + 1).trim(), secretHeaders)}`;
  };
  const offered = shownValue("Sec-WebSocket-Protocol", subprotocol.join(", ")).split(", ");
  return [
    ...(cookie === undefined
      ? []
      : ["--cookie", shownSecret(cookie, openValue("Cookie", secretSource(cookie).what))]),
    ...(bearer === undefined ? [] : ["--bearer", shownSecret(bearer)]),
    ...(user === undefined ? [] : ["--user", shownSecret(user, `${mark}:${mark}`)]),
    ...header.flatMap((line) => ["-H", open(line)]),
    ...(origin === undefined ? [] : ["--origin", origin]),
    ...(subprotocol.length === 0 ? [] : offered.flatMap((name) => ["--subprotocol", name])),
  ];
}

/** The headers whose secrets are kept where a shell finds them. */
function keptBy({ cookie, bearer, user }: InspectFlags): KeptHeader[] {
  const authorization = "Authorization";
  return [
    { name: "Cookie", before: "", reference: cookie },
    { name: authorization, before: "Bearer ", reference: bearer },
    { name: authorization, before: undefined, reference: user },
  ].flatMap(({ reference, ...rest }) =>
    reference !== undefined && isReference(reference) ? [{ ...rest, reference }] : [],
  );
}

/** The flags that lead there, as curl has them and as wsctl has them. */
function wayOf(flags: InspectPlace["flags"]): CommandWay {
  const {
    resolve = [],
    connectTo = [],
    unix,
    ca,
    cert,
    key,
    servername,
    proxy,
    proxyCa,
    passphrase,
  } = flags;
  const both = [
    ...resolve.flatMap((each) => ["--resolve", each]),
    ...connectTo.flatMap((each) => ["--connect-to", each]),
    ...(flags.insecure ? ["--insecure"] : []),
    ...(cert === undefined ? [] : ["--cert", cert]),
    ...(cert === undefined || key === undefined ? [] : ["--key", key]),
    ...(flags.ipv4 ? ["--ipv4"] : []),
    ...(flags.ipv6 ? ["--ipv6"] : []),
  ];
  const through = typeof proxy === "string" ? ["--proxy", shownProxy(proxy)] : [];
  return {
    said: saidBy(flags),
    kept: keptBy(flags),
    curl: [
      ...both,
      ...(unix === undefined ? [] : ["--unix-socket", unix]),
      ...(ca === undefined ? [] : ["--cacert", ca]),
      // A reference is ours alone, and without a tunnel curl asks the proxy itself.
      ...(through.length > 0 && /^\w+:\/\//.test(through[1]!) ? ["--proxytunnel", ...through] : []),
      ...(proxyCa === undefined ? [] : ["--proxy-cacert", proxyCa]),
      ...(proxy === false ? ["--noproxy", "*"] : []),
    ],
    wsctl: [
      ...both,
      ...(unix === undefined ? [] : ["--unix", unix]),
      ...(ca === undefined ? [] : ["--ca", ca]),
      ...(servername === undefined ? [] : ["--servername", servername]),
      ...through,
      ...(proxyCa === undefined ? [] : ["--proxy-ca", proxyCa]),
      ...(proxy === false ? ["--no-proxy"] : []),
      // One that was written out or typed is left open.
      ...(passphrase !== undefined && isReference(passphrase) ? ["--passphrase", passphrase] : []),
    ],
  };
}

/**
 * What the user says of the server.
 * @throws WsctlError WSCTL_EUSAGE for two right Origins, and for a secret that cannot be read
 */
export function givenOf(flags: InspectPlace["flags"], env: Host["env"]): Given {
  const { origins, allowOrigin, otherPath, expiredToken, logoutUrl } = flags;
  const named = typeof origins === "string" ? origins : undefined;
  if (named !== undefined && allowOrigin !== undefined && named !== allowOrigin) {
    refuse("--origins and --allow-origin name two right Origins", "leave one of them out");
  }
  return {
    allowedOrigin: rightOrigin(flags),
    otherPath,
    expiredToken: expiredToken === undefined ? undefined : secretText(expiredToken, env),
    logoutUrl,
    secretHeaders: flags.secretHeaders,
    way: wayOf(flags),
  };
}
