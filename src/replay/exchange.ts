/**
 * Owns one connection of a replay together with what is expected on it: whose turn it is, whether all
 * has come that came then, and who is held up so that neither side gets far ahead of the other.
 */
import { Opcode } from "../frame/opcode.js";
import type { SessionOptions } from "../session/session-options.js";
import type { Account } from "./account.js";
import { type Aligner, isFull } from "./aligner.js";
import { OrderAligner } from "./align-order.js";
import { SetAligner } from "./align-set.js";
import type { Comparer } from "./compare.js";
import { Heard } from "./heard.js";
import { Leg } from "./leg.js";
import type { Schedule } from "./pace.js";
import type { Quotes } from "./quotes.js";
import type { PlayerOptions } from "./replay-options.js";
import type { VainWait } from "./result.js";

/** How long the server has to be silent before it is taken to have said all, in ms. */
const listening = 200;

/** What an exchange is part of. */
export interface ExchangeParts {
  readonly options: PlayerOptions;
  readonly comparer: Comparer;
  readonly account: Account;
  readonly quotes: Quotes;
  readonly schedule: Schedule;
  /** Told of each message that comes; gives its number. */
  readonly onReceived: () => number;
}

/** One connection. */
export class Exchange {
  readonly leg: Leg;
  readonly #parts: ExchangeParts;
  readonly #aligner: Aligner;
  #isOver = false;

  constructor(parts: ExchangeParts, session: SessionOptions) {
    this.#parts = parts;
    const { options, comparer, account } = parts;
    this.#aligner = new (options.ordered ? OrderAligner : SetAligner)(comparer, account);
    this.leg = new Leg(
      session,
      ({ binary, data }) => {
        // What comes while it is being closed was not waited for then either.
        if (this.#isOver) return;
        const op = binary ? Opcode.binary : Opcode.text;
        this.#aligner.arrive(new Heard({ number: parts.onReceived(), op, data }));
        if (isFull(this.#aligner.arrived, this.#aligner.most)) this.leg.hold(true);
      },
      options.signal,
    );
  }

  /** Waits until the present line is due, or the connection has ended. */
  async due(): Promise<void> {
    const { schedule } = this.#parts;
    await this.leg.until(
      () => this.leg.end !== undefined,
      () => schedule.due - performance.now(),
    );
  }

  /** A message that came then. Waits where far more are expected than have come. */
  async expect(recorded: Heard): Promise<void> {
    const { leg } = this;
    const aligner = this.#aligner;
    const { most } = aligner;
    aligner.expect(recorded);
    if (!isFull(aligner.arrived, most)) leg.hold(false);
    if (!isFull(aligner.expected, most)) return;
    const { schedule, options } = this.#parts;
    await leg.until(
      () => leg.end !== undefined || !isFull(aligner.expected, most),
      () => Math.max(leg.lastActivity, schedule.due) + options.gateTimeout - performance.now(),
    );
    if (isFull(aligner.expected, most)) aligner.giveUp();
  }

  /** What is expected so far is held against what has come, whatever may still come. */
  settle(): void {
    this.#aligner.giveUp();
  }

  /**
   * Waits for the turn of what is to be sent next: until each message that came before it has come, or
   * another that is like it in its place.
   * @returns what was waited for in vain, if it was
   */
  async turn(send: number, line: number): Promise<VainWait | undefined> {
    const { comparer, options } = this.#parts;
    const aligner = this.#aligner;
    if (options.pace.kind !== "gated") {
      await this.due();
      // What can be learned from what has come is wanted now.
      if (comparer.carries && aligner.fits) aligner.settle();
      return undefined;
    }
    const since = performance.now();
    await this.leg.until(
      () => this.leg.end !== undefined || aligner.fits,
      () => since + options.gateTimeout - performance.now(),
    );
    if (options.signal?.aborted === true) return undefined;
    const lacking = aligner.lacking();
    aligner.settle();
    aligner.forgive();
    // A connection that has ended is told of by its end.
    if (lacking.length === 0 || this.leg.end !== undefined) return undefined;
    const [first] = lacking;
    return {
      send,
      line,
      lacking: lacking.length,
      ...(first ? { first: first.number, message: this.#parts.quotes.message(first.view) } : {}),
      waited: Math.round(performance.now() - since),
    };
  }

  /** Waits until all has come that came then, or the other side has been silent for long enough. */
  async heardAll(): Promise<void> {
    await this.silence(() => this.#aligner.isComplete);
  }

  /** Waits until something is so, the connection has ended, or the other side has been silent. */
  async silence(isSo: () => boolean): Promise<void> {
    const { leg } = this;
    const { schedule, options } = this.#parts;
    await leg.until(
      () => leg.end !== undefined || isSo(),
      () => Math.max(leg.lastActivity, schedule.due) + options.wait - performance.now(),
    );
  }

  /**
   * Listens whether there is more than was recorded, until it is silent for a moment.
   * @param silence how long it was silent then, in ms: what came later was not heard then either
   */
  async listen(silence: number): Promise<void> {
    const { leg } = this;
    const { wait } = this.#parts.options;
    const moment = Math.max(0, Math.min(listening, wait, silence));
    const since = performance.now();
    await leg.until(
      () => leg.end !== undefined,
      () => Math.min(leg.lastActivity + moment, since + wait) - performance.now(),
    );
  }

  /** Nothing that comes from now on is looked at; the account is made up, unless it was stopped. */
  finish(): void {
    this.#isOver = true;
    if (this.#parts.options.signal?.aborted !== true) this.#aligner.finish();
  }
}
