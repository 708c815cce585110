/** Owns how an event becomes a line of JSON that no terminal obeys, and a payload a part of it. */
import { safeText } from "../base/safe-text.js";

/** The value on one line, without its end. */
export function jsonLine(value: unknown): string {
  // JSON leaves C1 and bidi controls as they are; the escapes that make them harmless are JSON's.
  return safeText(JSON.stringify(value).replaceAll("\u007f", "\\u007f"));
}

/** Text as `data`, bytes as `b64`; the other one is left out. */
export function payload(data: Buffer, binary: boolean): { data: string | undefined; b64?: string } {
  return binary
    ? { b64: data.toString("base64"), data: undefined }
    : { data: data.toString("utf8") };
}
