/**
 * Owns the values that a client says now where it said others in the recording, and that are carried
 * into what it is answered: the ids of its requests, its name, the text that it sends. They go where
 * they cannot be mistaken: where they are long enough to be no chance, or stand under the same name.
 */
import { jsonText, type JsonValue } from "../message/json.js";
import { Opcode } from "../frame/opcode.js";
import { MessageView } from "../message/view.js";
import { exactView, numberText } from "./exact-number.js";
import { type Leaf, leavesOf } from "./json-leaves.js";
import { isLong, replaceWhole } from "./learned.js";

/** A value that is carried because its place was named. */
interface NamedValue {
  /** The last name of that place, where it has one. */
  readonly key?: string | undefined;
  /** The value of a message; undefined where it has none. */
  read(view: MessageView): JsonValue | undefined;
}

/** Which values are carried. */
export interface CarryOptions {
  /** Whether they are found: whatever of a message differs from what was recorded. */
  readonly detect: boolean;
  readonly named: readonly NamedValue[];
}

/** Larger messages are neither looked at nor changed, in bytes. */
const largest = 1024 ** 2;
/** Of one message, and of one client. */
const mostLeaves = 2000;
const mostValues = 5000;
/** Of each client, so many of its last messages are known as a whole, up to so many bytes. */
const mostWhole = 64;
const largestWhole = 16 * 1024;
/** Of a client's newest values, so many are looked for within texts. */
const mostWithin = 50;
/** So many digits, or characters of a text, are no chance; the quotes count. */
const distinctNumber = 5;
const distinctText = 8;
const withinText = 10;

/** What stands for a recorded value. */
interface Carried {
  /** As JSON writes it. */
  readonly raw: string;
  /** The name under which it was sent. */
  readonly name: string;
  /** Whether it goes wherever the recorded one stands. */
  readonly isNamed: boolean;
}

/** The values of one client. */
export class Carry {
  /** How many values have been put into answers. */
  count = 0;
  readonly #options: CarryOptions;
  /** By the recorded value, as JSON writes it; the newest last. */
  readonly #values = new Map<string, Carried>();
  /** Whole messages by what was recorded. */
  readonly #whole = new Map<string, Buffer>();
  /** Those of `#values` that are looked for within texts, made when they are needed. */
  #within: (readonly [recorded: string, now: string])[] | undefined;

  constructor(options: CarryOptions) {
    this.#options = options;
  }

