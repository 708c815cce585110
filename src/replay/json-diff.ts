/**
 * Owns the difference of two JSON values: the places where they are not the same, each with what
 * stands there on either side. Bounded in depth and in work, since both sides may be anybody's.
 */
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";

/** One place where two values differ. */
export interface JsonChange {
  /** Where, as a path of JSONPath: `$.items[0].id`. */
  readonly path: string;
  /** Undefined where the recorded value has nothing there. */
  readonly recorded: JsonValue | undefined;
  /** Undefined where the received value has nothing there. */
  readonly received: JsonValue | undefined;
}

/** Members and items of one value that are not to be compared, by what holds them. */
export interface Overlooked {
  has(holder: JsonValue, step: string | number): boolean;
}

/** What counts as no difference. */
export interface DiffRules {
  /**
   * Asked of two values that are not identical and not both objects or both arrays.
   * @param key the name under which they stand, or the nearest one above; empty without one
   */
  readonly isSame: (recorded: JsonValue, received: JsonValue, key: string) => boolean;
  readonly recorded?: Overlooked | undefined;
  readonly received?: Overlooked | undefined;
}

/** So many differences are told; whoever reads more has stopped long before. */
export const mostChanges = 100;

/** What is nested more deeply is told of as a whole. */
export const deepest = 400;

/** How many values one comparison looks at, on each side: some tens of milliseconds. */
const mostSteps = 1_000_000;

/** Of these, so many to find what is equal at both ends of arrays: each level looks at all below it. */
const mostTrimming = 100_000;

/** Work that may still be done, in values that are looked at. */
export interface Budget {
  steps: number;
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The steps from the root as JSONPath. */
export function pathOf(steps: readonly (string | number)[]): string {
  let path = "$";
  for (const step of steps) {
    if (typeof step === "number") path += `[${step}]`;
    else if (plainName.test(step)) path += `.${step}`;
    else path += `['${step.replace(/[\\']/g, "\\$&")}']`;
  }
  return path;
}

/** Whether there is no place where they differ; false too where the budget does not suffice to tell. */
export function isEqualJson(
  recorded: JsonValue,
  received: JsonValue,
  rules: DiffRules,
  budget: Budget,
): boolean {
  return new Equality(rules, budget).holds(recorded, received, "", 0);
}

/** The places where the two values differ, in the order of the recorded one; none when equal. */
export function diffJson(
  recorded: JsonValue,
  received: JsonValue,
  rules: DiffRules,
): readonly JsonChange[] {
  const diff = new Diff(rules);
  diff.compare(recorded, received);
  return diff.changes;
}

class Diff {
  readonly changes: JsonChange[] = [];
  readonly #rules: DiffRules;
  readonly #path: (string | number)[] = [];
  readonly #trimming: Equality;
  #steps = mostSteps;

  constructor(rules: DiffRules) {
    this.#rules = rules;
    this.#trimming = new Equality(rules, { steps: mostTrimming });
  }

  compare(recorded: JsonValue, received: JsonValue): void {
    if (recorded === received || this.#isFull) return;
    const isDeep = this.#path.length >= deepest;
    if (--this.#steps < 0) this.#change(recorded, received);
    else if (isJsonArray(recorded) && isJsonArray(received) && !isDeep) {
      this.#compareItems(recorded, received);
    } else if (isJsonObject(recorded) && isJsonObject(received) && !isDeep) {
      this.#compareMembers(recorded, received);
    } else if (isDeep && isHolder(recorded) && isHolder(received)) {
      if (!isSameDeep(recorded, received)) this.#change(recorded, received);
    } else if (!this.#rules.isSame(recorded, received, this.#key)) {
      this.#change(recorded, received);
    }
  }

  get #key(): string {
    const name = this.#path.findLast((step) => typeof step === "string");
    return typeof name === "string" ? name : "";
  }

  get #isFull(): boolean {
    return this.changes.length >= mostChanges;
  }

  #change(recorded: JsonValue | undefined, received: JsonValue | undefined): void {
    if (!this.#isFull) this.changes.push({ path: pathOf(this.#path), recorded, received });
  }

