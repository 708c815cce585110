/** Owns what a JSON value is here, and when two of them are equal. */

import { WsctlError } from "../base/errors.js";

/** Any value that JSON can hold (RFC 8259). */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. Its keys may come from the other side: read it with `Object.hasOwn`. */
interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Whether the value is an object, and neither an array nor null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the value is an array. Array.isArray does not narrow readonly arrays. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The member of that name, undefined when it has none of its own: prototypes are not looked at. */
export function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/**
 * The value as JSON text.
 * @throws WsctlError WSCTL_EUSAGE when it is nested more deeply than this engine can write, though
 * it could read it
 */
export function jsonText(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", "a value is nested too deeply", { cause });
  }
}

/** Values nested deeper than this count as different, so that the comparison cannot overflow. */
const deepest = 1000;

/** Whether two values are the same JSON: the order of an object's members does not matter. */
export function jsonEquals(left: JsonValue, right: JsonValue, depth = 0): boolean {
  if (left === right) return true;
  if (depth > deepest) return false;
  if (isJsonArray(left)) {
    if (!isJsonArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => jsonEquals(item, right[index]!, depth + 1));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => {
    const other = member(right, key);
    return other !== undefined && jsonEquals(left[key]!, other, depth + 1);
  });
}
