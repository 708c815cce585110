/** Owns how plain data of a foreign file is looked at: whatever it claims to be, it may be something else. */

/** An object of which nothing is known. */
export type Foreign = Readonly<Record<string, unknown>>;

/** The value, if it is an object and no array. */
export function objectOf(value: unknown): Foreign | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Foreign)
    : undefined;
}

/** The items of an array, or none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value, if it is a string. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value, if it is a finite number. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
