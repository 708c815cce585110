/** Owns how an event becomes a line of JSON that no terminal obeys, and a payload a part of it. */
import { toMicroseconds } from "../base/microseconds.js";
import { safeText } from "../base/safe-text.js";

/** Times are told to the microsecond: what is behind that is an accident of binary fractions. */
function rounded(_name: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? toMicroseconds(value) : value;
}

/** The value on one line, without its end; numbers have three digits behind the point at most. */
export function jsonLine(value: unknown): string {
  // JSON leaves C1 and bidi controls as they are; the escapes that make them harmless are JSON's.
  return safeText(JSON.stringify(value, rounded).replaceAll("\u007f", "\\u007f"));
}

/** Text as `data`, bytes as `b64`; the other one is left out. */
export function payload(data: Buffer, binary: boolean): { data: string | undefined; b64?: string } {
  return binary
    ? { b64: data.toString("base64"), data: undefined }
    : { data: data.toString("utf8") };
}
