/**
 * Owns what was learned while replaying: that a value of the recording is another one now. What is
 * sent later, and what comes, is read with that in mind.
 */
import type { MessageView } from "../message/view.js";
import { Recent } from "./recent.js";
import { rewriteJson } from "./rewrite-json.js";
import { replaceTokens } from "./tokens.js";

/** A value that can be carried from one message into others. */
export type Carried = string | number;

/** One value of the recording and what it is now. */
interface Lesson {
  readonly now: Carried;
  /** The capture that told it; undefined for one that was detected. */
  readonly name: string | undefined;
}

/** So many values are kept, the newest ones. */
const mostLessons = 10_000;

/** Captured values from this length on are also found where they stand within other text. */
const shortestWithin = 6;

/** So many captured values are looked for in every text, the newest ones. */
const mostWithin = 32;

/** How often a value that was learned was put into what is sent. */
export type OnUse = (recorded: string, name: string | undefined) => void;

/** The values that are others now. */
export class Learned {
  readonly #lessons = new Recent<Lesson>(mostLessons);
  /** The same the other way round, for accepting what came into the recording. */
  readonly #back = new Recent<Carried>(mostLessons);
  #within: string[] = [];
  #isEmpty = true;

  /** Whether nothing has been learned. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** From now on that value of the recording stands for another; it may be the same. */
  learn(recorded: Carried, now: Carried, name: string | undefined): void {
    const key = String(recorded);
    this.#isEmpty = false;
    this.#lessons.set(key, { now, name });
    this.#back.set(String(now), recorded);
    if (name !== undefined && key.length >= shortestWithin) {
      this.#within = [key, ...this.#within.filter((one) => one !== key)].slice(0, mostWithin);
    }
  }

  /** What that value of the recording is now; undefined where nothing was learned of it. */
  valueOf(recorded: Carried): Carried | undefined {
    return this.#lessons.get(String(recorded))?.now;
  }

  /** A text of the recording as it is now. */
  textOf(recorded: string, onUse?: OnUse): string {
    if (this.isEmpty) return recorded;
    const whole = this.#look(recorded, onUse);
    if (whole !== undefined) return whole;
    let text = recorded;
    for (const value of this.#within) {
      if (!text.includes(value)) continue;
      text = text.replaceAll(value, () => this.#look(value, onUse) ?? value);
    }
    if (text !== recorded) return text;
    return replaceTokens(text, (token) => this.#look(token, onUse));
  }

  /** A message of the recording as it is to be sent now; JSON stays JSON. */
  messageOf(recorded: MessageView, onUse: OnUse): Buffer {
    if (this.isEmpty || recorded.text === undefined) return recorded.bytes;
    if (!isStructured(recorded)) return Buffer.from(this.textOf(recorded.text, onUse));
    return rewriteJson(recorded.bytes, {
      text: (text) => {
        const now = this.textOf(text, onUse);
        return now === text ? undefined : now;
      },
      number: (text) => {
        const lesson = this.#lessons.get(text) ?? this.#lessons.get(String(Number(text)));
        if (lesson === undefined || String(lesson.now) === text) return undefined;
        onUse(text, lesson.name);
        return asNumber(lesson.now);
      },
    });
  }

  /** A message that came, with the values of the recording in place of those of now. */
  recordedFormOf(received: MessageView): Buffer {
    const { text, bytes } = received;
    if (this.isEmpty || text === undefined) return bytes;
    const back = (one: string): string | undefined => {
      const value = this.#back.get(one);
      return value === undefined ? undefined : String(value);
    };
    const whole = (one: string): string => back(one) ?? replaceTokens(one, back);
    if (!isStructured(received)) return Buffer.from(whole(text));
    return rewriteJson(bytes, {
      text: (one) => (whole(one) === one ? undefined : whole(one)),
      number: (one) => {
        const value = this.#back.get(one);
        return value === undefined || String(value) === one ? undefined : asNumber(value);
      },
    });
  }

  #look(recorded: string, onUse: OnUse | undefined): string | undefined {
    const lesson = this.#lessons.get(recorded);
    if (lesson === undefined) return undefined;
    onUse?.(recorded, lesson.name);
    return String(lesson.now);
  }
}

/** Whether the message is an object or an array of JSON. A bare text or number is text like others. */
export function isStructured(view: MessageView): boolean {
  return typeof view.json === "object" && view.json !== null;
}

/** What was a number stays one, where what came in its place can be read as one. */
function asNumber(value: Carried): Carried {
  if (typeof value === "number") return value;
  return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
