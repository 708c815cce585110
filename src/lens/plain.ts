/** Owns plain data: what a lens makes of a message, and how it is looked into. */

/** Any value that JSON can hold (RFC 8259). */
export type Plain = string | number | boolean | null | readonly Plain[] | PlainObject;

/** An object; its keys may come from the other side. */
export interface PlainObject {
  readonly [key: string]: Plain;
}

/** Nothing deeper is taken for plain data, so that whoever prints or compares it may recurse. */
export const deepestPlain = 500;

/** Whether the value is an array. Array.isArray does not narrow readonly arrays. */
export function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}

/** Whether the value is an object, and neither an array nor null. */
export function isPlainObject(value: Plain | undefined): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of that name, undefined when it has none of its own: prototypes are not looked at. */
export function member(value: Plain | undefined, name: string): Plain | undefined {
  return isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** How bytes stand in plain data, and in what people write: `{"$binary":"AQID"}`. */
export function plainBytes(bytes: Uint8Array): PlainObject {
  return {
    $binary: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  };
}

const namedMembers = 5;

/** The value in a few words, as text of the other side: `{id, name, …}`, `5 items`, `"hello"`. */
export function outline(value: Plain): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  if (isList(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  if (!isPlainObject(value)) return String(value);
  const names = Object.keys(value);
  const shown = names.slice(0, namedMembers).map((name) => name.slice(0, 40));
  return `{${[...shown, ...(names.length > namedMembers ? ["…"] : [])].join(", ")}}`;
}
