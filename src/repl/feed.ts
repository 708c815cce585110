/**
 * Owns what gets above the prompt, and how much of it: lines are gathered and written a few times a
 * second, and when more comes than anyone can read, some of it is shown and the rest is counted.
 */
import { formatCount } from "../base/quantity.js";

/** Where the lines go. */
export interface FeedOptions {
  print(text: string): void;
  /** Whether the terminal has not taken what it was given. */
  isBehind(): boolean;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** How the line that tells of what was left out is coloured. */
  dim(text: string): string;
}

/** A line to be drawn when its turn comes. */
interface Item {
  readonly draw: () => string;
  /** Whether it may be left out. */
  readonly isSample: boolean;
}

/** Milliseconds between two writes. */
const beat = 50;

/** Lines that are shown at once after a quiet time, and per second in the long run. */
const burst = 300;
const perSecond = 60;

/** What may wait for one write. */
const mostSamples = 200;

/** Milliseconds between two notes of what was left out. */
const noteEvery = 1000;

/** The lines of one prompt. */
export class Feed {
  readonly #options: FeedOptions;
  #queue: Item[] = [];
  #samples = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  #flushedAt = -Infinity;
  #tokens = burst;
  #hidden = 0;
  #noteDue = Infinity;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Shows lines, whatever else there is. */
  say(text: string): void {
    this.#queue.push({ draw: () => text, isSample: false });
    this.#schedule(this.#due());
  }

  /** Shows what may be left out when there is too much. */
  sample(draw: () => string): void {
    if (this.#samples >= mostSamples) {
      this.#leaveOut(1);
      return;
    }
    this.#samples++;
    this.#queue.push({ draw, isSample: true });
    this.#schedule(this.#due());
  }

  /** Writes what waits now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#options.now();
    const earned = ((now - this.#flushedAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#flushedAt = now;
    const queue = this.#queue;
    this.#queue = [];
    this.#samples = 0;
    const isBehind = this.#options.isBehind();
    const parts: string[] = [];
    let skipped = 0;
    for (const { draw, isSample } of queue) {
      if (isSample && (isBehind || this.#tokens < 1)) {
        skipped++;
        continue;
      }
      const text = draw();
      if (isSample) this.#tokens -= lineCount(text);
      parts.push(text);
    }
    if (skipped > 0) this.#leaveOut(skipped);
    // Said once a second, and at once when all is shown again.
    if (this.#hidden > 0 && (now >= this.#noteDue || (skipped === 0 && this.#tokens > 1))) {
      const what = this.#hidden === 1 ? "message" : "messages";
      parts.push(this.#options.dim(`… ${formatCount(this.#hidden)} ${what} not shown`));
      this.#hidden = 0;
      this.#noteDue = Infinity;
    }
    if (parts.length > 0) this.#options.print(parts.join("\n"));
    if (this.#hidden > 0) this.#schedule(this.#noteDue);
  }

  /** Nothing is written any more but by {@link flush}. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #leaveOut(count: number): void {
    if (this.#hidden === 0) this.#noteDue = this.#options.now() + noteEvery;
    this.#hidden += count;
    this.#schedule(this.#noteDue);
  }

  #due(): number {
    return this.#flushedAt + beat;
  }

  #schedule(due: number): void {
    // One that comes earlier looks at everything.
    if (this.#timer !== undefined) return;
    const delay = Math.max(0, Math.min(due - this.#options.now(), noteEvery));
    this.#timer = setTimeout(() => this.flush(), delay);
  }
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
