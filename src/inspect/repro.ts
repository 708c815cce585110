/** Owns the command that shows a finding again: curl, with the head as it was sent. */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import { parameterName, type SecretHeaders } from "./credentials.js";
import { mark } from "./secret-mark.js";
import { subprotocolsIn, tokensAmong } from "./subprotocols.js";
import { renamed } from "./way.js";
import { shellWord } from "../base/shell-word.js";
import { isSecretName, isSecretParameter } from "../scenario/redact.js";

/** A request target, or a text with addresses in it, without the values of secret parameters. */
export function shownPath(path: string): string {
  return path.replace(/([?&])([^=&?\s]+)=([^&\s]*)/g, (whole, before: string, name: string) =>
    isSecretParameter(parameterName(name)) ? `${before}${name}=${mark}` : whole,
  );
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
  return shownPath(text).replace(/\/\/[^/?#@\s]{1,500}@/g, `//${mark}@`);
}

/** How the user gets there, and what is secret. */
interface CurlOptions {
  readonly dial?: DialOptions;
  readonly secretHeaders?: SecretHeaders | undefined;
}

/**
 * A curl command that sends the same head; secrets are left out. What curl adds of itself is taken
 * away again.
 */
export function curlOf(
  request: UpgradeRequest,
  target: Target,
  { dial = {}, secretHeaders }: CurlOptions = {},
): string {
  const { method, headers } = request;
  const other = renamed(target, dial);
  const authority = other?.authority ?? target.authority;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const version = /^\S+ \S+ HTTP\/1\.0/.test(request.bytes.toString("latin1", 0, 8192))
    ? "--http1.0"
    : "--http1.1";
  const scheme = target.secure ? "https" : "http";
  const words = ["curl", "-isS", "--max-time", "5", version];
  const path = shownPath(request.target);
  const isPath = path.startsWith("/");
  if (method !== "GET") words.push("-X", shellWord(method));
  if (target.unix !== undefined) words.push("--unix-socket", shellWord(target.unix));
  for (const own of ["Host", "User-Agent", "Accept"]) {
    if (!names.has(own.toLowerCase())) words.push("-H", shellWord(`${own}:`));
  }
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "host" && value === authority) continue;
    const shown = shownValue(name, value, secretHeaders);
    words.push("-H", shellWord(shown === "" ? `${name};` : `${name}: ${shown}`));
  }
  // Curl would take brackets and braces for a pattern, and make a path of what is none.
  if (/[[\]{}]/.test(path)) words.push("-g");
  if (!isPath) words.push("--request-target", shellWord(path));
  words.push(...(other?.words ?? []));
  words.push(shellWord(`${scheme}://${authority}${isPath ? path : "/"}`));
  return words.join(" ");
}
