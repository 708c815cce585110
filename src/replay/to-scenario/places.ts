/** Owns the places of single values in JSON: listing them, writing them as JSONPath, replacing them. */
import { isJsonArray, isJsonObject, type JsonValue } from "../../message/json.js";

/** The steps from the root to a value. */
export type Steps = readonly (string | number)[];

/** A text or a number, and where it stands. */
export interface PlacedValue {
  readonly steps: Steps;
  readonly value: string | number;
}

const deepest = 100;

/** The texts and numbers within a value, the first so many. */
export function valuesIn(root: JsonValue | undefined, most: number): PlacedValue[] {
  const found: PlacedValue[] = [];
  const walk = (value: JsonValue, steps: Steps): void => {
    if (found.length >= most || steps.length > deepest) return;
    if (typeof value === "string" || typeof value === "number") found.push({ steps, value });
    else if (isJsonArray(value)) value.forEach((item, index) => walk(item, [...steps, index]));
    else if (isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) walk(item, [...steps, key]);
    }
  };
  if (root !== undefined) walk(root, []);
  return found;
}

/** The same for the same place. */
export function placeKey(steps: Steps): string {
  return JSON.stringify(steps);
}

/** The place as JSONPath (RFC 9535). */
export function pathOf(steps: Steps): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    return /^[A-Za-z_]\w*$/.test(step) ? `${path}.${step}` : `${path}[${JSON.stringify(step)}]`;
  }, "$");
}

/** The name of the nearest member; empty where there is none. */
export function nameOf(steps: Steps): string {
  return steps.findLast((step) => typeof step === "string") ?? "";
}

/** The value at the place; undefined where there is none. */
export function valueAt(root: JsonValue | undefined, steps: Steps): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const step of steps) {
    if (typeof step === "number") value = isJsonArray(value) ? value[step] : undefined;
    else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** The value with every text and number in it replaced by what `replace` gives. */
export function replaced(
  root: JsonValue,
  replace: (value: string | number, steps: Steps) => JsonValue,
): JsonValue {
  const walk = (value: JsonValue, steps: Steps): JsonValue => {
    if (typeof value === "string" || typeof value === "number") return replace(value, steps);
    if (isJsonArray(value)) return value.map((item, index) => walk(item, [...steps, index]));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, [...steps, key])]),
    );
  };
  return walk(root, []);
}

/** How deeply the value is nested, up to one more than can be written. */
export function isTooDeep(root: JsonValue, depth = 0): boolean {
  if (depth > deepest - 10) return true;
  if (isJsonArray(root)) return root.some((item) => isTooDeep(item, depth + 1));
  return isJsonObject(root) && Object.values(root).some((item) => isTooDeep(item, depth + 1));
}
