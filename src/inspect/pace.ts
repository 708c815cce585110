/** Owns the pace of an inspection: how soon one connection follows another, and what was sent. */
import { setTimeout as delay } from "node:timers/promises";
import { farewell } from "./open-socket.js";

/** Between the beginnings of two connections to a server that is not on this machine, in ms. */
export const politeSpacing = 100;
/** The same for a server that has let that pass once, in milliseconds. */
const shortFarewell = 20;
/** How long the body of a refusal may take, and once one did not come to its end, in milliseconds. */
const usualBody = 500;
const shortBody = 50;
/** So often a server may let the time of a probe pass before less of it is given. */
const mostSilences = 2;

/** Lets connections begin one after the other, and counts. */
export class Pace {
  handshakes = 0;
  bytes = 0;
  /** Milliseconds that the server has to end a connection that was closed. */
  patience = farewell;
  /** Milliseconds that it has for the body of a refusal. */
  bodyPatience = usualBody;
  /** How often a probe was not answered in its time. */
  #silences = 0;
  readonly #spacing: number;
  #next = 0;
  /** Ends when the last of those that wait has begun. */
  #queue: Promise<void> = Promise.resolve();

  /** @param spacing milliseconds between two beginnings */
  constructor(spacing: number) {
    this.#spacing = spacing;
  }

  /**
   * Resolves when the next may begin, or the signal fires; then it is not counted.
   * @param isPaced whether it may begin at once: whoever asks sees to the pace
   */
  async turn(signal: AbortSignal, isPaced = false): Promise<void> {
    if (!isPaced) {
      // One after the other, so that no more than one of them ever listens to the signal.
      this.#queue = this.#queue.then(async () => this.#wait(signal));
      await this.#queue;
    }
    if (!signal.aborted) this.handshakes++;
  }

  /** For the first of those that wait. */
  async #wait(signal: AbortSignal): Promise<void> {
    const left = this.#next - performance.now();
    if (left > 0 && !signal.aborted) {
      await delay(Math.ceil(left), undefined, { signal }).catch(() => {});
    }
    // A timer may be late; the next one waits from when this one really began.
    this.#next = performance.now() + this.#spacing;
  }

  /** Notes what was sent. */
  sent(bytes: number): void {
    this.bytes += bytes;
  }

  /** Notes whether the server ended a closed connection: one that did not is waited for no more. */
  left(inTime: boolean): void {
    if (!inTime) this.patience = shortFarewell;
  }

  /** Notes that a probe was not answered in its time. */
  silent(): void {
    this.#silences++;
  }

  /** Whether that came more than once: it will come again. */
  get isImpatient(): boolean {
    return this.#silences >= mostSilences;
  }

  /** Notes how long a body took, in milliseconds: one without an end comes again and again. */
  read(took: number): void {
    if (took >= this.bodyPatience) this.bodyPatience = shortBody;
  }
}
