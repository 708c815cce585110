/**
 * Owns the bounds on what of a file takes long to check: its steps, and its regular expressions.
 * Compiling one of these takes time that grows with what it stands for: `[a-z]{1000}` are ten
 * characters, and a thousand states.
 */
import { formatCount } from "../base/quantity.js";
import type { YamlPath } from "../base/yaml-source.js";
import type { Problem } from "./mistake.js";

/** All of a file's together; a state takes some microseconds, each of the few times it is compiled. */
const mostStates = 30_000;

/** What Unicode calls a letter are hundreds of ranges. */
const statesOfClass = 50;
/** A star is more work than the character before it. */
const statesOfLoop = 4;
/** However short one is. */
const statesAtLeast = 15;

/** What a key of such a map takes; a JSONPath may have patterns in its filters. */
const workOfMatch: ReadonlyMap<string, (text: string) => number> = new Map([
  ["matches", statesOf],
  ["json", statesOfPath],
]);
const workOfIds: ReadonlyMap<string, (text: string) => number> = new Map([
  ["request", statesOfPath],
  ["response", statesOfPath],
]);
const workOfSequence: ReadonlyMap<string, (text: string) => number> = new Map([
  ["sender", statesOfPath],
  ["number", statesOfPath],
  ["of", statesOfPath],
]);

/** Under which keys there are patterns, in a map or in a list of maps. */
const patternsIn: ReadonlyMap<string, ReadonlyMap<string, (text: string) => number>> = new Map([
  ["expect", workOfMatch],
  ["wait", workOfMatch],
  ["capture", workOfMatch],
  ["match", workOfMatch],
  ["while", workOfMatch],
  ["correlate", workOfIds],
  ["sequence", workOfSequence],
]);

/** Beneath these there is data, whatever its names. */
const data: ReadonlySet<string> = new Set([
  "send",
  "json",
  "set",
  "variables",
  "equals",
  "notEquals",
  "contains",
  "headers",
  "cookies",
  "data",
  "thresholds",
]);

/** Checking one takes some tenths of a millisecond, and more when it is wrong. */
const mostItems = 5000;

/** The first step, or item of another list that is no data, that is one too many; aliases count each time. */
export function tooManySteps(document: unknown): Problem | undefined {
  let left = mostItems;
  const look = (value: unknown, path: YamlPath): YamlPath | undefined => {
    if (typeof value !== "object" || value === null) return undefined;
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, isList ? Number(key) : key];
      if (isList && --left < 0) return at;
      // Several messages in turn are checked as steps are.
      const isData = data.has(key) && !(key === "send" && Array.isArray(inner));
      const found = isList || !isData ? look(inner, at) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  const path = look(document, []);
  if (!path) return undefined;
  const message = `with this one the file has more than ${formatCount(mostItems)} steps, stages and other items of lists`;
  return { path, message, hint: "put what is alike into a loop, and data into files of their own" };
}

/** The first pattern of a document that is one too many; aliases count each time. */
export function tooManyPatterns(document: unknown): Problem | undefined {
  let left = mostStates;
  const look = (value: unknown, within: string, path: YamlPath): YamlPath | undefined => {
    if (typeof value !== "object" || value === null) return undefined;
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, isList ? Number(key) : key];
      if (typeof inner === "string") {
        left -= patternsIn.get(within)?.get(key)?.(inner) ?? 0;
        if (left < 0) return at;
      } else if (isList || !data.has(key)) {
        const found = look(inner, isList ? within : key, at);
        if (found) return found;
      }
    }
    return undefined;
  };
  const path = look(document, "", []);
  if (!path) return undefined;
  const message = `with this one the regular expressions of the file are too large: together they stand for more than ${mostStates} characters`;
  return { path, message, hint: "x{1000} counts for a thousand; write x* or x+ in its place" };
}

const longestPath = 2048;

/** The texts within a JSONPath, each of which may be a pattern. */
const quoted = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/gs;

function statesOfPath(path: string): number {
  // Without a filter there is no pattern in it.
  if (!path.includes("?")) return 0;
  // Quotes that are never closed are looked for from each of them on; longer ones are refused anyway.
  const texts = path.slice(0, longestPath).matchAll(quoted);
  return [...texts].reduce((sum, [text]) => sum + statesOf(text), statesAtLeast);
}

const repeat = /\{(\d{1,4})(?:,(\d{0,4}))?\}/y;
const classOfUnicode = /\\[pP](?:\{\w*\}|\w)?/y;
const charactersInBrackets = /\[\^?\]?(?:\\.|[^\]\\])*\]?/sy;

/** About how many states a pattern has; what is no pattern gets some figure as well. */
function statesOf(pattern: string): number {
  const outer: number[] = [];
  let sum = 0;
  let atom = 0;
  let at = 0;
  const take = (shape: RegExp): RegExpExecArray | null => {
    shape.lastIndex = at;
    return shape.exec(pattern);
  };
  while (at < pattern.length) {
    const sign = pattern[at]!;
    const piece =
      sign === "{"
        ? take(repeat)
        : sign === "["
          ? take(charactersInBrackets)
          : sign === "\\"
            ? take(classOfUnicode)
            : null;
    at += piece ? piece[0].length : sign === "\\" ? 2 : 1;
    if (sign === "{" && piece) {
      sum += atom * Math.max(0, Number(piece[1]) - 1, Number(piece[2] ?? 0) - 1);
      continue;
    }
    if (sign === "(") {
      outer.push(sum);
      sum = 0;
      continue;
    }
    if (sign === ")") {
      atom = sum + 2;
      sum = outer.pop() ?? 0;
    } else if (sign === "*" || sign === "+" || sign === "?") atom = statesOfLoop;
    else if (piece && sign === "[") {
      atom = 1 + statesOfClass * (piece[0].split(/\\p/i).length - 1);
    } else atom = piece ? statesOfClass : 1;
    sum += atom;
  }
  return Math.max(
    statesAtLeast,
    outer.reduce((all, each) => all + each, sum),
  );
}
