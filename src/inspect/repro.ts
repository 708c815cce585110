/** Owns the command that shows a finding again: curl, with the head as it was sent. */
import type { Target } from "../dial/target.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import { isSecretName, isSecretParameter, redactSubprotocol } from "../scenario/redact.js";

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The request target with the values of secret parameters left out. */
export function shownPath(path: string): string {
  return path.replace(/([?&])([^=&]+)=([^&]*)/g, (whole, mark: string, name: string) =>
    isSecretParameter(name) ? `${mark}${name}=SECRET` : whole,
  );
}

/** The value of a header as it may be shown. */
export function shownValue(name: string, value: string): string {
  if (/^sec-websocket-protocol$/i.test(name)) {
    return value
      .split(",")
      .map((part) => redactSubprotocol(part.trim()))
      .join(", ");
  }
  return isSecretName(name) && !/^sec-websocket-/i.test(name) ? "SECRET" : value;
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
  words.push(quote(`${scheme}://${target.authority}${shownPath(request.target)}`));
  return words.join(" ");
}
