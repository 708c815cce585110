/**
 * Owns hiding in a message of now what was hidden in the recorded one that it takes the place of: the
 * same members of JSON, the same part of a text, the same bytes. Where that cannot be told, all of it.
 */
import { redacted } from "../base/secret-name.js";
import { isControl, Opcode } from "../frame/opcode.js";
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { MessageView } from "../message/view.js";
import { Redactor } from "../recording/redactor.js";
import { deepest } from "./json-diff.js";
import { isStructured } from "./learned.js";

const star = 0x2a;

/** So much of a text before what was hidden is looked for in the one of now. */
const longestContext = 16;

/** So many places of one message are hidden by themselves; of more, the whole message is. */
const mostPlaces = 100;

/** The payload of now without what stands where the recorded one was redacted. */
export function hideAgain(recorded: MessageView, received: MessageView): Buffer {
  const { bytes, text, opcode } = received;
  if (isControl(opcode) || bytes.length === 0) return bytes;
  if (text === undefined || recorded.text?.includes(redacted) !== true) {
    return hideBytes(recorded.bytes, received);
  }
  if (isStructured(recorded) && isStructured(received)) {
    return hidePlaces(placesIn(recorded.json!), received);
  }
  return Buffer.from(hideInText(recorded.text, text));
}

/** All places where something was hidden so far: for messages of now that take the place of none. */
export class HiddenPlaces {
  readonly #places = new Set<string>();
  /** What stood before it in texts. */
  readonly #contexts = new Set<string>();

  /** Something of that recorded message was hidden. */
  add(recorded: MessageView): void {
    const { text } = recorded;
    if (text?.includes(redacted) !== true) return;
    if (isStructured(recorded)) {
      for (const place of placesIn(recorded.json!)) {
        if (this.#places.size < mostPlaces) this.#places.add(place);
      }
      return;
    }
    for (const part of text.split(redacted).slice(0, -1)) {
      const context = part.slice(-longestContext);
      if (context !== "" && this.#contexts.size < mostPlaces) this.#contexts.add(context);
    }
  }

  /** The payload of now without what stands there. */
  hide(received: MessageView): Buffer {
    const { text, bytes } = received;
    if (text === undefined) return bytes;
    if (isStructured(received)) {
      return this.#places.size === 0 ? bytes : hidePlaces(this.#places, received);
    }
    let shown = text;
    for (const context of this.#contexts) {
      if (shown.includes(context)) shown = hideInText(context + redacted, shown, true);
    }
    return shown === text ? bytes : Buffer.from(shown);
  }
}

/** The texts of now that stand where a whole value of JSON was hidden. */
export function hiddenValues(recorded: MessageView, received: MessageView): readonly string[] {
  const found: string[] = [];
  const look = (was: JsonValue, now: JsonValue | undefined, depth: number): void => {
    if (was === redacted && typeof now === "string") found.push(now);
    if (typeof was !== "object" || was === null || depth > deepest) return;
    if (typeof now !== "object" || now === null) return;
    for (const [key, item] of Object.entries(was)) {
      if (!Object.hasOwn(now, key)) continue;
      look(item, (now as Readonly<Record<string, JsonValue>>)[key], depth + 1);
    }
  };
  if (isStructured(recorded) && isStructured(received)) look(recorded.json!, received.json, 0);
  return found.slice(0, mostPlaces);
}

/** The members that were hidden, as paths: by name wherever they stand now, else by place. */
function placesIn(root: JsonValue): ReadonlySet<string> {
  const places = new Set<string>();
  const path: (string | number)[] = [];
  const look = (value: JsonValue): void => {
    if (places.size > mostPlaces || path.length > deepest) return;
    if (typeof value === "string" && value.includes(redacted)) places.add(placeOf(path));
    const isArray = isJsonArray(value);
    if (!isArray && !isJsonObject(value)) return;
    for (const [key, item] of Object.entries(value)) {
      path.push(isArray ? Number(key) : key);
      look(item);
      path.pop();
    }
  };
  look(root);
  return places;
}

function placeOf(path: readonly (string | number)[]): string {
  const name = path.findLastIndex((step) => typeof step === "string");
  const steps = path.slice(Math.max(0, name)).map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return `['${step.replace(/[\\']/g, String.raw`\$&`)}']`;
  });
  return `$${name < 0 ? "" : ".."}${steps.join("")}`;
}

function hidePlaces(places: ReadonlySet<string>, { opcode, bytes }: MessageView): Buffer {
  try {
    if (places.size > mostPlaces) return Buffer.from(JSON.stringify(redacted));
    return new Redactor({ patterns: [...places] }).payload(opcode, bytes) ?? bytes;
  } catch {
    // A name that no path can say.
    return Buffer.from(JSON.stringify(redacted));
  }
}

/** What stood before the mark is looked for, and what follows it hidden up to the end of the word. */
function hideInText(recorded: string, received: string, keepsRest = false): string {
  const parts = recorded.split(redacted);
  let shown = "";
  let at = 0;
  for (const part of parts.slice(0, -1)) {
    const context = part.slice(-longestContext);
    const found = received.indexOf(context, at);
    if (found < 0 || context === "") return redacted;
    const from = found + context.length;
    const [word = ""] = /^[^\s"'&;,<>]*/.exec(received.slice(from)) ?? [];
    shown += received.slice(at, from) + redacted;
    at = from + word.length;
  }
  const rest = received.slice(at);
  // Where the text goes on as it did then, all up to there was the secret.
  const last = parts.at(-1)!;
  if (last === "") return keepsRest ? shown + rest : shown;
  return shown + (rest.endsWith(last) ? last : rest);
}

function hideBytes(recorded: Buffer, { opcode, bytes }: MessageView): Buffer {
  if (opcode === Opcode.text) return Buffer.from(redacted);
  const isAlike = recorded.length === bytes.length && recorded.includes(star);
  return Buffer.from(bytes.map((byte, at) => (isAlike && recorded[at] !== star ? byte : star)));
}
