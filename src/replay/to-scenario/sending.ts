/** Owns how a recorded message stands in the file: as JSON where nothing of it is lost so, else as text or bytes. */
import { isJsonArray, isJsonObject, type JsonValue } from "../../message/json.js";
import { redacted } from "../../base/secret-name.js";
import type { StepMap } from "../../scenario/schema/step.js";
import { isTooDeep, placeKey, replaced, type Steps, valuesIn } from "./places.js";
import type { TalkMessage } from "./talk.js";
import type { Decision, Values } from "./values.js";
import { emptyHole, holesFor, joined, literal } from "./written.js";

/** The content of a message as a step has it, always a map. */
type Content = Exclude<NonNullable<StepMap["send"]>, string>;

/** A message as it is sent, and what is to be said of it. */
export interface Sending {
  readonly content: Content;
  readonly notes: readonly string[];
  /** Places of JSON whose value is another for each message. */
  readonly unique: ReadonlySet<string>;
}

/** Bytes that are written out; of more than these, the same number is sent by chance. */
const mostWritten = 32 * 1024;
/** Values of a message that are looked at; of larger ones all stays as it was. */
const mostValues = 2000;

/**
 * How a message is sent.
 * @param nth of the messages that are sent, from 0
 * @param at its index among all
 */
export function sendingOf(message: TalkMessage, nth: number, at: number, values: Values): Sending {
  const { text, json, prefix, binary, payload, size } = message;
  const none: ReadonlySet<string> = new Set();
  if (size > mostWritten || (payload.length === 0 && size > 0)) {
    const content: Content = { size, ...(binary ? { as: "binary" as const } : {}) };
    return {
      content,
      notes: [`its ${size} bytes are not kept: as many others are sent`],
      unique: none,
    };
  }
  if (binary && json === undefined) {
    const content = { binary: `base64:${payload.toString("base64")}` };
    const isRedacted = text?.includes(redacted) === true;
    return { content, notes: isRedacted ? ["something of it was redacted"] : [], unique: none };
  }
  const as = binary ? { as: "binary" as const } : {};
  if (json === undefined || text === undefined) return ofText(text ?? "", nth);
  const isWhole = prefix === "" && isExact(text, json);
  if (!isWhole && !isExact(text.slice(prefix.length), json)) {
    // Numbers of more digits than JavaScript's, or names that stand twice.
    const note = "kept as text, since it would not be the same again as JSON";
    return { content: { text: literal(text), ...as }, notes: [note], unique: none };
  }
  const deciding = new Deciding(json, nth, at, values);
  const { notes, unique } = deciding;
  if (isWhole) return { content: { json: deciding.value(json), ...as }, notes, unique };
  return { content: { text: literal(prefix) + deciding.text(json, []), ...as }, notes, unique };
}

function ofText(text: string, nth: number): Sending {
  const isRedacted = text.includes(redacted);
  if (!isRedacted) return { content: { text: literal(text) }, notes: [], unique: new Set() };
  const pieces = holesFor(redacted, "{{ $env.REDACTED_TEXT }}", text);
  return {
    content: { text: joined(pieces) },
    notes: [`message ${nth + 1} was redacted in the recording: set REDACTED_TEXT`],
    unique: new Set(),
  };
}

/** One message's JSON with what its values become. */
class Deciding {
  readonly notes: string[] = [];
  readonly unique = new Set<string>();
  readonly #nth: number;
  readonly #at: number;
  readonly #values: Values;
  readonly #isLarge: boolean;

  constructor(json: JsonValue, nth: number, at: number, values: Values) {
    this.#nth = nth;
    this.#at = at;
    this.#values = values;
    this.#isLarge = valuesIn(json, mostValues).length >= mostValues;
  }

  /** As JSON, every text in which is a template. */
  value(json: JsonValue): JsonValue {
    return replaced(json, (each, steps) => {
      const pieces = this.#decide(each, steps)?.pieces;
      if (pieces) return joined(pieces);
      return typeof each === "string" ? literal(each) : each;
    });
  }

  /** As a template of the text that JSON is. */
  text(json: JsonValue, steps: Steps): string {
    if (typeof json === "string" || typeof json === "number") return this.#scalar(json, steps);
    if (isJsonArray(json)) {
      return `[${json.map((item, index) => this.text(item, [...steps, index])).join(",")}]`;
    }
    if (!isJsonObject(json)) return JSON.stringify(json);
    const members = Object.entries(json).map(
      ([key, item]) => `${literal(JSON.stringify(key))}:${this.text(item, [...steps, key])}`,
    );
    return `{${members.join(",")}}`;
  }

  #scalar(value: string | number, steps: Steps): string {
    const decision = this.#decide(value, steps);
    if (!decision) return literal(JSON.stringify(value));
    if (typeof value === "number") return joined(decision.pieces);
    const escaped = decision.pieces
      // Within text all is text, and needs nothing to make it so.
      .filter((piece) => typeof piece === "string" || piece.hole !== emptyHole)
      .map((piece) => (typeof piece === "string" ? JSON.stringify(piece).slice(1, -1) : piece));
    return `"${joined(escaped)}"`;
  }

  #decide(value: string | number, steps: Steps): Decision | undefined {
    if (this.#isLarge) return undefined;
    const decision = this.#values.decide(this.#nth, this.#at, { steps, value });
    const note = decision?.note ?? this.#values.remark(steps, value);
    if (note !== undefined) this.notes.push(note);
    if (decision?.isUnique) this.unique.add(placeKey(steps));
    return decision;
  }
}

/** Whether the text is what this value is written as, white space aside. */
function isExact(text: string, json: JsonValue): boolean {
  if (isTooDeep(json)) return false;
  const again = JSON.stringify(json);
  // Names that mean something to JavaScript, or to YAML.
  if (again.includes('"__proto__":') || again.includes('"<<":')) return false;
  return again === text || (again.length === bare(text).length && sameNumbers(text, again));
}

/** Without white space between tokens. */
function bare(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted: string | undefined) => quoted ?? "");
}

function sameNumbers(left: string, right: string): boolean {
  const numbers = (text: string): string =>
    (text.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/-?\d[\d.eE+-]*/g) ?? []).join(" ");
  return numbers(left) === numbers(right);
}