  /** The client has said this in the place of what was recorded. */
  heard(recorded: Buffer, now: Buffer, binary: boolean): void {
    const { detect, named } = this.#options;
    if (!detect && named.length === 0) return;
    if (recorded.length > largest || now.length > largest) return;
    if (recorded.equals(now)) this.#forget(recorded, binary);
    this.#within = undefined;
    if (named.length > 0) this.#takeNamed(recorded, now, binary);
    if (!detect || recorded.equals(now)) return;
    if (recorded.length <= largestWhole && now.length <= largestWhole) {
      keep(this.#whole, recorded.toString("latin1"), now, mostWhole);
    }
    if (!binary) this.#find(recorded.toString("utf8"), now.toString("utf8"));
  }

  /** The answer as this client is to hear it; the very same buffer where there is nothing to change. */
  carried(payload: Buffer, binary: boolean): Buffer {
    if (this.#values.size === 0 && this.#whole.size === 0) return payload;
    if (payload.length > largest) return payload;
    const whole = this.#wholeFor(payload);
    if (whole) {
      this.count++;
      return whole;
    }
    if (binary || this.#values.size === 0) return payload;
    return this.#rewritten(payload);
  }

  #wholeFor(payload: Buffer): Buffer | undefined {
    if (this.#whole.size === 0 || payload.length > largestWhole) return undefined;
    return this.#whole.get(payload.toString("latin1"));
  }

  /** What was said as it was recorded is answered as it was recorded. */
  #forget(recorded: Buffer, binary: boolean): void {
    if (recorded.length <= largestWhole) this.#whole.delete(recorded.toString("latin1"));
    if (binary || this.#values.size === 0) return;
    for (const { raw, name } of leavesOf(recorded.toString("utf8"), mostLeaves)) {
      if (this.#values.get(raw)?.name === name) this.#values.delete(raw);
    }
  }

  #takeNamed(recorded: Buffer, now: Buffer, binary: boolean): void {
    const opcode = binary ? Opcode.binary : Opcode.text;
    const before = exactView(new MessageView(opcode, recorded));
    const after = exactView(new MessageView(opcode, now));
    for (const each of this.#options.named) {
      const was = rawOf(each.read(before));
      const is = rawOf(each.read(after));
      if (was === undefined || is === undefined) continue;
      const name = each.key === undefined ? "" : JSON.stringify(each.key);
      // A short one is found by chance: it goes where it stands under the same name.
      this.#carry(was, { raw: is, name, isNamed: isLong(was.replace(/^"|"$/g, "")) });
    }
  }

  #find(recorded: string, now: string): void {
    const before = new Map<string, Leaf>();
    for (const leaf of leavesOf(recorded, mostLeaves)) before.set(leaf.path, leaf);
    for (const leaf of leavesOf(now, mostLeaves)) {
      const was = before.get(leaf.path);
      if (!was || isText(was.raw) !== isText(leaf.raw)) continue;
      if (was.raw === leaf.raw) {
        // The same again: what stood for it stands for it no more.
        if (this.#values.get(was.raw)?.name === leaf.name) this.#values.delete(was.raw);
      } else if (!this.#values.get(was.raw)?.isNamed) {
        this.#carry(was.raw, { raw: leaf.raw, name: leaf.name, isNamed: false });
      }
    }
  }

  #carry(recorded: string, carried: Carried): void {
    keep(this.#values, recorded, carried, mostValues);
  }

  #rewritten(payload: Buffer): Buffer {
    const text = payload.toString("utf8");
    let said = "";
    let at = 0;
    for (const leaf of leavesOf(text, mostLeaves)) {
      const raw = this.#standIn(leaf);
      if (raw === undefined) continue;
      said += text.slice(at, leaf.at) + raw;
      at = leaf.at + leaf.raw.length;
      this.count++;
    }
    return at === 0 ? payload : Buffer.from(said + text.slice(at));
  }

  /** What goes in the place of a leaf of an answer; undefined where it stays. */
  #standIn({ raw, name }: Leaf): string | undefined {
    const carried = this.#values.get(raw);
    if (carried && (carried.isNamed || carried.name === name || isDistinct(raw))) {
      return carried.raw;
    }
    if (!isText(raw) || raw.length < withinText) return undefined;
    let changed = raw;
    for (const [was, is] of this.#partsOfTexts()) {
      if (changed.includes(was)) changed = replaceWhole(changed, was, () => is);
    }
    return changed === raw ? undefined : changed;
  }

  #partsOfTexts(): readonly (readonly [string, string])[] {
    this.#within ??= [...this.#values]
      .filter(([was, { raw }]) => isText(was) && isText(raw) && was.length >= withinText)
      .slice(-mostWithin)
      .map(([was, { raw }]) => [was.slice(1, -1), raw.slice(1, -1)] as const)
      // The longest first: one may be a part of another.
      .toSorted(([a], [b]) => b.length - a.length);
    return this.#within;
  }
}

/** Sets what is newest last, and forgets the oldest beyond so many. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}

/** A text or a number as JSON writes it. */
function rawOf(value: JsonValue | undefined): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return numberText(value) ?? jsonText(value);
}

function isText(raw: string): boolean {
  return raw.startsWith('"');
}

function isDistinct(raw: string): boolean {
  return raw.length >= (isText(raw) ? distinctText : distinctNumber);
}
