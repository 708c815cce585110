/**
 * Owns finding the message of a recording that equals what a client says: structurally where it is
 * JSON, without the places that are ignored; byte for byte where it is not.
 */
import { createHash } from "node:crypto";
import { WsctlError } from "../base/errors.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import { Opcode } from "../frame/opcode.js";
import { MessageView } from "../message/view.js";
import { redacted } from "../base/secret-name.js";
import { exactView } from "./exact-number.js";
import type { IgnoredPaths } from "./ignore.js";
import type { Overlooked } from "./json-diff.js";
import type { HeardStep } from "./mock-step.js";

/** A message as it is looked for. */
export interface Wanted {
  readonly binary: boolean;
  readonly payload: Buffer;
}

/** A message of which something was redacted, and may have been anything. */
interface Masked {
  readonly value: JsonValue;
  readonly binary: boolean;
  readonly at: number;
}

/** A message that is looked for, prepared once for all recordings. */
interface Prepared {
  readonly ignored: IgnoredPaths;
  readonly key: string;
  readonly value: JsonValue | undefined;
  readonly overlooked: Overlooked | undefined;
}

/** Kept of one recorded message each; beyond this the index would not fit into memory. */
const mostKept = 500_000;
const mostMasked = 1000;
/** Values nested deeper are compared as bytes. */
const deepest = 200;

/** The messages of one client in a recording. */
export class MockLookup {
  readonly #ignored: IgnoredPaths;
  /** Positions in rising order, by what the message comes to. */
  #byKey = new Map<string, number[]>();
  readonly #masked: Masked[] = [];
  #kept = 0;
  /** Where the messages begin in the file, until it is known that memory holds them. */
  #offsets: number[] | undefined = [];
  /** Of messages that are looked for. */
  static readonly #prepared = new WeakMap<Wanted, Prepared>();

  constructor(ignored: IgnoredPaths) {
    this.#ignored = ignored;
  }

  /**
   * Adds a message; in the order of the recording.
   * @param at its position, as `steps` of the take understands it
   * @param offset where it begins in the file
   * @throws WsctlError WSCTL_EUSAGE when there are too many
   */
  add(step: HeardStep, at: number, offset: number): void {
    if (++this.#kept > mostKept) {
      throw new WsctlError("WSCTL_EUSAGE", `--match looks among ${mostKept} messages at most`, {
        hint: "leave --match out: answers then follow the count of messages",
      });
    }
    this.#offsets?.push(offset);
    if (step.redacted && this.#masked.length < mostMasked) {
      const value = jsonOf(step);
      if (value !== undefined) this.#masked.push({ value, binary: step.binary, at });
    }
    const { key } = prepared(step, this.#ignored);
    const known = this.#byKey.get(key);
    if (known) known.push(at);
    else this.#byKey.set(key, [at]);
  }

  /** The steps are not kept in memory: from now on positions are those in the file. */
  leaveMemory(): void {
    const offsets = this.#offsets;
    if (!offsets) return;
    this.#offsets = undefined;
    const all = [...this.#byKey.values()].flat().toSorted((a, b) => a - b);
    const inFile = new Map(all.map((at, index) => [at, offsets[index]!]));
    for (const positions of this.#byKey.values()) {
      for (const [index, at] of positions.entries()) positions[index] = inFile.get(at) ?? at;
    }
    for (const [index, each] of this.#masked.entries()) {
      this.#masked[index] = { ...each, at: inFile.get(each.at) ?? each.at };
    }
  }

  /**
   * Where such a message stands: the first behind `after`, or else the first of all; undefined where
   * there is none.
   */
  find(wanted: Wanted, after: number): number | undefined {
    const looked = MockLookup.#prepare(wanted, this.#ignored);
    const { key, value, overlooked } = looked;
    const positions = this.#byKey.get(key);
    if (positions) return positions[firstAbove(positions, after)] ?? positions[0];
    if (this.#masked.length === 0 || value === undefined) return undefined;
    const alike = this.#masked.filter((each) => {
      if (each.binary !== wanted.binary) return false;
      const recorded = this.#ignored.in(each.value);
      return isAlike(each.value, value, { recorded, received: overlooked }, 0);
    });
    return (alike.find(({ at }) => at > after) ?? alike[0])?.at;
  }

  static #prepare(wanted: Wanted, ignored: IgnoredPaths): Prepared {
    const known = this.#prepared.get(wanted);
    if (known?.ignored === ignored) return known;
    const now = prepared(wanted, ignored);
    this.#prepared.set(wanted, now);
    return now;
  }
}

/** The index of the first that is greater, or the length. */
function firstAbove(positions: readonly number[], after: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

function jsonOf({ binary, payload }: Wanted): JsonValue | undefined {
  return exactView(new MessageView(binary ? Opcode.binary : Opcode.text, payload)).json;
}

/** What is looked for; the key is the same for messages that are equal, and for no others. */
function prepared(message: Wanted, ignored: IgnoredPaths): Prepared {
  const hash = createHash("sha256").update(message.binary ? "b" : "t");
  const value = jsonOf(message);
  const overlooked = ignored.in(value ?? null);
  let canonical: string | undefined;
  if (typeof value === "object" && value !== null) {
    canonical = written(value, (holder, step) => overlooked?.has(holder, step) === true, 0);
  }
  if (canonical === undefined) hash.update("=").update(message.payload);
  else hash.update("{").update(canonical);
  return { ignored, key: hash.digest("base64"), value, overlooked };
}

/** The value as JSON with its members in order; undefined where it is nested too deeply. */
function written(
  value: JsonValue,
  isIgnored: (holder: JsonValue, step: string | number) => boolean,
  depth: number,
): string | undefined {
  if (depth > deepest) return undefined;
  if (isJsonArray(value)) {
    const items = value.map((item, index) =>
      isIgnored(value, index) ? "_" : written(item, isIgnored, depth + 1),
    );
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
  }
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    if (isIgnored(value, key)) continue;
    const text = written(value[key]!, isIgnored, depth + 1);
    if (text === undefined) return undefined;
    members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(",")}}`;
}

/** What of either message is not compared. */
interface Sides {
  readonly recorded: Overlooked | undefined;
  readonly received: Overlooked | undefined;
}

/** Whether the value could be the recorded one before something of that was redacted. */
function isAlike(recorded: JsonValue, value: JsonValue, sides: Sides, depth: number): boolean {
  if (typeof recorded === "string" && recorded.includes(redacted)) return true;
  if (depth > deepest) return false;
  const isIgnored = (step: string | number): boolean =>
    sides.recorded?.has(recorded, step) === true || sides.received?.has(value, step) === true;
  if (isJsonArray(recorded)) {
    if (!isJsonArray(value) || recorded.length !== value.length) return false;
    return recorded.every(
      (item, index) => isIgnored(index) || isAlike(item, value[index]!, sides, depth + 1),
    );
  }
  if (!isJsonObject(recorded)) return recorded === value;
  if (!isJsonObject(value)) return false;
  const isIn = (key: string): boolean => Object.hasOwn(recorded, key) || isIgnored(key);
  if (!Object.keys(value).every(isIn)) return false;
  return Object.keys(recorded).every((key) => {
    if (isIgnored(key)) return true;
    return Object.hasOwn(value, key) && isAlike(recorded[key]!, value[key]!, sides, depth + 1);
  });
}
