/** Owns the command that shows a finding again: curl, with the head as it was sent. */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import type { Header, UpgradeRequest } from "../frame/upgrade.js";
import type { SecretHeaders } from "./credentials.js";
import { mark } from "./secret-mark.js";
import { subprotocolsIn, tokensAmong } from "./subprotocols.js";
import type { KeptHeader } from "./subject.js";
import { keptWords, renamed } from "./way.js";
import { shellWord } from "../base/shell-word.js";
import { type QueryPart, queryParts } from "../base/query-parts.js";
import { isSecretName } from "../base/secret-name.js";
import { isRandomLooking } from "../base/token-like.js";

/** A request target, or a text with addresses in it, without the values of secret parameters. */
export function shownPath(path: string): string {
  return path.replace(/([?&])([^&\s]+)/g, (_whole, sign: string, part: string) => {
    return sign + queryParts(part).map(shownPart).join("");
  });
}

function shownPart({ plain, secret }: QueryPart): string {
  if (!secret) return plain;
  return plain + secret.before + (/[=;?]$/.test(secret.before) ? mark : "");
}

/** Named as secrets are, and none: what shows how to authenticate, and what is public. */
const harmless =
  /^(?:sec-websocket-(?!protocol$).*|(?:www|proxy)-authenticate|access-control-allow-credentials|:authority)$/i;

/** What of a Set-Cookie says how the cookie is kept, and is no secret. */
const cookieAttribute =
  /^(?:secure|httponly|partitioned|(?:path|domain|expires|max-age|samesite|priority)=.*)$/i;

/** A cookie without its value. */
function shownCookie(value: string): string {
  const [pair = "", ...attributes] = value.split(";");
  const equals = pair.indexOf("=");
  const name = equals < 0 ? "" : `${pair.slice(0, equals).trim()}=`;
  const shown = attributes.map((part) => part.trim()).filter((part) => cookieAttribute.test(part));
  return [`${name}${mark}`, ...shown].join("; ");
}

/** The value of a header as it may be shown; that of one which the user calls secret is none. */
export function shownValue(name: string, value: string, secretHeaders?: SecretHeaders): string {
  if (secretHeaders?.has(name.toLowerCase()) === true) return mark;
  if (/^sec-websocket-protocol$/i.test(name)) {
    const offered = subprotocolsIn(value);
    const tokens = tokensAmong(offered);
    return offered.map((each) => (tokens.has(each) ? mark : each)).join(", ");
  }
  if (/^set-cookie2?$/i.test(name)) return shownCookie(value);
  if (!harmless.test(name) && isSecretName(name)) return mark;
  return shownText(value);
}

/** A text of somebody else: redirects and referrers are addresses, with user, password, parameters. */
export function shownText(text: string): string {
  // To the last @: passwords may have one. Each `//` is looked at once, for as long as it is a host.
  return shownPath(text).replace(/\/\/([^/?#\s]*)/g, (whole, authority: string) => {
    const at = authority.lastIndexOf("@");
    return at < 0 ? whole : `//${mark}${authority.slice(at)}`;
  });
}

/** How credentials are sent (RFC 9110 §16.4.1): no other word before a space is known to be none. */
const scheme = /^(?:basic|bearer|digest|token|negotiate|hoba|mutual|vapid|gnap|dpop|apikey)(?= )/i;

/** One pair of a Cookie header: names are no secrets, but for those that nobody has made up. */
function openPair(pair: string): string {
  const equals = pair.indexOf("=");
  const name = pair.slice(0, Math.max(0, equals)).trim();
  return name === "" || isRandomLooking(name) ? mark : `${name}=${mark}`;
}

/**
 * The value of a header as a command has it: the names of cookies and the scheme of credentials stay,
 * so that a person has only the secret to put in.
 */
export function openValue(name: string, value: string, secretHeaders?: SecretHeaders): string {
  if (/^cookie$/i.test(name)) {
    return value
      .split(";")
      .filter((pair) => pair.trim() !== "")
      .map(openPair)
      .join("; ");
  }
  const shown = shownValue(name, value, secretHeaders);
  const isCredential = shown === mark && /^(?:proxy-)?authorization$/i.test(name);
  const known = isCredential ? scheme.exec(value)?.[0] : undefined;
  return known === undefined ? shown : `${known} ${mark}`;
}

/** How the user gets there, and what is secret. */
interface CurlOptions {
  readonly dial?: DialOptions;
  readonly secretHeaders?: SecretHeaders | undefined;
  /** Headers whose secrets the shell can look up. */
  readonly kept?: readonly KeptHeader[] | undefined;
}

/** The words for a header that the shell looks up; undefined where it is none, or was changed. */
function lookedUpWords([name, value]: Header, { dial, kept = [] }: CurlOptions) {
  const isSame = (other: string): boolean => other.toLowerCase() === name.toLowerCase();
  const known = kept.find((each) => isSame(each.name));
  const [given, ...others] = (dial?.request?.headers ?? []).filter(([other]) => isSame(other));
  return known && given?.[1] === value && others.length === 0 ? keptWords(known) : undefined;
}

/**
 * A curl command that sends the same head; secrets are left out. What curl adds of itself is taken
 * away again.
 */
export function curlOf(request: UpgradeRequest, target: Target, options: CurlOptions = {}): string {
  const { dial = {}, secretHeaders } = options;
  const { method, headers } = request;
  const other = renamed(target, dial);
  const authority = other?.authority ?? target.authority;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const version = /^\S+ \S+ HTTP\/1\.0/.test(request.bytes.toString("latin1", 0, 8192))
    ? "--http1.0"
    : "--http1.1";
  const protocol = target.secure ? "https" : "http";
  // A WebSocket that opens does not end by itself, and curl would wait.
  const words = ["curl", "-isS", "--max-time", "2", version];
  const path = shownPath(request.target);
  const isPath = path.startsWith("/");
  if (method !== "GET") words.push("-X", shellWord(method));
  if (target.unix !== undefined) words.push("--unix-socket", shellWord(target.unix));
  for (const own of ["Host", "User-Agent", "Accept"]) {
    if (!names.has(own.toLowerCase())) words.push("-H", shellWord(`${own}:`));
  }
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "host" && value === authority) continue;
    const lookedUp = lookedUpWords([name, value], options);
    if (lookedUp) {
      words.push(...lookedUp);
      continue;
    }
    const shown = openValue(name, value, secretHeaders);
    words.push("-H", shellWord(shown === "" ? `${name};` : `${name}: ${shown}`));
  }
  // Curl would take brackets and braces for a pattern, and make a path of what is none.
  if (/[[\]{}]/.test(path)) words.push("-g");
  if (!isPath) words.push("--request-target", shellWord(path));
  words.push(...(other?.words ?? []));
  words.push(shellWord(`${protocol}://${authority}${isPath ? path : "/"}`));
  return words.join(" ");
}
