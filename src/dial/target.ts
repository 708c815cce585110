/** Owns what a person may type as the address of a WebSocket, and what a dial needs to know of it. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** A host and a port of it. */
export interface Endpoint {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where to dial. */
export interface Target extends Endpoint {
  /** The whole address as ws: or wss: (ws+unix: for a socket file), without credentials. */
  readonly url: string;
  readonly secure: boolean;
  /** The same with the credentials it came with, if any: for dialling again, not for showing. */
  readonly href: string;
  /** The socket file to connect to, where the address names one. */
  readonly unix?: string;
  /** Path with query; begins with `/`. */
  readonly path: string;
  /** For the Host header: the default port is left out, IPv6 stands in brackets. */
  readonly authority: string;
  /** The value for Authorization that user and password of the address make, if it had any. */
  readonly authorization: string | undefined;
}

const schemes: Readonly<Record<string, "ws" | "wss">> = {
  ws: "ws",
  wss: "wss",
  http: "ws",
  https: "wss",
};

function refuse(text: string, why: string, hint = "write it like ws://localhost:8080/path"): never {
  // What stands before an @ may be a password, and what a parameter holds a token.
  const shown = safeLine(
    text
      .replace(/^([a-z][a-z0-9+.-]*:\/\/|)[^?#@]*@/i, "$1…@")
      .replace(/([?&#;][^=&?#;\s]{0,100}=)[^&#;]*/g, "$1…"),
  );
  throw new WsctlError("WSCTL_EUSAGE", `"${shown}" is not a WebSocket address: ${why}`, { hint });
}

function basic(url: URL, text: string): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(pair).toString("base64")}`;
  } catch {
    return refuse(text, "user or password hold a % that encodes nothing", "write %25 for a %");
  }
}

/**
 * Reads `ws+unix:/run/app.sock:/path`, as the package ws has it: what follows the file and a colon is
 * the path of the request. The Host is localhost.
 */
function unixTarget(text: string, scheme: "ws" | "wss", rest: string): Target {
  const [, file = "", path = ""] = /^(?:\/\/)?(\/[^:?]*)(?::(.*))?$/.exec(rest) ?? [];
  if (file === "" || file.endsWith("/")) {
    refuse(text, "it names no socket file", `write it like ${scheme}+unix:/run/app.sock:/path`);
  }
  const inner = `${scheme}://localhost${path.startsWith("/") ? path : `/${path}`}`;
  if (!URL.canParse(inner)) refuse(text, "the path cannot be read");
  const target = parseTarget(inner);
  return {
    ...target,
    url: `${scheme}+unix:${file}:${target.path}`,
    href: `${scheme}+unix:${file}:${target.path}`,
    unix: unescaped(text, file),
  };
}

function unescaped(text: string, file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return refuse(text, "the socket file holds a % that encodes nothing", "write %25 for a %");
  }
}

/**
 * Reads `ws://`, `wss://`, `http://` or `https://`, or a bare `host:port` or `:port`, which get
 * `ws://` (and localhost), or `ws+unix:` and `wss+unix:` with a socket file. A fragment is refused, as
 * RFC 6455 §3 has it.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseTarget(text: string): Target {
  const typed = text.trim();
  // The URL parser would drop these without a word.
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  if (/[\0- \x7f]/.test(typed)) refuse(text, "it holds a space or a control character");
  if (typed.includes("#")) {
    refuse(text, "it has a fragment (RFC 6455 §3)", "write %23 for a # that belongs to the path");
  }
  const unix = /^(wss?)\+unix:(.*)$/i.exec(typed);
  if (unix) return unixTarget(text, unix[1]!.toLowerCase() === "wss" ? "wss" : "ws", unix[2]!);
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(typed);
  const scheme = match ? match[1]!.toLowerCase() : "ws";
  if (!Object.hasOwn(schemes, scheme)) {
    refuse(text, `"${scheme}" is not a scheme known here`, "use ws:// or wss://");
  }
  const rest = match ? match[2]! : typed;
  // Without this, `ws//host` and `ws:/host` would be a host that is called ws.
  const slip = match ? null : /^(wss?|https?)(?::\/|\/\/)/i.exec(typed);
  if (slip) refuse(text, `"${slip[0]}" is not how an address begins`, `write ${slip[1]!}://`);
  const mapped = schemes[scheme]!;
  if (match && /^(?:[:/?]|$)/.test(rest)) refuse(text, "it has no host");
  const full = `${mapped}://${/^(?::|$)/.test(rest) ? `localhost${rest}` : rest}`;
  if (typed === "" || !URL.canParse(full)) {
    const tooHigh = Number(/:(\d+)(?:[/?]|$)/.exec(rest)?.[1] ?? 0) > 65_535;
    refuse(text, tooHigh ? "ports end at 65535" : "host or port cannot be read");
  }
  const url = new URL(full);
  const secure = mapped === "wss";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  if (port === 0) refuse(text, "nothing can listen on port 0");
  const path = url.pathname + url.search;
  const pair = url.password === "" ? url.username : `${url.username}:${url.password}`;
  const credentials = pair === "" ? "" : `${pair}@`;
  return {
    url: `${mapped}://${url.host}${path}`,
    href: `${mapped}://${credentials}${url.host}${path}`,
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    path,
    authority: url.host,
    authorization: basic(url, text),
  };
}

/** Host and port for people: the port always, IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
