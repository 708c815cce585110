/**
 * Owns what was learned while replaying: that a value of the recording is another one now. What is
 * sent later, and what comes, is read with that in mind. A short value that was captured is carried
 * only where it cannot be mistaken: under its own name, or where its regular expression finds it.
 */
import type { MessageView } from "../message/view.js";
import type { ReplayCapture, SpanOf } from "./captures.js";
import { exactNumber, numberText } from "./exact-number.js";
import { Recent } from "./recent.js";
import { type Replacement, rewriteJson } from "./rewrite-json.js";
import { replaceTokens } from "./tokens.js";

/** A value that can be carried from one message into others; see `exact-number.ts` of numbers. */
export type Carried = string | number;

/** One value and what stands for it. */
interface Lesson {
  readonly now: Carried;
  /** The capture that told it; undefined for one that was detected. */
  readonly name: string | undefined;
}

/** So many values are kept, the newest ones. */
const mostLessons = 10_000;

/** Captured values from this length on are carried wherever they stand as a whole. */
const shortestAnywhere = 6;

/** So many captured values are looked for in every text, the newest ones. */
const mostWithin = 32;

/** How often a value that was learned was put into what is sent. */
type OnUse = (recorded: string, name: string | undefined) => void;

/** Where a value was learned. */
export interface LearnedAt {
  readonly capture?: ReplayCapture | undefined;
  /** The name under which it stood. */
  readonly key?: string | undefined;
}

/** The value as text: of a number as it is written. */
export function textForm(value: Carried): string {
  return numberText(value) ?? String(value);
}

/** Whether a captured value is carried wherever it stands. */
export function isLong(text: string): boolean {
  return text.length >= shortestAnywhere;
}

/** The text with a value replaced wherever it stands as a whole, and not as a part of a word. */
export function replaceWhole(text: string, value: string, now: () => string): string {
  let replaced = "";
  let kept = 0;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at)) {
    const to = at + value.length;
    if (!isWithinWord(text, at) && !isWithinWord(text, to)) {
      replaced += text.slice(kept, at) + now();
      kept = to;
    }
    at = Math.max(to, at + 1);
  }
  return kept === 0 ? text : replaced + text.slice(kept);
}

const wordCharacter = /[A-Za-z0-9_]/;

function isWithinWord(text: string, border: number): boolean {
  const [before = "", behind = ""] = [text[border - 1], text[border]];
  return wordCharacter.test(before) && wordCharacter.test(behind);
}

/** The text with what a regular expression finds replaced, if that is the value. */
export function replaceSpan(
  text: string,
  span: SpanOf,
  replace: (found: string) => string | undefined,
): string {
  const place = span(text);
  if (place === undefined) return text;
  const now = replace(text.slice(...place));
  return now === undefined ? text : text.slice(0, place[0]) + now + text.slice(place[1]);
}

/** Lessons in one direction: from the recording to now, or back. */
class Lessons {
  readonly #anywhere = new Recent<Lesson>(mostLessons);
  /** Short ones, by the name under which they stand. */
  readonly #named = new Recent<Lesson>(mostLessons);
  /** Short ones that regular expressions have found, by the capture's name. */
  readonly #found = new Map<string, { readonly span: SpanOf; readonly lessons: Recent<Lesson> }>();
  #within: string[] = [];

  learn(value: Carried, now: Carried, { capture, key }: LearnedAt): void {
    const text = textForm(value);
    const lesson: Lesson = { now, name: capture?.name };
    if (capture === undefined || isLong(text)) {
      this.#anywhere.set(text, lesson);
      if (capture === undefined) return;
      this.#within = [text, ...this.#within.filter((one) => one !== text)].slice(0, mostWithin);
      return;
    }
    if (key !== undefined) this.#named.set(namedKey(key, value), lesson);
    const { span, name } = capture;
    if (span === undefined) return;
    const found = this.#found.get(name) ?? { span, lessons: new Recent<Lesson>(mostLessons) };
    this.#found.set(name, found);
    found.lessons.set(text, lesson);
  }

