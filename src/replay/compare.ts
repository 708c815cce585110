/**
 * Owns what two messages, one recorded and one received, differ in: opcode, JSON by its structure, text
 * and bytes as they are; and what is learned of two that belong together.
 */
import { hash } from "node:crypto";
import { Opcode } from "../frame/opcode.js";
import type { JsonValue } from "../message/json.js";
import { capturedFrom, type ReplayCapture } from "./captures.js";
import type { Carrying } from "./carrying.js";
import { type Heard, opcodeName } from "./heard.js";
import type { IgnoredPaths } from "./ignore.js";
import {
  type Budget,
  deepest,
  diffJson,
  type DiffRules,
  isEqualJson,
  type JsonChange,
  type Overlooked,
} from "./json-diff.js";
import type { CapturedPair, LeafRules, OnCarried, Pairing } from "./leaf-rules.js";
import { isStructured, type Learned, textForm } from "./learned.js";
import { type Quotes, shownBytes } from "./quotes.js";

/** What is compared, and how. */
export interface ComparerParts {
  readonly ignore: IgnoredPaths;
  readonly leaves: LeafRules;
  readonly captures: readonly ReplayCapture[];
  readonly learned: Learned;
  readonly carrying: Carrying;
  readonly quotes: Quotes;
}

const none: readonly CapturedPair[] = [];

const star = 0x2a;

/** So many characters of a text, or bytes in hex, are told of a difference. */
const mostShown = 1000;

/** Compares the messages of one replay. */
export class Comparer {
  readonly #parts: ComparerParts;

  constructor(parts: ComparerParts) {
    this.#parts = parts;
  }

  /** Whether there is anything to learn: values that are captured or were detected. */
  get carries(): boolean {
    return this.#parts.captures.length > 0 || this.#parts.leaves.carries;
  }

  /** Another number whenever something was learned, so that what differed may be the same now. */
  get revision(): number {
    return this.#parts.learned.revision;
  }

  /** Whether that message may be the same as others whose digests are not its own. */
  isLenient(recorded: Heard): boolean {
    return recorded.isRedacted || this.carries || this.#parts.ignore.any;
  }

  /** Where they differ; nothing when they count as the same. */
  changes(recorded: Heard, received: Heard): readonly JsonChange[] {
    return this.#compare(recorded, received, undefined);
  }

  /** Whether they count as the same; false too where the budget does not suffice to tell. */
  isSame(recorded: Heard, received: Heard, budget: Budget): boolean {
    const { exact: was } = recorded;
    const { exact: now } = received;
    if (was.opcode !== now.opcode) return false;
    if (!isStructured(was) || !isStructured(now)) {
      return this.#compare(recorded, received, undefined).length === 0;
    }
    if (was.bytes.equals(now.bytes)) return true;
    if (recorded.isRedacted && fitsAroundStars(was, now.bytes)) return true;
    const rules = this.#rules(recorded, received, this.#pairing(recorded, received, undefined));
    return isEqualJson(was.json!, now.json!, rules, budget);
  }

  /** Two messages were found to belong together: what was captured or detected is this from now on. */
  learn(recorded: Heard, received: Heard): void {
    if (!this.carries) return;
    const { captures, leaves, learned, carrying } = this.#parts;
    carrying.came(recorded.number);
    for (const capture of captures) {
      const was = capturedFrom(capture, recorded);
      const now = was === undefined ? undefined : capturedFrom(capture, received);
      if (was === undefined || now === undefined) continue;
      carrying.found(capture.name);
      learned.learn(was.value, now.value, { capture, key: was.key });
    }
    if (!leaves.carries) return;
    this.#compare(recorded, received, (was, now) => learned.learn(was, now));
  }

  /** The same for messages that count as equal, as far as that can be told of one alone. */
  digestOf(heard: Heard, isRecorded: boolean): string {
    if (heard.digest === undefined) {
      const { exact: view } = heard;
      const { leaves, ignore } = this.#parts;
      let what: string;
      if (isStructured(view)) {
        const overlooked = ignore.in(view.json!);
        const leaf: LeafText = (value, key) => this.#leaf(value, isRecorded, key);
        what = canonical(view.json!, { overlooked, leaf }, "");
      } else if (view.text === undefined) what = view.bytes.toString("latin1");
      else what = leaves.plain(view.text, isRecorded, "");
      heard.digest = `${view.opcode} ${what.length > 64 ? hash("sha1", what, "base64") : what}`;
    }
    return heard.digest;
  }

