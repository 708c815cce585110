/** Owns the automatic ping: one each interval, and the verdict when none comes back. */
import { longestTimer } from "../base/timer.js";

/** What a heartbeat watches. */
export interface Pulse {
  /** Whether that ping has gone out and is unanswered; one behind a backlog has not gone out. */
  awaits(payload: Buffer): boolean;
  ping(payload: Buffer): void;
  /** Whether nobody reads at present, so that no pong can be seen. */
  readonly paused: boolean;
  /** Bytes received so far. */
  readonly received: number;
  /** Whether a frame has come in part: its pong has to wait for the rest. */
  readonly midFrame: boolean;
}

/** Pings one connection. */
export class Heartbeat {
  readonly #pulse: Pulse;
  readonly #onSilence: () => void;
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #last: Buffer | undefined = undefined;
  #received = 0;
  #wasPaused = false;

  /**
   * @param interval milliseconds
   * @param onSilence called once, when a ping went unanswered until the next was due
   */
  constructor(pulse: Pulse, interval: number, onSilence: () => void) {
    this.#pulse = pulse;
    this.#onSilence = onSilence;
    this.#timer = setInterval(() => this.#beat(), Math.min(interval, longestTimer));
  }

  /** Tells of a pause: what comes in its time is not seen, and may only be read after it. */
  pause(): void {
    this.#wasPaused = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const pulse = this.#pulse;
    const isExcused = this.#wasPaused || (pulse.midFrame && pulse.received > this.#received);
    this.#wasPaused = pulse.paused;
    this.#received = pulse.received;
    if (this.#last && pulse.awaits(this.#last)) {
      if (isExcused) return;
      this.stop();
      this.#onSilence();
      return;
    }
    if (pulse.paused) return;
    this.#last = Buffer.from(`wsctl ${++this.#count}`);
    pulse.ping(this.#last);
  }
}
