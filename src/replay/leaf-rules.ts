/**
 * Owns when two single values, or two texts, count as the same though they are not identical: because
 * the value was captured or detected, because it was redacted, or because its kind is ignored.
 */
import { redacted } from "../base/secret-name.js";
import type { JsonValue } from "../message/json.js";
import { compileRegex } from "../message/regex.js";
import type { Carried, Learned } from "./learned.js";
import { differingTokens } from "./tokens.js";

/** What stands for a value whose kind is ignored. */
const anything = "\u0000";

/** Tells of a value that is another one now. */
export type OnCarried = (recorded: Carried, now: Carried) => void;

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

  /**
   * @param captured a value of this very message and what it is now, as text
   * @param onCarried told of detected values that are others now
   */
  isSame(
    recorded: JsonValue,
    received: JsonValue,
    captured: ReadonlyMap<string, string>,
    onCarried?: OnCarried,
  ): boolean {
    if (recorded === received) return true;
    if (!isCarried(recorded) || !isCarried(received)) return false;
    if (this.#isWhole(recorded, received, captured, onCarried)) return true;
    if (typeof recorded === "number" || typeof received === "number") {
      return this.#plain(String(recorded)) === this.#plain(String(received));
    }
    return this.#isSameText(recorded, received, captured, onCarried);
  }

  /** The text with all that is ignored, or carried from message to message, made alike. */
  plain(recorded: Carried, isRecorded: boolean): string {
    return this.#plain(isRecorded ? this.#learned.textOf(String(recorded)) : String(recorded));
  }

  #isWhole(
    recorded: Carried,
    received: Carried,
    captured: ReadonlyMap<string, string>,
    onCarried: OnCarried | undefined,
  ): boolean {
    const key = String(recorded);
    const now = captured.get(key) ?? this.#learned.valueOf(key);
    if (now !== undefined && String(now) === String(received)) return true;
    if (!this.#detected.has(key) || typeof recorded !== typeof received) return false;
    onCarried?.(recorded, received);
    return true;
  }

  #isSameText(
    recorded: string,
    received: string,
    captured: ReadonlyMap<string, string>,
    onCarried: OnCarried | undefined,
  ): boolean {
    let expected = this.#learned.textOf(recorded);
    for (const [value, now] of captured) {
      if (value !== "" && value !== now) expected = expected.replaceAll(value, () => now);
    }
    if (expected === received || this.#plain(expected) === this.#plain(received)) return true;
    if (expected.includes(redacted) && fitsAround(expected, received)) return true;
    return this.#detected.size > 0 && this.#areCarried(expected, received, onCarried);
  }

  /** Whether they differ in nothing but detected tokens. */
  #areCarried(recorded: string, received: string, onCarried: OnCarried | undefined): boolean {
    const pairs = differingTokens(recorded, received);
    if (pairs === undefined) return false;
    const known = ([was, now]: readonly [string, string]): boolean =>
      this.#detected.has(was) || this.#learned.valueOf(was) === now;
    if (pairs.length === 0 || !pairs.every(known)) return false;
    for (const [was, now] of pairs) if (this.#detected.has(was)) onCarried?.(was, now);
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
