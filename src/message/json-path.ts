/**
 * Owns JSONPath (RFC 9535) on messages from strangers. json-p3 parses and checks the path; it is
 * evaluated in `json-path-walk.ts`, because json-p3 follows `..` only 50 levels down, runs
 * JavaScript's exponential regexes and cannot be told when to stop.
 */
import { JSONPathEnvironment } from "json-p3";
import { WsctlError, messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { isJsonArray, member } from "./json.js";
import type { JsonValue } from "./json.js";
import { MemberFinder } from "./member-finder.js";
import { compileWalk, singularSteps } from "./json-path-walk.js";

/** Longer paths are not parsed: the parser recurses, and no one writes them by hand. */
const longest = 2048;

/** At most this many selected values are looked at; the rest of the message is not searched. */
export const maxSelected = 10_000;

/** What finds the value of a path that selects at most one. */
export interface SingularPath {
  /** The value; undefined when there is none. */
  readonly first: (root: JsonValue) => JsonValue | undefined;
  /** Finds it in bytes, where the path has nothing but names. */
  readonly finder: MemberFinder | undefined;
}

/** A compiled path. */
interface JsonPath {
  /** As it was written. */
  readonly source: string;
  /** Undefined when it may select several values. */
  readonly singular: SingularPath | undefined;
  /**
   * The values it selects, in the order of RFC 9535, the first {@link maxSelected} of them;
   * undefined when the message is so large that the search was given up.
   */
  select(root: JsonValue): readonly JsonValue[] | undefined;
  /** The first value it selects; undefined when there is none. */
  first(root: JsonValue): JsonValue | undefined;
}

const environment = new JSONPathEnvironment();

/**
 * Compiles a path. Two things of the RFC are refused, because a hostile message could make them
 * costly: `match()` and `search()` with a pattern that is no literal, and an absolute path of many
 * values (`$..x`) within a filter. Regular expressions are RE2's.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function compileJsonPath(source: string): JsonPath {
  if (source.length > longest) throw refuse(source, `longer than ${longest} characters`);
  try {
    const query = environment.compile(source);
    const steps = singularSteps(query);
    if (steps) return singularPath(source, steps);
    const walk = compileWalk(query);
    return {
      source,
      singular: undefined,
      select: (root) => walk(root, maxSelected),
      first: (root) => walk(root, 1)?.[0],
    };
  } catch (error) {
    if (error instanceof WsctlError) throw error;
    const overflow = error instanceof RangeError;
    throw refuse(source, overflow ? "nested too deeply" : messageOf(error), error);
  }
}

function refuse(source: string, why: string, cause?: unknown): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a JSONPath: ${safeLine(why)}`, {
    hint: "write it like $.op, $.items[0].id, $..id or $.items[?@.price > 10]; RFC 9535",
    where: [safeLine(source)],
    cause,
  });
}

/** A path of names and indexes: at most one value, and nothing is allocated to find it. */
function singularPath(source: string, steps: readonly (string | number)[]): JsonPath {
  const first = (root: JsonValue): JsonValue | undefined => {
    let value: JsonValue | undefined = root;
    for (const step of steps) {
      if (typeof step === "string") value = member(value, step);
      else value = isJsonArray(value) ? value.at(step) : undefined;
      if (value === undefined) return undefined;
    }
    return value;
  };
  const names = steps.filter((step) => typeof step === "string");
  const finder = names.length === steps.length ? MemberFinder.for(names) : undefined;
  return {
    source,
    singular: { first, finder },
    first,
    select: (root) => {
      const value = first(root);
      return value === undefined ? [] : [value];
    },
  };
}
