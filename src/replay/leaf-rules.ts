/**
 * Owns when two single values, or two texts, count as the same though they are not identical: because
 * the value was captured or detected, because it was redacted, or because its kind is ignored.
 */
import { redacted } from "../base/secret-name.js";
import type { JsonValue } from "../message/json.js";
import { compileRegex } from "../message/regex.js";
import type { SpanOf } from "./captures.js";
import { numberText } from "./exact-number.js";
import {
  type Carried,
  isLong,
  type Learned,
  replaceSpan,
  replaceWhole,
  textForm,
} from "./learned.js";
import { differingTokens } from "./tokens.js";

/** What stands for a value whose kind is ignored. */
const anything = "\u0000";

/** Tells of a value that is another one now. */
export type OnCarried = (recorded: Carried, now: Carried) => void;

/** A value that a capture takes out of both messages, as text. */
export interface CapturedPair {
  readonly was: string;
  readonly now: string;
  readonly key: string | undefined;
  readonly span: SpanOf | undefined;
}

/** What is known of the two messages whose values are compared. */
export interface Pairing {
  readonly captured: readonly CapturedPair[];
  /** Whether something of the recorded one was redacted. */
  readonly isRedacted: boolean;
  /** What detected values, of which nothing was learned yet, are in this message. */
  readonly seen: Map<string, string>;
  /** Told of detected values that are others now. */
  readonly onCarried?: OnCarried | undefined;
}

/** The rules for one replay. */
export class LeafRules {
  readonly #learned: Learned;
  readonly #detected: ReadonlySet<string>;
  readonly #ignored: readonly ReturnType<typeof compileRegex>[];

  /**
   * @param detected values of the recording, as text, that come first and are sent later
   * @param ignored RE2, of texts and numbers that are not compared
   * @throws WsctlError WSCTL_EUSAGE for what is no regular expression
   */
  constructor(learned: Learned, detected: ReadonlySet<string>, ignored: readonly string[]) {
    this.#learned = learned;
    this.#detected = detected;
    this.#ignored = ignored.map((source) => compileRegex(source));
  }

  /** Whether there are detected values, of which something may be learned. */
  get carries(): boolean {
    return this.#detected.size > 0;
  }

  /** @param key the name under which they stand */
  isSame(recorded: JsonValue, received: JsonValue, key: string, pairing: Pairing): boolean {
    if (recorded === received) return true;
    if (pairing.isRedacted && recorded === redacted) return true;
    if (!isCarried(recorded) || !isCarried(received)) return false;
    const [was, now] = [numberText(recorded), numberText(received)];
    // A number that has become a text is no longer the same, whatever it says.
    if ((was === undefined) !== (now === undefined)) return false;
    if (this.#isWhole(recorded, received, key, pairing)) return true;
    if (was !== undefined && now !== undefined) return this.#plain(was) === this.#plain(now);
    return this.#isSameText(String(recorded), String(received), key, pairing);
  }

  /** The text with all that is ignored, or carried from message to message, made alike. */
  plain(value: Carried, isRecorded: boolean, key: string): string {
    const number = numberText(value);
    if (number !== undefined) {
      const now = isRecorded ? this.#learned.valueOf(value, key) : undefined;
      return this.#plain(now === undefined ? number : textForm(now));
    }
    return this.#plain(isRecorded ? this.#learned.textOf(String(value), key) : String(value));
  }

  #isWhole(recorded: Carried, received: Carried, key: string, pairing: Pairing): boolean {
    const [was, now] = [textForm(recorded), textForm(received)];
    const isCaptured = pairing.captured.some(
      (pair) => pair.was === was && pair.now === now && (isLong(was) || pair.key === key),
    );
    if (isCaptured) return true;
    const learned = this.#learned.valueOf(recorded, key);
    if (learned !== undefined) return textForm(learned) === now;
    if (!this.#isNow(was, now, pairing)) return false;
    pairing.onCarried?.(recorded, received);
    return true;
  }

  /** Whether it is a detected value of which nothing was learned: then it may be any, but only one. */
  #isNow(was: string, now: string, { seen }: Pairing): boolean {
    if (!this.#detected.has(was)) return false;
    const before = seen.get(was);
    if (before === undefined) seen.set(was, now);
    return before === undefined || before === now;
  }

  #isSameText(recorded: string, received: string, key: string, pairing: Pairing): boolean {
    let expected = this.#learned.textOf(recorded, key);
    for (const { was, now, span } of pairing.captured) {
      if (span)
        expected = replaceSpan(expected, span, (found) => (found === was ? now : undefined));
      if (isLong(was)) expected = replaceWhole(expected, was, () => now);
    }
    if (expected === received || this.#plain(expected) === this.#plain(received)) return true;
    const isMarked = pairing.isRedacted && expected.includes(redacted);
    if (isMarked && fitsAround(expected, received)) return true;
    return this.#detected.size > 0 && this.#areCarried(expected, received, pairing);
  }

  /** Whether they differ in nothing but detected tokens. */
  #areCarried(recorded: string, received: string, pairing: Pairing): boolean {
    const pairs = differingTokens(recorded, received);
    if (pairs === undefined || pairs.length === 0) return false;
    for (const [was, now] of pairs) {
      const learned = this.#learned.valueOf(was);
      const isKnown = learned === undefined ? this.#isNow(was, now, pairing) : learned === now;
      if (!isKnown) return false;
    }
    for (const [was, now] of pairs) {
      if (this.#detected.has(was)) pairing.onCarried?.(was, now);
    }
    return true;
  }

  #plain(text: string): string {
    let plain = text;
    for (const regex of this.#ignored) plain = regex.matcher(plain).replaceAll(anything);
    return plain;
  }
}

/** Whether a value can be carried into other messages. */
function isCarried(value: JsonValue): value is Carried {
  return typeof value === "string" || typeof value === "number";
}

/** Whether what came has all that stands around what was redacted, in its order. */
function fitsAround(recorded: string, received: string): boolean {
  const parts = recorded.split(redacted);
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (!received.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = received.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return received.length - last.length >= at && received.endsWith(last);
}
