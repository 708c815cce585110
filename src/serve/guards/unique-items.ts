/**
 * Owns JSON Schema's `uniqueItems` in linear time: ajv compares each item with each other, so that one
 * message of a mebibyte could keep the server busy for minutes.
 */
import type { Ajv } from "ajv";

/** The same text for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function areUnique(items: readonly unknown[]): boolean {
  try {
    return new Set(items.map(canonical)).size === items.length;
  } catch {
    // Nested deeper than the stack is: nobody's data, and nothing that could be compared.
    return false;
  }
}

/** Replaces the keyword in a validator. */
export function withLinearUniqueItems<T extends Ajv>(validator: T): T {
  validator.removeKeyword("uniqueItems");
  validator.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    error: { message: "must NOT have duplicate items" },
    validate: (isWanted: boolean, items: readonly unknown[]) => !isWanted || areUnique(items),
  });
  return validator;
}
