/** Owns the command that shows a finding again: curl, with the head as it was sent. */
import type { Target } from "../dial/target.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import { parameterName, subprotocolsIn } from "./credentials.js";
import type { Given } from "./subject.js";
import { shellWord } from "../base/shell-word.js";
import { isSecretName, isSecretParameter, redactSubprotocols } from "../scenario/redact.js";

/** A request target, or a text with addresses in it, without the values of secret parameters. */
export function shownPath(path: string): string {
  return path.replace(/([?&])([^=&?\s]+)=([^&\s]*)/g, (whole, mark: string, name: string) =>
    isSecretParameter(parameterName(name)) ? `${mark}${name}=SECRET` : whole,
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
  return [`${name}SECRET`, ...shown].join("; ");
}

/** The value of a header as it may be shown. */
export function shownValue(name: string, value: string): string {
  if (/^sec-websocket-protocol$/i.test(name)) {
    return redactSubprotocols(subprotocolsIn(value)).join(", ");
  }
  if (/^set-cookie2?$/i.test(name)) return shownCookie(value);
  if (!harmless.test(name) && isSecretName(name)) return "SECRET";
  return shownText(value);
}

/** A text of somebody else: redirects and referrers are addresses, with user, password, parameters. */
export function shownText(text: string): string {
  return shownPath(text).replace(/\/\/[^/?#@\s]{1,500}@/g, "//SECRET@");
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
  if (method !== "GET") words.push("-X", shellWord(method));
  if (target.unix !== undefined) words.push("--unix-socket", shellWord(target.unix));
  for (const own of ["Host", "User-Agent", "Accept"]) {
    if (!names.has(own.toLowerCase())) words.push("-H", shellWord(`${own}:`));
  }
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "host" && value === target.authority) continue;
    const shown = shownValue(name, value);
    words.push("-H", shellWord(shown === "" ? `${name};` : `${name}: ${shown}`));
  }
  // Curl would take brackets and braces for a pattern, and make a path of what is none.
  if (/[[\]{}]/.test(path)) words.push("-g");
  if (!isPath) words.push("--request-target", shellWord(path));
  words.push(shellWord(`${scheme}://${target.authority}${isPath ? path : "/"}`));
  return words.join(" ");
}

/** A command, and the flags that lead to the server as the user has it. */
export function onTheWay(command: string, { way }: Pick<Given, "way">): string {
  if (way === undefined) return command;
  const words = command.startsWith("curl ")
    ? way.curl
    : command.startsWith("wsctl ")
      ? way.wsctl
      : [];
  return [command, ...words.map(shellWord)].join(" ");
}