  of(value: Carried, key: string): Lesson | undefined {
    return this.#anywhere.get(textForm(value)) ?? this.#named.get(namedKey(key, value));
  }

  text(text: string, key: string, onUse: OnUse | undefined): string {
    const look = (value: string): string | undefined => {
      const lesson = this.#anywhere.get(value);
      if (lesson !== undefined) onUse?.(value, lesson.name);
      return lesson && textForm(lesson.now);
    };
    const whole = this.of(text, key);
    if (whole !== undefined) {
      onUse?.(text, whole.name);
      return textForm(whole.now);
    }
    let said = text;
    for (const { span, lessons } of this.#found.values()) {
      said = replaceSpan(said, span, (found) => {
        const lesson = lessons.get(found);
        if (lesson !== undefined) onUse?.(found, lesson.name);
        return lesson && textForm(lesson.now);
      });
    }
    for (const value of this.#within) {
      if (said.includes(value)) said = replaceWhole(said, value, () => look(value) ?? value);
    }
    return said === text ? replaceTokens(said, look) : said;
  }

  number(token: string, key: string, onUse: OnUse | undefined): Replacement | undefined {
    const lesson = this.of(exactNumber(token), key);
    if (lesson === undefined || textForm(lesson.now) === token) return undefined;
    onUse?.(token, lesson.name);
    const text = textForm(lesson.now);
    return jsonNumber.test(text) ? { raw: text } : text;
  }
}

/** What was a number stays one, where what came in its place can be read as one. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function namedKey(key: string, value: Carried): string {
  return `${numberText(value) === undefined ? "s" : "n"} ${textForm(value)} ${key}`;
}

/** The values that are others now. */
export class Learned {
  readonly #lessons = new Lessons();
  /** The same the other way round, for accepting what came into the recording. */
  readonly #back = new Lessons();
  #count = 0;

  /** Whether nothing has been learned. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Another number whenever something was learned. */
  get revision(): number {
    return this.#count;
  }

  /** From now on that value of the recording stands for another. */
  learn(recorded: Carried, now: Carried, at: LearnedAt = {}): void {
    const known = this.#lessons.of(recorded, at.key ?? "");
    if (known !== undefined && textForm(known.now) === textForm(now)) return;
    // What is as it was needs no carrying, unless it was another meanwhile.
    if (known === undefined && textForm(recorded) === textForm(now)) return;
    this.#count++;
    this.#lessons.learn(recorded, now, at);
    this.#back.learn(now, recorded, at);
  }

  /** What that value of the recording is now; undefined where nothing was learned of it. */
  valueOf(recorded: Carried, key = ""): Carried | undefined {
    return this.isEmpty ? undefined : this.#lessons.of(recorded, key)?.now;
  }

  /** A text of the recording as it is now. @param key the name under which it stands */
  textOf(recorded: string, key = "", onUse?: OnUse): string {
    return this.isEmpty ? recorded : this.#lessons.text(recorded, key, onUse);
  }

  /** A message of the recording as it is to be sent now; JSON stays JSON. */
  messageOf(recorded: MessageView, onUse: OnUse): Buffer {
    return this.#carry(recorded, this.#lessons, onUse);
  }

  /** A message that came, with the values of the recording in place of those of now. */
  recordedFormOf(received: MessageView): Buffer {
    return this.#carry(received, this.#back, undefined);
  }

  #carry(view: MessageView, lessons: Lessons, onUse: OnUse | undefined): Buffer {
    if (this.isEmpty || view.text === undefined) return view.bytes;
    if (!isStructured(view)) return Buffer.from(lessons.text(view.text, "", onUse));
    return rewriteJson(view.bytes, {
      text: (text, key) => {
        const now = lessons.text(text, key, onUse);
        return now === text ? undefined : now;
      },
      number: (token, key) => lessons.number(token, key, onUse),
    });
  }
}

/** Whether the message is an object or an array of JSON. A bare text or number is text like others. */
export function isStructured(view: MessageView): boolean {
  return typeof view.json === "object" && view.json !== null;
}
