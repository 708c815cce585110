/** Owns how people write messages for a lens: a word or two, and JSON values in a row. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { jsonOf, valueEnd } from "./json-text.js";
import type { LensMessage } from "./lens.js";
import type { Plain } from "./plain.js";

/** The error for what cannot be sent. */
export function misspelt(message: string, example: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", message, { hint: `write it like: ${example}` });
}

/** The text as a text message. */
export function textMessage(text: string): LensMessage {
  return { data: Buffer.from(text, "utf8"), binary: false };
}

/**
 * The value of what has to be JSON.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function wellFormed(text: string, example: string): Plain {
  const value = jsonOf(text);
  if (value === undefined) throw misspelt(`"${safeLine(text, 40)}" is not JSON`, example);
  return value;
}

/**
 * JSON values with white space between them, each as it was written: parsing and printing again
 * would round large numbers.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function valuesIn(text: string, example: string): readonly string[] {
  const values: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const end = valueEnd(text, at);
    const value = text.slice(at, end);
    wellFormed(value, example);
    values.push(value);
    at = end;
  }
  return values;
}
