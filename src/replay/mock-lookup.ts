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
import type { IgnoredPaths } from "./ignore.js";
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
    const key = keyOf(step, this.#ignored);
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
    const positions = this.#byKey.get(keyOf(wanted, this.#ignored));
    if (positions) return positions[firstAbove(positions, after)] ?? positions[0];
    if (this.#masked.length === 0) return undefined;
    const value = jsonOf(wanted);
    if (value === undefined) return undefined;
    const alike = this.#masked.filter(
      (each) => each.binary === wanted.binary && isAlike(each.value, value, 0),
    );
    return (alike.find(({ at }) => at > after) ?? alike[0])?.at;
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
  return new MessageView(binary ? Opcode.binary : Opcode.text, payload).json;
}

/** The same for messages that are equal, and for no others. */
function keyOf(message: Wanted, ignored: IgnoredPaths): string {
  const hash = createHash("sha256").update(message.binary ? "b" : "t");
  const value = jsonOf(message);
  const isOverlooked = ignored.in(value ?? null);
  let canonical: string | undefined;
  if (typeof value === "object" && value !== null) {
    canonical = written(value, (holder, step) => isOverlooked?.has(holder, step) === true, 0);
  }
  if (canonical === undefined) hash.update("=").update(message.payload);
  else hash.update("{").update(canonical);
  return hash.digest("base64");
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

/** Whether the value could be the recorded one before something of that was redacted. */
function isAlike(recorded: JsonValue, value: JsonValue, depth: number): boolean {
  if (typeof recorded === "string" && recorded.includes(redacted)) {
    return typeof value !== "object" || value === null;
  }
  if (depth > deepest) return false;
  if (isJsonArray(recorded)) {
    if (!isJsonArray(value) || recorded.length !== value.length) return false;
    return recorded.every((item, index) => isAlike(item, value[index]!, depth + 1));
  }
  if (!isJsonObject(recorded)) return recorded === value;
  if (!isJsonObject(value)) return false;
  const keys = Object.keys(recorded);
  if (keys.length !== Object.keys(value).length) return false;
  return keys.every(
    (key) => Object.hasOwn(value, key) && isAlike(recorded[key]!, value[key]!, depth + 1),
  );
}
