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
  /** Asked of two values that are not identical and not both objects or both arrays. */
  readonly isSame: (recorded: JsonValue, received: JsonValue) => boolean;
  readonly recorded?: Overlooked | undefined;
  readonly received?: Overlooked | undefined;
}

/** So many differences are told; whoever reads more has stopped long before. */
export const mostChanges = 100;

/** What is nested more deeply is told of as a whole. */
export const deepest = 400;

/** How many values one comparison looks at, on each side: some tens of milliseconds. */
const mostSteps = 1_000_000;

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
  #steps = mostSteps;

  constructor(rules: DiffRules) {
    this.#rules = rules;
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
    } else if (!this.#rules.isSame(recorded, received)) this.#change(recorded, received);
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
      while (begin < shorter && this.#isEqual(recorded[begin]!, received[begin]!)) begin++;
      while (
        Math.min(endRecorded, endReceived) > begin &&
        this.#isEqual(recorded[endRecorded - 1]!, received[endReceived - 1]!)
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

  /** Whether there is no difference at all between two items; costs of the same budget. */
  #isEqual(recorded: JsonValue, received: JsonValue): boolean {
    if (recorded === received) return true;
    const before = this.changes.length;
    this.compare(recorded, received);
    const isEqual = this.changes.length === before;
    this.changes.length = before;
    return isEqual;
  }
}

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
