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

/**
 * What may be left out. Frames make room for messages, of which there are fewer; and those for `talk`:
 * what was typed here and the answer to it.
 */
type Kind = "talk" | "message" | "frame";

const none: Readonly<Record<Kind, number>> = { talk: 0, message: 0, frame: 0 };

/** A line to be drawn when its turn comes. */
interface Item {
  readonly draw: () => string;
  /** What it is called when it is left out; undefined for what may not be. */
  readonly kind: Kind | undefined;
}

/** Milliseconds between two writes. */
const beat = 50;

/** Lines that are shown at once after a quiet time, and per second in the long run. */
const burst = 300;
const perSecond = 60;

/** What may wait for one write, of each kind. */
const mostSamples = 200;

/** Lines that each kind leaves to those before it. */
const reserve: Readonly<Record<Kind, number>> = { talk: 0, message: 40, frame: burst / 2 };

/** Milliseconds between two notes of what was left out. */
const noteEvery = 1000;

/** The lines of one prompt. */
export class Feed {
  readonly #options: FeedOptions;
  #queue: Item[] = [];
  #samples = { ...none };
  #timer: NodeJS.Timeout | undefined = undefined;
  #timerDue = Infinity;
  #flushedAt = -Infinity;
  #tokens = burst;
  #hidden = { ...none };
  #noteDue = Infinity;
  #isClosed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Shows lines, whatever else there is. */
  say(text: string): void {
    if (this.#isClosed) return;
    this.#queue.push({ draw: () => text, kind: undefined });
    this.#schedule(this.#due());
  }

  /** Shows what may be left out when there is too much. */
  sample(kind: Kind, draw: () => string): void {
    if (this.#isClosed) return;
    if (this.#samples[kind] >= mostSamples) {
      this.#leaveOut(kind);
      return;
    }
    this.#samples[kind]++;
    this.#queue.push({ draw, kind });
    this.#schedule(this.#due());
  }

  /** Writes what waits now. */
  flush(): void {
    this.#rest();
    const now = this.#options.now();
    const earned = ((now - this.#flushedAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#flushedAt = now;
    const queue = this.#queue;
    this.#queue = [];
    this.#samples = { ...none };
    const isBehind = this.#options.isBehind();
    const parts: string[] = [];
    for (const { draw, kind } of queue) {
      const mustWait = isBehind && kind !== "talk";
      if (kind && (mustWait || this.#tokens < 1 + reserve[kind])) {
        this.#leaveOut(kind);
        continue;
      }
      const text = draw();
      if (kind) this.#tokens -= lineCount(text);
      parts.push(text);
    }
    if (now >= this.#noteDue) {
      parts.push(this.#options.dim(`… ${this.#note()} not shown`));
      this.#hidden = { ...none };
      this.#noteDue = Infinity;
    }
    if (parts.length > 0) this.#options.print(parts.join("\n"));
    if (this.#noteDue < Infinity) this.#schedule(this.#noteDue);
  }

  /** Writes what waits, and nothing after that. */
  close(): void {
    this.flush();
    if (this.#noteDue < Infinity) {
      this.#noteDue = -Infinity;
      this.flush();
    }
    this.#rest();
    this.#isClosed = true;
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Infinity;
  }

  #leaveOut(kind: Kind): void {
    if (this.#noteDue === Infinity) this.#noteDue = this.#options.now() + noteEvery;
    this.#hidden[kind]++;
    this.#schedule(this.#noteDue);
  }

  #note(): string {
    const { talk, message, frame } = this.#hidden;
    return (
      [
        [talk + message, "message"],
        [frame, "frame"],
      ] as const
    )
      .filter(([count]) => count > 0)
      .map(([count, noun]) => `${formatCount(count)} ${noun}${count > 1 ? "s" : ""}`)
      .join(" and ");
  }

  #due(): number {
    return this.#flushedAt + beat;
  }

  #schedule(due: number): void {
    if (this.#isClosed || due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => this.flush(), Math.max(0, due - this.#options.now()));
  }
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
