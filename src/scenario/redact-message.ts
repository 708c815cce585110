/**
 * Owns quoting a message in a report: what came, short, and without what may be a secret. A message is
 * not ours, so that nobody has said what of it is one: names tell, and values that were secret before.
 */
import { safeLine } from "../base/safe-text.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { MessageView } from "../message/view.js";
import { isSecretName, redacted, redactUrl } from "./redact.js";
import { secretsOfLines } from "./secret-lines.js";

/** Of a larger message nothing but its beginning is looked at, in bytes. */
const largest = 16 * 1024;
const longest = 300;
const deepest = 20;

/** Anything shorter would be found within innocent words. */
const shortestSecret = 4;

/** Tokens are told by their looks, whatever they are called. */
const tokens = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(?:bearer|basic)\s+[^\s"',]+/gi;
const addresses = /\b[a-z][a-z+.-]{1,20}:\/\/[^\s"'<>]+/gi;

/**
 * A message and what is said of it, as both may be written down.
 * @param said of the message; it may quote a part of it
 * @param known values that are secret, wherever they stand
 */
export function quoteMessage(said: string, view: MessageView, known: Iterable<string>): string {
  const secrets = new Set<string>();
  for (const secret of known) if (secret.length >= shortestSecret) secrets.add(secret);
  const content = contentOf(view, secrets);
  return safeLine(
    `${without(said, secrets)}; the message: ${without(content, secrets)}`,
    2 * longest,
  );
}

function contentOf(view: MessageView, secrets: Set<string>): string {
  const { bytes, text } = view;
  if (text === undefined) return `${bytes.length} bytes that are no text`;
  if (bytes.length <= largest) {
    const value = jsonOf(text);
    if (value !== undefined) return safeLine(JSON.stringify(masked(value, secrets, 0)), longest);
  }
  return safeLine(maskedText(text.slice(0, largest), secrets), longest);
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
  if (typeof value === "string") return maskedText(value, secrets);
  if (depth > deepest) return "…";
  if (isJsonArray(value)) return value.map((item) => masked(item, secrets, depth + 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (!isSecretName(name)) return [name, masked(inner, secrets, depth + 1)];
      collect(inner, secrets, depth);
      return [name, redacted];
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

function maskedText(text: string, secrets: Set<string>): string {
  const hide = (secret: string): string => {
    if (secret.length >= shortestSecret) secrets.add(secret);
    return redacted;
  };
  let shown = "";
  let at = 0;
  // In order, and none overlapping another: what is hidden already is passed over.
  for (const [from, to] of secretsOfLines(text).toSorted(([a], [b]) => a - b)) {
    if (to <= at) continue;
    const start = Math.max(from, at);
    shown += text.slice(at, start) + hide(text.slice(start, to).trim());
    at = to;
  }
  return (shown + text.slice(at))
    .replace(tokens, hide)
    .replace(addresses, (address) => (URL.canParse(address) ? redactUrl(address) : address));
}

function without(text: string, secrets: ReadonlySet<string>): string {
  let shown = text;
  // The longest first: one may be a part of another.
  for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) {
    shown = shown.replaceAll(secret, redacted);
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) shown = shown.replaceAll(escaped, redacted);
  }
  return shown;
}

/** The texts within those values that have the name of a secret. */
export function* secretTexts(names: Iterable<readonly [string, JsonValue]>): Generator<string> {
  for (const [name, value] of names) {
    if (typeof value === "string") {
      if (isSecretName(name)) yield value;
    } else if (isJsonObject(value)) yield* secretTexts(Object.entries(value));
  }
}
