/** Owns the command that shows a finding again: curl, with the head as it was sent. */
import type { Target } from "../dial/target.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import { parameterName } from "./credentials.js";
import { isSecretName, isSecretParameter, redactSubprotocol } from "../scenario/redact.js";

/** A word for a POSIX shell; control characters stand in the quotes that bash and zsh have for them. */
function quote(word: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  if (/[\0-\x1f\x7f-\x9f]/.test(word)) return `$'${word.replace(/[^ -&(-[\]-~]/g, escaped)}'`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : char;
}

/** A request target, or a text with addresses in it, without the values of secret parameters. */
export function shownPath(path: string): string {
  return path.replace(/([?&])([^=&?\s]+)=([^&\s]*)/g, (whole, mark: string, name: string) =>
    isSecretParameter(parameterName(name)) ? `${mark}${name}=SECRET` : whole,
  );
}

/** Named as secrets are, and none: what shows how to authenticate, and what is public. */
const harmless =
  /^(?:sec-websocket-(?!protocol$).*|(?:www|proxy)-authenticate|access-control-allow-credentials|:authority)$/i;

/** The value of a header as it may be shown. */
export function shownValue(name: string, value: string): string {
  if (/^sec-websocket-protocol$/i.test(name)) {
    return value
      .split(",")
      .map((part) => redactSubprotocol(part.trim()))
      .join(", ");
  }
  if (harmless.test(name)) return value;
  return isSecretName(name) ? "SECRET" : value;
}

/**
 * A curl command that sends the same head; secrets are left out. What curl adds of itself is taken
 * away again.
 */
export function curlOf(request: UpgradeRequest, target: Target): string {
  const { method, headers } = request;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const version = /^\S+ \S+ HTTP\/1\.0/.test(request.bytes.toString("latin1", 0, 8192))
    ? "--http1.0"
    : "--http1.1";
  const scheme = target.secure ? "https" : "http";
  const words = ["curl", "-isS", "--max-time", "5", version];
  const path = shownPath(request.target);
  const isPath = path.startsWith("/");
  if (method !== "GET") words.push("-X", quote(method));
  if (target.unix !== undefined) words.push("--unix-socket", quote(target.unix));
  for (const own of ["Host", "User-Agent", "Accept"]) {
    if (!names.has(own.toLowerCase())) words.push("-H", quote(`${own}:`));
  }
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "host" && value === target.authority) continue;
    const shown = shownValue(name, value);
    words.push("-H", quote(shown === "" ? `${name};` : `${name}: ${shown}`));
  }
  // Curl would take brackets and braces for a pattern, and make a path of what is none.
  if (/[[\]{}]/.test(path)) words.push("-g");
  if (!isPath) words.push("--request-target", quote(path));
  words.push(quote(`${scheme}://${target.authority}${isPath ? path : "/"}`));
  return words.join(" ");
}
