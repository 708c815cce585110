/**
 * Owns what two messages, one recorded and one received, differ in: opcode, JSON by its structure, text
 * and bytes as they are; and what is learned of two that belong together.
 */
import { hash } from "node:crypto";
import type { Capture } from "../message/capture.js";
import { Opcode } from "../frame/opcode.js";
import type { JsonValue } from "../message/json.js";
import { capturedFrom } from "./captures.js";
import { type Heard, opcodeName } from "./heard.js";
import type { IgnoredPaths } from "./ignore.js";
import { deepest, diffJson, type JsonChange, type Overlooked } from "./json-diff.js";
import type { LeafRules, OnCarried } from "./leaf-rules.js";
import { isStructured, type Learned } from "./learned.js";

/** What is compared, and how. */
export interface ComparerParts {
  readonly ignore: IgnoredPaths;
  readonly leaves: LeafRules;
  readonly captures: readonly Capture[];
  readonly learned: Learned;
}

const none: ReadonlyMap<string, string> = new Map();

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

  /** Where they differ; nothing when they count as the same. */
  changes(recorded: Heard, received: Heard): readonly JsonChange[] {
    return this.#compare(recorded, received, undefined);
  }

  /** Two messages were found to belong together: what was captured or detected is this from now on. */
  learn(recorded: Heard, received: Heard): void {
    if (!this.carries) return;
    const { captures, leaves, learned } = this.#parts;
    for (const capture of captures) {
      const was = capturedFrom(capture, recorded.view);
      const now = was === undefined ? undefined : capturedFrom(capture, received.view);
      if (was !== undefined && now !== undefined) learned.learn(was, now, capture.name);
    }
    if (!leaves.carries) return;
    this.#compare(recorded, received, (was, now) => learned.learn(was, now, undefined));
  }

  /** The same for messages that count as equal, as far as that can be told of one alone. */
  digestOf(heard: Heard, isRecorded: boolean): string {
    if (heard.digest === undefined) {
      const { view } = heard;
      const { leaves, ignore } = this.#parts;
      let what: string;
      if (isStructured(view)) {
        const overlooked = ignore.in(view.json!);
        what = canonical(view.json!, overlooked, (value) => this.#leaf(value, isRecorded));
      } else if (view.text === undefined) what = view.bytes.toString("latin1");
      else what = leaves.plain(view.text, isRecorded);
      heard.digest = `${view.opcode} ${what.length > 64 ? hash("sha1", what, "base64") : what}`;
    }
    return heard.digest;
  }

  #leaf(value: JsonValue, isRecorded: boolean): string {
    if (typeof value === "string" || typeof value === "number") {
      return `${typeof value === "string" ? "s" : "n"}${this.#parts.leaves.plain(value, isRecorded)}`;
    }
    return JSON.stringify(value);
  }

  #compare(
    recorded: Heard,
    received: Heard,
    onCarried: OnCarried | undefined,
  ): readonly JsonChange[] {
    const { view: was } = recorded;
    const { view: now } = received;
    const changes: JsonChange[] = [];
    if (was.opcode !== now.opcode) {
      const [left, right] = [opcodeName(was.opcode), opcodeName(now.opcode)];
      changes.push({ path: "opcode", recorded: left, received: right });
    }
    if (was.bytes.equals(now.bytes)) return changes;
    if (recorded.isRedacted && fitsAroundStars(was, now.bytes)) return changes;
    const captured = this.#captured(recorded, received);
    const isSame = (left: JsonValue, right: JsonValue): boolean =>
      this.#parts.leaves.isSame(left, right, captured, onCarried);
    if (isStructured(was) && isStructured(now)) {
      const { ignore } = this.#parts;
      const rules = { isSame, recorded: ignore.in(was.json!), received: ignore.in(now.json!) };
      changes.push(...diffJson(was.json!, now.json!, rules));
    } else if (was.text === undefined || now.text === undefined) {
      changes.push(bytesChange(was.bytes, now.bytes));
    } else if (!isSame(was.text, now.text)) {
      const areBytes = was.opcode === Opcode.binary && now.opcode === Opcode.binary;
      changes.push(areBytes ? bytesChange(was.bytes, now.bytes) : textChange(was.text, now.text));
    }
    return changes;
  }

  /** The values that captures take out of both. */
  #captured(recorded: Heard, received: Heard): ReadonlyMap<string, string> {
    const { captures } = this.#parts;
    if (captures.length === 0) return none;
    const captured = new Map<string, string>();
    for (const capture of captures) {
      const was = capturedFrom(capture, recorded.view);
      const now = was === undefined ? undefined : capturedFrom(capture, received.view);
      if (was !== undefined && now !== undefined) captured.set(String(was), String(now));
    }
    return captured;
  }
}

/** Within binary messages what was redacted stands as asterisks, one for each byte. */
function fitsAroundStars({ opcode, bytes }: Heard["view"], received: Buffer): boolean {
  if (opcode !== Opcode.binary || bytes.length !== received.length) return false;
  return bytes.every((byte, at) => byte === star || byte === received[at]);
}

/** The value with its members in order, without what is overlooked. */
function canonical(
  value: JsonValue,
  overlooked: Overlooked | undefined,
  leaf: (value: JsonValue) => string,
  depth = 0,
): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(leaf(value));
  if (depth > deepest) return "…";
  const items = Object.keys(value).flatMap((key) => {
    const step = Array.isArray(value) ? Number(key) : key;
    if (overlooked?.has(value, step) === true) return [];
    const item = (value as Readonly<Record<string, JsonValue>>)[key]!;
    return [`${JSON.stringify(key)}:${canonical(item, overlooked, leaf, depth + 1)}`];
  });
  if (!Array.isArray(value)) items.sort();
  return `${Array.isArray(value) ? "[" : "{"}${items.join(",")}}`;
}

/** Of texts in which little differs, what differs is told and not how they begin. */
function textChange(recorded: string, received: string): JsonChange {
  return { path: "text", recorded: part(recorded, received), received: part(received, recorded) };
}

function part(text: string, other: string): string {
  if (text.length <= mostShown) return text;
  let from = 0;
  while (from < text.length && text[from] === other[from]) from++;
  from = Math.max(0, from - 40);
  const shown = text.slice(from, from + mostShown);
  return `${from > 0 ? "…" : ""}${shown}${from + mostShown < text.length ? "…" : ""}`;
}

function bytesChange(recorded: Buffer, received: Buffer): JsonChange {
  const shorter = Math.min(recorded.length, received.length);
  let at = 0;
  while (at < shorter && recorded[at] === received[at]) at++;
  const shown = (bytes: Buffer): string => {
    const hex = bytes.toString("hex", at, at + 32).replace(/..(?=.)/g, "$& ");
    return `${hex}${bytes.length > at + 32 ? " …" : ""} (${bytes.length} bytes)`;
  };
  return { path: `byte ${at}`, recorded: shown(recorded), received: shown(received) };
}
