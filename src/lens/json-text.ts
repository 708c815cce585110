/** Owns how JSON is read out of messages: within bounds, and without a throw. */
import { isUtf8 } from "node:buffer";
import type { LensMessage } from "./lens.js";
import { type Plain, deepestPlain } from "./plain.js";

/** Bytes; whoever sends more in one message does not mean people to read it. */
export const longestRead = 16 * 1024 * 1024;

/**
 * The payload as text, binary messages included since many servers send JSON in them; undefined
 * when it is not UTF-8 or longer than {@link longestRead}.
 */
export function textOf({ data }: LensMessage): string | undefined {
  return data.length <= longestRead && isUtf8(data) ? data.toString("utf8") : undefined;
}

/** The JSON in the text; undefined when it is none, or nested too deep to be plain data. */
export function jsonOf(text: string): Plain | undefined {
  if (!/^[\s]*[{["\-\dtfn]/.test(text) || isDeep(text)) return undefined;
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return undefined;
  }
}

/**
 * The same JSON on one line, all else as it was written: no string holds a line break that is not
 * escaped, and between values none has a meaning.
 */
export function oneLine(json: string): string {
  return json.trim().replace(/[\r\n]+/g, "");
}

/** Where the string that begins at this quotation mark ends: behind its last one, or at the end. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return text.length;
}

/** Counted on the text, since a value too deep to be looked through is what is to be found out. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = stringEnd(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) depth--;
    if (depth > deepestPlain) return true;
  }
  return false;
}

/** Where the JSON value that begins here ends, if it is one: the end of the text at the latest. */
export function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      at = stringEnd(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      depth--;
      if (depth <= 0) return at + 1;
    } else if (depth === 0 && /\s/.test(char)) return at;
  }
  return text.length;
}
