/**
 * Owns quoting a message in a report: what came, short, and without what may be a secret. A message is
 * not ours, so that nobody has said what of it is one: names tell, and values that were secret before.
 */
import { safeLine } from "../base/safe-text.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { Hide } from "../message/match/check.js";
import type { MessageView } from "../message/view.js";
import { redactUrl } from "../base/redact-url.js";
import { isMeasureName, isSecretName, redacted } from "../base/secret-name.js";
import { secretsOfLines } from "./secret-lines.js";

/** Of a larger message nothing but its beginning is looked at, in bytes. */
const largest = 16 * 1024;
const longest = 300;
/** In bytes of UTF-8. */
const longestCharacter = 4;
const deepest = 20;

/** Names of several: a number that goes by one says how many there are, a list of them is secret. */
const several = /(?:token|session|ticket|cookie|signature)s$/i;

/** Anything shorter would be found within innocent words. */
const shortestSecret = 4;

/** Tokens are told by their looks, whatever they are called. */
const tokens =
  /(?<![\w-])eyJ(?:[\w-]{1,4000}\.[\w-]+(?:\.[\w-]*)?|[\w-]{100,})|\b(?:bearer|basic)\s+[^\s"',]+/gi;
const addresses = /\b[a-z][a-z+.-]{1,20}:\/\/[^\s"'<>]+/gi;

/**
 * A message and what is said of it, as both may be written down.
 * @param said of the message; it may quote parts of it, which it is to hide before it cuts them
 * @param known values that are secret, wherever they stand
 */
export function quoteMessage(
  said: string | ((hide: Hide) => string),
  { bytes, text }: MessageView,
  known: Iterable<string>,
): string {
  const secrets = new Set<string>();
  for (const secret of known) if (secret.length >= shortestSecret) secrets.add(secret);
  // First: it tells what of the message is secret.
  const content =
    text === undefined
      ? `${bytes.length} bytes that are no text`
      : safeLine(hidden(text, secrets), longest);
  const hide: Hide = (part, path = "") =>
    isSecretAt(path, part) ? redacted : hidden(part, secrets);
  const why = typeof said === "string" ? said : said(hide);
  return safeLine(`${withoutBegun(why, secrets)}; the message: ${content}`, 2 * longest);
}

/** Whether the value is secret by its name. */
function isSecretValue(name: string, value: JsonValue): boolean {
  if (typeof value === "boolean" || !isSecretName(name)) return false;
  return !(typeof value === "number" && (several.test(name) || isMeasureName(name)));
}

/** The same by its path, of JSON text. */
function isSecretAt(path: string, json: string): boolean {
  const dot = path.lastIndexOf(".");
  if (isSecretName(path.slice(0, Math.max(0, dot)))) return true;
  const isTruth = json === "true" || json === "false";
  const isFigure = /^-?\d[\d.eE+-]*$/.test(json);
  return isSecretValue(path.slice(dot + 1), isTruth || (isFigure ? 0 : json));
}

/** A text or JSON without its secrets, each of which is added to those that are known; not cut yet. */
function hidden(text: string, secrets: Set<string>): string {
  const value = text.length <= largest ? jsonOf(text) : undefined;
  const shown =
    value === undefined
      ? maskedText(text.slice(0, largest), secrets)
      : JSON.stringify(masked(value, secrets, 0));
  // What is about as long may have been cut before.
  return without(shown, secrets, text.length > largest - longestCharacter);
}

function jsonOf(text: string): JsonValue | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The value without its secrets, each of which is added to those that are known. */
function masked(value: JsonValue, secrets: Set<string>, depth: number): JsonValue {
  if (typeof value === "string") return maskedText(value, secrets, true);
  if (depth > deepest) return "…";
  if (isJsonArray(value)) return value.map((item) => masked(item, secrets, depth + 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const shown = maskedText(name, secrets);
      if (!isSecretValue(name, inner)) return [shown, masked(inner, secrets, depth + 1)];
      collect(inner, secrets, depth);
      return [shown, redacted];
    }),
  );
}

/** Everything within what is secret. */
function collect(value: JsonValue, secrets: Set<string>, depth: number): void {
  if (depth > deepest || value === null || typeof value === "boolean") return;
  if (typeof value === "object") {
    for (const inner of Object.values(value)) collect(inner, secrets, depth + 1);
  } else if (String(value).length >= shortestSecret) secrets.add(String(value));
}

/** @param mayBeSaid whether it is a text within a message, which may speak of secrets without saying any */
function maskedText(text: string, secrets: Set<string>, mayBeSaid = false): string {
  const hide = (secret: string): string => {
    if (secret.length >= shortestSecret) secrets.add(secret);
    return redacted;
  };
  let shown = "";
  let at = 0;
  // In order, and none overlapping another: what is hidden already is passed over.
  for (const [from, to] of secretsOfLines(text, mayBeSaid).toSorted(([a], [b]) => a - b)) {
    const start = Math.max(from, at);
    const secret = text.slice(start, to).trim();
    if (secret === "") continue;
    shown += text.slice(at, start) + hide(secret);
    at = to;
  }
  return (shown + text.slice(at))
    .replace(tokens, hide)
    .replace(addresses, (address) => (URL.canParse(address) ? redactUrl(address) : address));
}

/** @param isCut whether a secret may have been cut off at the end */
function without(text: string, secrets: ReadonlySet<string>, isCut = false): string {
  let shown = text;
  // The longest first: one may be a part of another.
  for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) {
    const escaped = JSON.stringify(secret).slice(1, -1);
    for (const form of escaped === secret ? [secret] : [secret, escaped]) {
      shown = shown.replaceAll(form, redacted);
      if (isCut) shown = withoutStart(shown, form);
    }
  }
  return shown;
}

/** The same of what was cut by whoever said it: before an ellipsis a secret may have begun. */
function withoutBegun(text: string, secrets: ReadonlySet<string>): string {
  const parts = text.slice(0, 4 * longest).split("…");
  const last = parts.length - 1;
  return parts.map((part, index) => without(part, secrets, index < last)).join("…");
}

/** Without what may be the beginning of a secret, at its end. */
function withoutStart(text: string, secret: string): string {
  const start = secret.slice(0, shortestSecret);
  let at = text.indexOf(start, Math.max(0, text.length - secret.length));
  for (; at >= 0; at = text.indexOf(start, at + 1)) {
    if (secret.startsWith(text.slice(at))) return text.slice(0, at) + redacted;
  }
  return text;
}

/** The texts within those values that have the name of a secret, numbers among them. */
export function secretTexts(names: Iterable<readonly [string, JsonValue]>): Set<string> {
  const secrets = new Set<string>();
  const look = (name: string, value: JsonValue, depth: number): void => {
    if (depth > deepest) return;
    if (isSecretValue(name, value)) collect(value, secrets, depth);
    else if (isJsonArray(value)) for (const item of value) look("", item, depth + 1);
    else if (isJsonObject(value)) {
      for (const [inner, item] of Object.entries(value)) look(inner, item, depth + 1);
    }
  };
  for (const [name, value] of names) look(name, value, 0);
  return secrets;
}