  #leaf(value: JsonValue, isRecorded: boolean, key: string): string {
    if (typeof value === "string" || typeof value === "number") {
      const plain = this.#parts.leaves.plain(value, isRecorded, key);
      return `${typeof value === "string" ? "s" : "n"}${plain}`;
    }
    return JSON.stringify(value);
  }

  #compare(
    recorded: Heard,
    received: Heard,
    onCarried: OnCarried | undefined,
  ): readonly JsonChange[] {
    const { exact: was } = recorded;
    const { exact: now } = received;
    const changes: JsonChange[] = [];
    if (was.opcode !== now.opcode) {
      const [left, right] = [opcodeName(was.opcode), opcodeName(now.opcode)];
      changes.push({ path: "opcode", recorded: left, received: right });
    }
    if (was.bytes.equals(now.bytes)) return changes;
    if (recorded.isRedacted && fitsAroundStars(was, now.bytes)) return changes;
    const pairing = this.#pairing(recorded, received, onCarried);
    if (isStructured(was) && isStructured(now)) {
      changes.push(...diffJson(was.json!, now.json!, this.#rules(recorded, received, pairing)));
    } else if (was.text === undefined || now.text === undefined) {
      changes.push(this.#bytesChange(was.bytes, now.bytes));
    } else if (!this.#parts.leaves.isSame(was.text, now.text, "", pairing)) {
      const areBytes = was.opcode === Opcode.binary && now.opcode === Opcode.binary;
      changes.push(
        areBytes ? this.#bytesChange(was.bytes, now.bytes) : this.#textChange(was.text, now.text),
      );
    }
    return changes;
  }

  /** Of texts in which little differs, what differs is told and not how they begin. */
  #textChange(recorded: string, received: string): JsonChange {
    const { quotes } = this.#parts;
    const isLong = Math.max(recorded.length, received.length) > mostShown;
    // Of a part, nobody could tell that it is one of a secret.
    const [was, now] = isLong
      ? [quotes.text(recorded), quotes.text(received)]
      : [recorded, received];
    return { path: "text", recorded: part(was, now), received: part(now, was) };
  }

  #bytesChange(recorded: Buffer, received: Buffer): JsonChange {
    const { quotes } = this.#parts;
    const shorter = Math.min(recorded.length, received.length);
    let at = 0;
    while (at < shorter && recorded[at] === received[at]) at++;
    const shown = (bytes: Buffer): string => {
      const hex = quotes.hex(bytes, at).replace(/..(?=.)/g, "$& ");
      return `${hex}${bytes.length > at + shownBytes ? " …" : ""} (${bytes.length} bytes)`;
    };
    return { path: `byte ${at}`, recorded: shown(recorded), received: shown(received) };
  }

  #rules({ exact: was }: Heard, { exact: now }: Heard, pairing: Pairing): DiffRules {
    const { ignore, leaves } = this.#parts;
    return {
      isSame: (left, right, key) => leaves.isSame(left, right, key, pairing),
      recorded: ignore.in(was.json!),
      received: ignore.in(now.json!),
    };
  }

  #pairing(recorded: Heard, received: Heard, onCarried: OnCarried | undefined): Pairing {
    const captured = this.#captured(recorded, received);
    return { captured, isRedacted: recorded.isRedacted, seen: new Map(), onCarried };
  }

  /** The values that captures take out of both. */
  #captured(recorded: Heard, received: Heard): readonly CapturedPair[] {
    const { captures } = this.#parts;
    if (captures.length === 0) return none;
    return captures.flatMap((capture) => {
      const was = capturedFrom(capture, recorded);
      const now = was === undefined ? undefined : capturedFrom(capture, received);
      if (was === undefined || now === undefined) return [];
      const { key, value } = was;
      return [{ was: textForm(value), now: textForm(now.value), key, span: capture.span }];
    });
  }
}

/** Within binary messages what was redacted stands as asterisks, one for each byte. */
function fitsAroundStars({ opcode, bytes }: Heard["view"], received: Buffer): boolean {
  if (opcode !== Opcode.binary || bytes.length !== received.length) return false;
  return bytes.every((byte, at) => byte === star || byte === received[at]);
}

type LeafText = (value: JsonValue, key: string) => string;

interface Canon {
  readonly overlooked: Overlooked | undefined;
  readonly leaf: LeafText;
}

/** The value with its members in order, without what is overlooked. */
function canonical(value: JsonValue, canon: Canon, name: string, depth = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(canon.leaf(value, name));
  if (depth > deepest) return written(value);
  const isArray = Array.isArray(value);
  const items = Object.keys(value).flatMap((key) => {
    if (canon.overlooked?.has(value, isArray ? Number(key) : key) === true) return [];
    const item = (value as Readonly<Record<string, JsonValue>>)[key]!;
    return [`${JSON.stringify(key)}:${canonical(item, canon, isArray ? name : key, depth + 1)}`];
  });
  if (!isArray) items.sort();
  return `${isArray ? "[" : "{"}${items.join(",")}}`;
}

/** The same without recursion, for what is nested deeply: there nothing is overlooked. */
function written(value: JsonValue): string {
  const parts: string[] = [];
  const waiting: (JsonValue | { readonly say: string })[] = [value];
  const isSaid = new Set<unknown>();
  const say = (text: string): { readonly say: string } => {
    const said = { say: text };
    isSaid.add(said);
    return said;
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (isSaid.has(next)) parts.push((next as { readonly say: string }).say);
    else if (typeof next !== "object" || next === null) parts.push(JSON.stringify(next));
    else {
      const holder = next as Readonly<Record<string, JsonValue>>;
      parts.push(Array.isArray(next) ? "[" : "{");
      waiting.push(say("}"));
      for (const key of Object.keys(holder).toSorted().toReversed()) {
        waiting.push(holder[key]!, say(`${JSON.stringify(key)}:`));
      }
    }
  }
  return parts.join("");
}

function part(text: string, other: string): string {
  if (text.length <= mostShown) return text;
  let from = 0;
  while (from < text.length && text[from] === other[from]) from++;
  from = Math.max(0, from - 40);
  const shown = text.slice(from, from + mostShown);
  return `${from > 0 ? "…" : ""}${shown}${from + mostShown < text.length ? "…" : ""}`;
}
