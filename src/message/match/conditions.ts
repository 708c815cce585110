/**
 * Owns what can be said of a value that a JSONPath selected: one line for each condition. A
 * matcher holds when one of the selected values meets all of its conditions.
 */
import { isJsonArray, isJsonObject, jsonEquals, member } from "../json.js";
import type { JsonValue } from "../json.js";
import { compileRegex } from "../regex.js";
import { kindOf, refuse, requireString, show } from "./check.js";

/** A compiled condition. */
export interface Condition {
  test(value: JsonValue): boolean;
  /** What is asked for, to follow "is not": `more than 5`. */
  readonly asked: string;
}

interface ConditionKind {
  /** For the manual and for error messages. */
  readonly what: string;
  compile(key: string, wanted: JsonValue): Condition;
}

function compared(
  what: string,
  words: string,
  holds: (value: number, limit: number) => boolean,
): ConditionKind {
  return {
    what,
    compile: (key, limit) => {
      if (typeof limit !== "number" || !Number.isFinite(limit)) {
        throw refuse(key, `expected a number, got ${kindOf(limit)}`, `write it like ${key}: 5`);
      }
      return {
        test: (value) => typeof value === "number" && holds(value, limit),
        asked: `${words} ${limit}`,
      };
    },
  };
}

/**
 * Text contains text; a list contains an equal item; an object contains another one when it has
 * every member of it, with an equal value.
 */
function contains(value: JsonValue, wanted: JsonValue): boolean {
  if (typeof value === "string") {
    const text = typeof wanted === "number" ? String(wanted) : wanted;
    return typeof text === "string" && value.includes(text);
  }
  if (isJsonArray(value)) return value.some((item) => jsonEquals(item, wanted));
  if (!isJsonObject(value) || !isJsonObject(wanted)) return false;
  return Object.entries(wanted).every(([key, expected]) => {
    const actual = member(value, key);
    return actual !== undefined && jsonEquals(actual, expected);
  });
}

/** The conditions on a JSON value, by key. */
export const conditionKinds: ReadonlyMap<string, ConditionKind> = new Map<string, ConditionKind>([
  [
    "equals",
    {
      what: "the same JSON value; the order of members does not matter",
      compile: (_key, wanted) => ({
        test: (value) => jsonEquals(value, wanted),
        asked: show(wanted),
      }),
    },
  ],
  [
    "contains",
    {
      what: "text within text, an item of a list, or members of an object",
      compile: (_key, wanted) => ({
        test: (value) => contains(value, wanted),
        asked: `something that contains ${show(wanted)}`,
      }),
    },
  ],
  [
    "matches",
    {
      what: "a regular expression found in text, or in a number as JSON writes it",
      compile: (key, wanted) => {
        const source = requireString(key, wanted, "^order-[0-9]+$");
        const regex = compileRegex(source);
        return {
          test: (value) =>
            typeof value === "string"
              ? regex.test(value)
              : typeof value === "number" && regex.test(String(value)),
          asked: `a match of ${show(source)}`,
        };
      },
    },
  ],
  ["gt", compared("a number greater than this", "more than", (value, limit) => value > limit)],
  ["gte", compared("a number not less than this", "at least", (value, limit) => value >= limit)],
  ["lt", compared("a number less than this", "less than", (value, limit) => value < limit)],
  ["lte", compared("a number not greater than this", "at most", (value, limit) => value <= limit)],
]);
