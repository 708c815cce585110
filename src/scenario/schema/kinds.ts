/**
 * Owns the kinds of values that the keys of a scenario take: how each is written, with an example
 * for editors and for those who got it wrong.
 */
import { z } from "zod";
import { WsctlError } from "../../base/errors.js";
import {
  formatCount,
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from "../../base/quantity.js";
import type { JsonValue } from "../../message/json.js";
import { compileJsonPath } from "../../message/json-path.js";
import { requireName } from "../../message/name.js";
import { compileRegex } from "../../message/regex.js";
import { perSecond } from "../compile/limits.js";
import { parseBytes } from "./binary.js";
import { parseShare } from "./share.js";
import { parseSpan } from "./span.js";

/** What a person may write for a quantity: text, or a bare number where the unit allows it. */
const written = z.union([z.string(), z.number()]);

/** The smallest and the largest that makes sense. */
interface Limits {
  readonly from?: number;
  readonly to?: number;
}

/** Turns what a parser throws into an issue of the schema, its hint included. */
export function checkedBy<T>(
  read: (value: T) => unknown,
): (value: T, context: z.RefinementCtx) => void {
  return (value, context) => {
    const { stackTraceLimit } = Error;
    // A file may have thousands of mistakes, and where in the code each was found is told to nobody.
    Error.stackTraceLimit = 0;
    try {
      read(value);
    } catch (error) {
      if (error instanceof WsctlError) {
        const { message, hint } = error;
        context.addIssue({ code: "custom", message, params: { hint } });
        return;
      }
      // That is a bug: once more, so that it tells where.
      Error.stackTraceLimit = stackTraceLimit;
      read(value);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

function quantity(
  title: string,
  examples: readonly (string | number)[],
  parse: (source: string) => number,
  show: (value: number) => string,
) {
  return (description: string, { from = 0, to = Number.MAX_SAFE_INTEGER }: Limits = {}) =>
    written
      .superRefine(
        checkedBy((value) => {
          const amount = parse(String(value));
          if (amount >= from && amount <= to) return;
          const limits =
            to === Number.MAX_SAFE_INTEGER
              ? `at least ${show(from)}`
              : `from ${show(from)} to ${show(to)}`;
          const shown = amount === 0 ? String(value) : show(amount);
          throw new WsctlError("WSCTL_EUSAGE", `${shown} is not in range`, {
            hint: `it must be ${limits}`,
          });
        }),
      )
      .meta({ title, description, examples: [...examples] });
}

/** A whole number: `100`, `10k`. */
export const count = quantity("a count such as 100 or 10k", [100], parseCount, formatCount);

/** A length of time: `250ms`, `30s`. */
export const duration = quantity(
  "a duration such as 250ms, 30s or 1m30s",
  ["30s"],
  parseDuration,
  formatDuration,
);

/** Events per second: `50/s`, `30/m`, or a bare number. */
export const rate = quantity("a rate such as 2/s or 30/m", ["2/s"], parseRate, perSecond);

/** Bytes: `512`, `64KiB`. */
export const size = quantity("a size such as 512, 64KiB or 1MB", ["64KiB"], parseSize, formatSize);

/** Bytes per second: `1KB/s`. */
export const byteRate = quantity(
  "bytes per second such as 1KB/s",
  ["1KB/s"],
  parseByteRate,
  (value) => `${formatSize(value)}/s`,
);

/** Bytes per second, with `/s` or without. @throws WsctlError WSCTL_EUSAGE */
export function parseByteRate(source: string): number {
  return parseSize(source.replace(/\/s$/, ""));
}

/** A share of the whole: `10%`, or 0 to 1. */
export const share = quantity(
  "a share such as 10%",
  ["10%"],
  parseShare,
  (value) => `${formatCount(value * 100)}%`,
);

/** A weight beside others: any number that is not negative. */
export function weight(description: string) {
  return z
    .number()
    .min(0)
    .max(1_000_000)
    .meta({ title: "a number such as 1 or 9", description, examples: [1] });
}

/** A whole number that is no quantity, such as a code. */
export function integer(description: string, from: number, to: number, example: number) {
  return z
    .int()
    .min(from)
    .max(to)
    .meta({
      title: `a whole number from ${from} to ${to}`,
      description,
      examples: [example],
    });
}

/** A time, or a span to draw one from: `1s-3s`. */
export function span(description: string, { from = 0, to = Number.MAX_SAFE_INTEGER }: Limits = {}) {
  return written
    .superRefine(
      checkedBy((value) => {
        const [low, high] = parseSpan(String(value));
        if (low >= from && high <= to) return;
        throw new WsctlError("WSCTL_EUSAGE", `${String(value)} is not in range`, {
          hint: `it must be from ${formatDuration(from)} to ${formatDuration(to)}`,
        });
      }),
    )
    .meta({
      title: "a time such as 2s, or a span such as 1s-3s",
      description,
      examples: ["1s-3s"],
    });
}

/** Text. Where it is a template, that is held against the names in reach later on. */
export function text(description: string, example: string) {
  return z.string().meta({ title: "text", description, examples: [example] });
}

/** Text with something in it. */
export function filled(description: string, example: string) {
  return z
    .string()
    .min(1)
    .meta({ title: "text", description, examples: [example] });
}

/** True or false. */
export function truth(description: string) {
  return z.boolean().meta({ title: "true or false", description, examples: [true] });
}

/** One of some words. */
export function choice<const Words extends readonly [string, ...string[]]>(
  description: string,
  words: Words,
) {
  return z.enum(words).meta({ title: `one of ${words.join(", ")}`, description });
}

/** A variable's name. */
export function name(description: string, example: string) {
  return z
    .string()
    .superRefine(checkedBy(requireName))
    .meta({ title: "a name", description, examples: [example] });
}

/** A JSONPath. */
export function jsonPath(description: string) {
  return z
    .string()
    .superRefine(checkedBy(compileJsonPath))
    .meta({ title: "a JSONPath such as $.id", description, examples: ["$.id"] });
}

/** A regular expression. */
export function regex(description: string) {
  return z
    .string()
    .superRefine(checkedBy((source: string) => compileRegex(source)))
    .meta({ title: "a regular expression such as ^done", description, examples: ["^done"] });
}

/** Bytes, or the file that holds them. */
export function bytes(description: string) {
  return z
    .string()
    .superRefine(checkedBy(parseBytes))
    .meta({ title: "bytes such as hex:0001ff", description, examples: ["hex:0001ff"] });
}

/** Any value of JSON. */
export function json(description: string): z.ZodType<JsonValue, JsonValue> {
  return z.unknown().meta({ title: "any JSON", description }) as unknown as z.ZodType<
    JsonValue,
    JsonValue
  >;
}

/** More members than this are data, which belongs into files of its own. */
export const mostMembers = 1000;

/** A map by names of whatever sort, with {@link mostMembers} at most. */
export function byName<Key extends z.ZodType<string, string>, Item extends z.ZodType>(
  key: Key,
  item: Item,
) {
  return z.record(key, item).refine((map) => Object.keys(map).length <= mostMembers, {
    error: `there are more than ${mostMembers}`,
    params: { hint: "put data into files of their own" },
  });
}

/** One of them, or a list with one at least. */
export function oneOrMore<Item extends z.ZodType>(item: Item, title: string, description: string) {
  return z.union([item, z.array(item).min(1).max(mostMembers)]).meta({ title, description });
}

/**
 * A check of a whole map that is made even when some of its keys are wrong in themselves; it may
 * trust nothing of it.
 */
export function wholeCheck(
  check: (value: Readonly<Record<string, unknown>>) => WholeProblem | undefined,
) {
  return z.superRefine<unknown>(
    (value, context) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return;
      const problem = check(value as Readonly<Record<string, unknown>>);
      if (!problem) return;
      const { message, hint, path = [], isDerived = false } = problem;
      context.addIssue({
        code: "custom",
        message,
        path: [...path],
        params: { hint, isWhole: true, isDerived },
      });
    },
    { when: () => true },
  );
}

/** What is wrong with a map as a whole. */
export interface WholeProblem {
  /** A sentence of its own. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** Whether something is missing, so that a mistyped key may be all there is to it. */
  readonly isDerived?: boolean;
  /** Within the map. */
  readonly path?: readonly (string | number)[];
}
