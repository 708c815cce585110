/**
 * Owns finding where in a text of JSON the values stand that paths select. The text is gone over once
 * and needs to be no whole JSON: what is cut off, has something before it, or is one value a line is
 * looked through all the same.
 */
import { jsonpath, JSONPathEnvironment } from "json-p3";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { compileJsonPath } from "../message/json-path.js";
import { afterSpace, afterString, afterValue, nameOf } from "./json-text.js";

/** A part of a text. */
export type Span = readonly [from: number, to: number];

/** Whether a step leads to the member of that name, or the element at that index. */
type Selects = (key: string | number) => boolean;

interface Step {
  /** Whether it leads to all that is below as well: `..`. */
  readonly descends: boolean;
  readonly selects: Selects;
}

/** A path: what leads, step by step, from the whole to what is selected. */
export type Steps = readonly Step[];

/** Each step is a bit of a number. */
const mostSteps = 30;
/** What lies deeper is taken for selected, rather than not looked at. */
const deepest = 10_000;

const environment = new JSONPathEnvironment();
const { NameSelector, IndexSelector, WildcardSelector } = jsonpath.selectors;

/**
 * Reads a path of names, indexes from 0 on, `*` and `..`.
 * @throws WsctlError WSCTL_EUSAGE for what is no JSONPath, or has more to it
 */
export function stepsOf(source: string): Steps {
  // The bounds and the errors are the same as everywhere.
  compileJsonPath(source);
  const { segments } = environment.compile(source);
  if (segments.length > mostSteps) throw refuse(source, `more than ${mostSteps} steps`);
  return segments.map((segment) => {
    const each = segment.selectors.map((selector): Selects => {
      if (selector instanceof WildcardSelector) return () => true;
      if (selector instanceof NameSelector) return (key) => key === selector.name;
      if (selector instanceof IndexSelector && selector.index >= 0) {
        return (key) => key === selector.index;
      }
      throw refuse(source, "filters, slices and indexes from the end select too late");
    });
    const [first] = each;
    return {
      descends: segment.toString().startsWith(".."),
      selects: each.length === 1 && first ? first : (key) => each.some((selects) => selects(key)),
    };
  });
}

function refuse(source: string, why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a path that can be redacted: ${why}`, {
    hint: "write it with names, indexes, * and ..: $.password, $..token, $.users[*].pin",
    where: [safeLine(source)],
  });
}

/** Of each path, the steps that may come next, as bits. */
type Next = readonly number[];

interface Level {
  readonly isObject: boolean;
  readonly next: Next;
  /** Of the element that comes next. */
  index: number;
}

/** The states after a step to this key; undefined when that is what a path selects. */
function follow(paths: readonly Steps[], from: Next, key: string | number): Next | undefined {
  const next: number[] = [];
  for (let path = 0; path < paths.length; path++) {
    const steps = paths[path]!;
    let bits = 0;
    for (let step = 0, rest = from[path]!; rest !== 0; step++, rest >>>= 1) {
      if ((rest & 1) === 0) continue;
      const { descends, selects } = steps[step]!;
      if (descends) bits |= 1 << step;
      if (!selects(key)) continue;
      if (step + 1 === steps.length) return undefined;
      bits |= 1 << (step + 1);
    }
    next.push(bits);
  }
  return next;
}

/** Goes over one text. */
class Walk {
  readonly found: Span[] = [];
  readonly #text: string;
  readonly #paths: readonly Steps[];
  #levels: Level[] = [];
  #at = 0;

  constructor(text: string, paths: readonly Steps[]) {
    this.#text = text;
    this.#paths = paths;
  }

  /**
   * @param skipsQuoted whether brackets in quotes, outside of any JSON, are none
   * @returns whether there were quotes there
   */
  run(skipsQuoted: boolean): boolean {
    const start: Next = this.#paths.map(() => 1);
    const opening = /[[{"]/g;
    // A text that is one string holds no values.
    const begin = afterSpace(this.#text, 0);
    if (this.#text[begin] === '"') this.#at = afterString(this.#text, begin);
    let hasQuotes = false;
    for (;;) {
      opening.lastIndex = this.#at;
      const found = opening.exec(this.#text);
      if (!found) return hasQuotes;
      this.#at = found.index;
      if (found[0] === '"') {
        hasQuotes = true;
        this.#at = skipsQuoted ? afterString(this.#text, this.#at) : this.#at + 1;
        continue;
      }
      this.#open(start);
      while (this.#levels.length > 0 && this.#at < this.#text.length) this.#step();
      this.#levels = [];
    }
  }

  #open(next: Next): void {
    const isObject = this.#text[this.#at] === "{";
    this.#levels.push({ isObject, next, index: 0 });
    this.#at++;
  }

  #step(): void {
    const text = this.#text;
    const at = afterSpace(text, this.#at);
    this.#at = at;
    const char = text[at];
    if (char === undefined) return;
    const level = this.#levels.at(-1)!;
    if (char === "}" || char === "]") {
      this.#levels.pop();
      this.#at++;
    } else if (char === ",") this.#at++;
    else if (!level.isObject) this.#value(level.next, level.index++);
    else if (char !== '"') this.#at++;
    else {
      const after = afterString(text, at);
      const mark = afterSpace(text, after);
      this.#at = after;
      if (text[mark] !== ":") return;
      this.#at = afterSpace(text, mark + 1);
      if (this.#at < text.length) this.#value(level.next, nameOf(text.slice(at, after)));
    }
  }

  #value(from: Next, key: string | number): void {
    const text = this.#text;
    const at = this.#at;
    const next = follow(this.#paths, from, key);
    const isOpening = text[at] === "{" || text[at] === "[";
    if (isOpening && next?.some((bits) => bits !== 0) && this.#levels.length < deepest) {
      this.#open(next);
      return;
    }
    this.#at = afterValue(text, at);
    const isTooDeep = isOpening && this.#levels.length >= deepest;
    if (next === undefined || isTooDeep) this.found.push([at, this.#at]);
  }
}

/** Where the selected values stand, in order; none lies within another. */
export function placesOf(text: string, paths: readonly Steps[]): Span[] {
  // `$` is all of it.
  if (paths.some((steps) => steps.length === 0)) return [[0, text.length]];
  const walk = new Walk(text, paths);
  if (!walk.run(false)) return walk.found;
  // A quote before it may be one of prose, or of what is quoted there: both are tried.
  const other = new Walk(text, paths);
  other.run(true);
  return joined([...walk.found, ...other.found]);
}

/** In order, and none within another. */
function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last === undefined || from >= last[1]) result.push([from, to]);
    else if (to > last[1]) result[result.length - 1] = [last[0], to];
  }
  return result;
}
