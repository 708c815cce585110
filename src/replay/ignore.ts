/**
 * Owns what of a message is not compared: the places that paths of JSONPath select. A path is cut
 * before its last step: all before it selects what holds the values, which can be told apart by
 * identity, as the values themselves cannot.
 */
import { jsonpath, JSONPathEnvironment } from "json-p3";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import { compileJsonPath } from "../message/json-path.js";
import type { Overlooked } from "./json-diff.js";

/** How many values are looked at to find those below a `..`. */
const mostSteps = 200_000;

/** Adds what one path selects. */
type Selects = (root: JsonValue, found: Found) => void;

const environment = new JSONPathEnvironment();
const S = jsonpath.selectors;

/** The places found in one message. */
class Found implements Overlooked {
  readonly #steps = new Map<JsonValue, Set<string | number>>();
  readonly #all = new Set<JsonValue>();

  add(holder: JsonValue, step: string | number): void {
    const steps = this.#steps.get(holder);
    if (steps) steps.add(step);
    else this.#steps.set(holder, new Set([step]));
  }

  addAll(holder: JsonValue): void {
    this.#all.add(holder);
  }

  has(holder: JsonValue, step: string | number): boolean {
    return this.#all.has(holder) || this.#steps.get(holder)?.has(step) === true;
  }
}

/** Paths whose values are not compared. */
export class IgnoredPaths {
  readonly #selects: readonly Selects[];

  /**
   * @param paths JSONPath (RFC 9535), each
   * @throws WsctlError WSCTL_EUSAGE for what is no path, or selects the whole message
   */
  constructor(paths: readonly string[]) {
    this.#selects = paths.map(compile);
  }

  /** Whether anything is ignored. */
  get any(): boolean {
    return this.#selects.length > 0;
  }

  /** The places in that message; undefined where there is nothing to be ignored in any. */
  in(root: JsonValue): Overlooked | undefined {
    if (this.#selects.length === 0) return undefined;
    const found = new Found();
    for (const select of this.#selects) select(root, found);
    return found;
  }
}

function compile(source: string): Selects {
  // Whatever is wrong with it is said in its words.
  compileJsonPath(source);
  const { segments } = environment.compile(source);
  const last = segments.at(-1);
  if (last === undefined) {
    throw new WsctlError("WSCTL_EUSAGE", `--ignore ${safeLine(source, 60)} ignores all there is`, {
      hint: "name what is not to be compared, such as --ignore '$.ts' or --ignore '$..id'",
    });
  }
  const before = segments.slice(0, -1).map(String).join("");
  const holders = before === "" ? undefined : compileJsonPath(`$${before}`);
  const text = String(last);
  const isDeep = text.startsWith("..");
  const step = stepsOf(isDeep ? `$${text.slice(2)}` : `$${text}`);
  return (root, found) => {
    const tops = holders === undefined ? [root] : (holders.select(root) ?? []);
    for (const top of tops) {
      if (isDeep) for (const holder of holdersIn(top)) step(holder, found);
      else step(top, found);
    }
  };
}

/** Adds what one selector selects of a value that holds others. */
type Picks = (holder: Holder, found: Found) => void;

type Holder = Extract<JsonValue, object>;

/** What the last segment selects of each value that it is applied to. */
function stepsOf(source: string): (holder: JsonValue, found: Found) => void {
  const picks = environment
    .compile(source)
    .segments.flatMap(({ selectors }) => selectors.map(pick));
  return (holder, found) => {
    if (typeof holder !== "object" || holder === null) return;
    for (const each of picks) each(holder, found);
  };
}

type Selector = ReturnType<typeof environment.compile>["segments"][number]["selectors"][number];

function pick(selector: Selector): Picks {
  if (selector instanceof S.WildcardSelector) return (holder, found) => found.addAll(holder);
  if (selector instanceof S.NameSelector)
    return (holder, found) => found.add(holder, selector.name);
  if (selector instanceof S.IndexSelector) {
    const { index } = selector;
    return (holder, found) => {
      if (isJsonArray(holder)) found.add(holder, index < 0 ? holder.length + index : index);
    };
  }
  const path = compileJsonPath(`$[${String(selector)}]`);
  if (selector instanceof S.SliceSelector) {
    return (holder, found) => {
      if (!isJsonArray(holder)) return;
      // Of the array of its indexes, a slice selects the indexes.
      for (const index of path.select([...holder.keys()]) ?? []) found.add(holder, Number(index));
    };
  }
  // A filter: each item is asked for by itself, since equal values do not tell where they stand.
  return (holder, found) => {
    for (const [key, item] of Object.entries(holder)) {
      const isSelected = (path.select([item]) ?? []).length > 0;
      if (isSelected) found.add(holder, isJsonArray(holder) ? Number(key) : key);
    }
  };
}

/** The value and all below it that hold others. */
function holdersIn(top: JsonValue): JsonValue[] {
  const holders: JsonValue[] = [];
  const waiting: JsonValue[] = [top];
  for (let steps = 0; waiting.length > 0 && steps < mostSteps; steps++) {
    const value = waiting.pop()!;
    if (isJsonArray(value)) {
      holders.push(value);
      for (const item of value) if (typeof item === "object" && item !== null) waiting.push(item);
    } else if (isJsonObject(value)) {
      holders.push(value);
      for (const item of Object.values(value)) {
        if (typeof item === "object" && item !== null) waiting.push(item);
      }
    }
  }
  return holders;
}
