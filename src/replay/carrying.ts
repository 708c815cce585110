/** Owns the account of what was carried from answers into what was sent: of what was detected, and captured. */
import type { DetectedValue } from "./detect.js";
import type { CarriedValue } from "./result.js";

/** What was of use, by its name. */
export interface Use {
  /** Captures that have found something. */
  readonly captures: Set<string>;
  /** Variables that stood for something. */
  readonly variables: Set<string>;
}

/** What was carried in the replay of one recording. */
export class Carrying {
  readonly #detected: ReadonlyMap<string, DetectedValue>;
  /** Numbers of the messages that first said something of it, and of those of them that have come. */
  readonly #awaited: ReadonlySet<number>;
  readonly #came = new Set<number>();
  /** How often each value of the recording was replaced. */
  readonly #times = new Map<string, number>();
  /** Values that were first sent before they had come. */
  readonly #early = new Set<string>();
  /** What is first sent in the message of that number, from 1. */
  readonly #firstIn = new Map<number, string[]>();
  readonly #use: Use;

  /** @param detected by the whole value */
  constructor(detected: ReadonlyMap<string, DetectedValue>, use: Use) {
    this.#detected = detected;
    this.#use = use;
    this.#awaited = new Set([...detected.values()].map(({ received }) => received.message));
    for (const [value, { sent }] of detected) {
      const known = this.#firstIn.get(sent.message);
      if (known) known.push(value);
      else this.#firstIn.set(sent.message, [value]);
    }
  }

  /** A message of the recording has come again. @param number among those that came then, from 1 */
  came(number: number): void {
    if (this.#awaited.has(number)) this.#came.add(number);
  }

  /** A capture has found its value. */
  found(name: string): void {
    this.#use.captures.add(name);
  }

  /** A variable stands for what was redacted in a message that is sent. */
  filled(name: string): void {
    this.#use.variables.add(name);
  }

  /** A message is about to be sent. @param number among those that were sent then, from 1 */
  sending(number: number): void {
    for (const value of this.#firstIn.get(number) ?? []) {
      const { received } = this.#detected.get(value)!;
      if (!this.#came.has(received.message)) this.#early.add(value);
    }
  }

  /** That value of the recording was replaced by the one of now. */
  carried(value: string): void {
    this.#times.set(value, (this.#times.get(value) ?? 0) + 1);
  }

  /** What was detected, and what became of it. */
  told(): CarriedValue[] {
    return [...this.#detected].map(([value, { value: shown, received, sent, times }]) => {
      const carried = this.#times.get(value) ?? 0;
      return { value: shown, received, sent, times, carried, early: this.#early.has(value) };
    });
  }
}