  #compareMembers(
    recorded: Readonly<Record<string, JsonValue>>,
    received: Readonly<Record<string, JsonValue>>,
  ): void {
    const overlooked = (key: string): boolean =>
      this.#rules.recorded?.has(recorded, key) === true ||
      this.#rules.received?.has(received, key) === true;
    for (const key of Object.keys(recorded)) {
      if (this.#isFull) return;
      if (overlooked(key)) continue;
      this.#path.push(key);
      if (Object.hasOwn(received, key)) this.compare(recorded[key]!, received[key]!);
      else this.#change(recorded[key], undefined);
      this.#path.pop();
    }
    for (const key of Object.keys(received)) {
      if (this.#isFull) return;
      if (Object.hasOwn(recorded, key) || overlooked(key)) continue;
      this.#path.push(key);
      this.#change(undefined, received[key]);
      this.#path.pop();
    }
  }

  /**
   * Of arrays of different lengths, what is equal at both ends is left out first: an item that was
   * put in or taken out is then one difference, and not one for each item behind it.
   */
  #compareItems(recorded: readonly JsonValue[], received: readonly JsonValue[]): void {
    let [begin, endRecorded, endReceived] = [0, recorded.length, received.length];
    if (endRecorded !== endReceived) {
      const shorter = Math.min(endRecorded, endReceived);
      const [key, depth] = [this.#key, this.#path.length + 1];
      const isEqual = (left: JsonValue, right: JsonValue): boolean =>
        this.#trimming.holds(left, right, key, depth);
      while (begin < shorter && isEqual(recorded[begin]!, received[begin]!)) begin++;
      while (
        Math.min(endRecorded, endReceived) > begin &&
        isEqual(recorded[endRecorded - 1]!, received[endReceived - 1]!)
      ) {
        endRecorded--;
        endReceived--;
      }
    }
    const { recorded: left, received: right } = this.#rules;
    for (let index = begin; index < Math.max(endRecorded, endReceived); index++) {
      if (this.#isFull) return;
      if (left?.has(recorded, index) === true || right?.has(received, index) === true) continue;
      this.#path.push(index);
      if (index >= endRecorded) this.#change(undefined, received[index]);
      else if (index >= endReceived) this.#change(recorded[index], undefined);
      else this.compare(recorded[index]!, received[index]!);
      this.#path.pop();
    }
  }
}

/** Whether two values are equal; ends at the first place where they are not. */
class Equality {
  readonly #rules: DiffRules;
  readonly #budget: Budget;

  constructor(rules: DiffRules, budget: Budget) {
    this.#rules = rules;
    this.#budget = budget;
  }

  holds(recorded: JsonValue, received: JsonValue, key: string, depth: number): boolean {
    if (recorded === received) return true;
    if (--this.#budget.steps < 0) return false;
    if (!isHolder(recorded) || !isHolder(received)) {
      return this.#rules.isSame(recorded, received, key);
    }
    if (depth >= deepest) return isSameDeep(recorded, received);
    if (isJsonArray(recorded)) {
      return isJsonArray(received) && this.#items(recorded, received, key, depth);
    }
    return isJsonObject(recorded) && isJsonObject(received)
      ? this.#members(recorded, received, depth)
      : false;
  }

  #items(
    recorded: readonly JsonValue[],
    received: readonly JsonValue[],
    key: string,
    depth: number,
  ): boolean {
    const longer = Math.max(recorded.length, received.length);
    for (let index = 0; index < longer; index++) {
      if (this.#isOverlooked(recorded, received, index)) continue;
      if (index >= recorded.length || index >= received.length) return false;
      if (!this.holds(recorded[index]!, received[index]!, key, depth + 1)) return false;
    }
    return true;
  }

  #members(recorded: JsonMembers, received: JsonMembers, depth: number): boolean {
    for (const key of Object.keys(recorded)) {
      if (this.#isOverlooked(recorded, received, key)) continue;
      if (!Object.hasOwn(received, key)) return false;
      if (!this.holds(recorded[key]!, received[key]!, key, depth + 1)) return false;
    }
    for (const key of Object.keys(received)) {
      this.#budget.steps--;
      const isMore = !Object.hasOwn(recorded, key);
      if (isMore && !this.#isOverlooked(recorded, received, key)) return false;
    }
    return true;
  }

  #isOverlooked(recorded: JsonValue, received: JsonValue, step: string | number): boolean {
    const { recorded: left, received: right } = this.#rules;
    return left?.has(recorded, step) === true || right?.has(received, step) === true;
  }
}

type JsonMembers = Readonly<Record<string, JsonValue>>;

function isHolder(value: JsonValue): value is Extract<JsonValue, object> {
  return typeof value === "object" && value !== null;
}

/** Whether two values are the same, without recursion. */
function isSameDeep(left: JsonValue, right: JsonValue): boolean {
  const waiting: [JsonValue, JsonValue][] = [[left, right]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [one, other] = pair;
    if (one === other) continue;
    if (!isHolder(one) || !isHolder(other)) return false;
    if (isJsonArray(one) !== isJsonArray(other)) return false;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(other, key)) return false;
      waiting.push([itemOf(one, key), itemOf(other, key)]);
    }
  }
  return true;
}

function itemOf(holder: JsonValue, key: string): JsonValue {
  return (holder as Readonly<Record<string, JsonValue>>)[key]!;
}
