/**
 * Owns one stream of the delivery ledger: what became of the numbered messages of one sender on their
 * way to one receiver. Constant memory a stream: the last {@link windowSize} numbers are told apart,
 * and a gap that has not been filled by then is lost.
 */

/** How far back a message may come and still be told from a copy. */
export const windowSize = 128;

/** What a message is to its stream; `whole` is one that had come damaged, and now comes as it is. */
export type Delivery = "next" | "gap" | "reordered" | "duplicate" | "whole";

/** Numbers that were passed over; some of them may have come since. */
export interface Gap {
  /** The first one passed over, and the last. */
  readonly from: number;
  readonly to: number;
  /** When that was noticed, on `performance.now`'s clock. */
  readonly at: number;
  /** Whether its receiver had been without a connection since the message before. */
  readonly isAway: boolean;
  /** Of how many of them it is known that they came damaged, though not of which: they are not lost. */
  pardoned: number;
  /** How many of them are lost, so far, and which was the first and which the last. */
  lost: number;
  firstLost: number;
  lastLost: number;
  /** How many of these nobody has been told of yet. */
  untold: number;
  /** Whether it stands among the examples. */
  isTold: boolean;
}

/** Most streams never have any: all of them share it. */
const none: Gap[] = [];

/** One sender's messages to one receiver. */
export class Stream {
  /** The highest number that came. */
  highest: number;
  /** Gaps that were never filled, in messages, as far as is known. */
  lost = 0;
  /** Those of them that fell into the gap of a reconnect. */
  missed = 0;
  /** Messages that came, copies not counted; copies; those that came after a later one. */
  came = 0;
  duplicate = 0;
  reordered = 0;
  /** The receiver's when the last one came. */
  epoch: number;
  /** Gaps with losses that nobody has been told of yet; whoever tells of them empties it. */
  losses: Gap[] = none;
  /** Up to it nothing can be missed: the receiver was not there yet. */
  readonly #first: number;
  /** Those that may still be filled, the oldest first. Between them and what came nothing is missing. */
  #gaps: Gap[] | undefined = undefined;
  /** Numbers within the window of which nothing but a damaged copy came. */
  #damaged: Set<number> | undefined = undefined;
  /** Messages that came damaged since the highest number did, and nobody knows which they were. */
  #nameless = 0;
  /** Which of the last numbers came: bit 0 of word 0 is the highest. */
  #word0 = 1;
  #word1 = 0;
  #word2 = 0;
  #word3 = 0;

  /**
   * @param first up to it nothing is missed
   * @param epoch of its receiver: another one with the next message tells that it was away meanwhile
   */
  constructor(first: number, epoch: number) {
    this.highest = first;
    this.epoch = epoch;
    this.#first = first;
  }

  /** Takes note of a message; says what it is. */
  take(sequence: number, epoch: number, now: number): Delivery {
    const ahead = sequence - this.highest;
    if (ahead > 0) {
      this.#advance(sequence, epoch, now);
      this.came++;
      return ahead === 1 ? "next" : "gap";
    }
    const back = -ahead;
    // What is older than the window can only be taken for a copy.
    if (back >= windowSize || this.#has(back)) {
      this.duplicate++;
      if (!this.#damaged?.delete(sequence)) return "duplicate";
      this.came++;
      return "whole";
    }
    // It says nothing of where its receiver was: it may have been sent again after a reconnect.
    this.#add(back);
    this.came++;
    this.reordered++;
    return "reordered";
  }

  /**
   * Takes note of a message that came damaged: it is not lost as well.
   * @returns what it would have been
   */
  takeDamaged(sequence: number, epoch: number, now: number): Exclude<Delivery, "whole"> {
    const ahead = sequence - this.highest;
    const back = -ahead;
    if (ahead > 0) this.#advance(sequence, epoch, now);
    else if (back >= windowSize || this.#has(back)) {
      this.duplicate++;
      return "duplicate";
    } else {
      this.#add(back);
      this.reordered++;
    }
    const damaged = (this.#damaged ??= new Set());
    damaged.add(sequence);
    for (const each of damaged) if (each <= this.highest - windowSize) damaged.delete(each);
    if (ahead <= 0) return "reordered";
    return ahead === 1 ? "next" : "gap";
  }

  /** A message came damaged, and nobody knows which: one of a gap that follows at once is not lost. */
  takeNameless(): void {
    this.#nameless++;
  }

  /**
   * Nothing more will come: open gaps are lost.
   * @param epoch the receiver's by now
   * @param upTo the last number that was sent, where that is known
   */
  finish(epoch: number, now: number, upTo = this.highest): void {
    if (upTo > this.highest) {
      this.#pass(upTo, epoch !== this.epoch, now);
      this.#shift(upTo - this.highest);
      this.highest = upTo;
    }
    this.#shift(windowSize);
    this.#gaps = undefined;
  }

  /** A higher number than any before has come. */
  #advance(sequence: number, epoch: number, now: number): void {
    const ahead = sequence - this.highest;
    if (ahead > 1) this.#pass(sequence - 1, epoch !== this.epoch, now);
    // Without a gap the damaged ones were copies of what came whole.
    this.#nameless = 0;
    this.#shift(ahead);
    this.highest = sequence;
    this.epoch = epoch;
    this.#word0 |= 1;
    if (this.#gaps) this.#tidy();
  }

  /** Numbers up to that one have been passed over. */
  #pass(to: number, isAway: boolean, at: number): void {
    const from = this.highest + 1;
    const pardoned = this.#nameless;
    const counts = { pardoned, lost: 0, firstLost: 0, lastLost: 0, untold: 0 };
    (this.#gaps ??= []).push({ from, to, at, isAway, ...counts, isTold: false });
  }

  /** Forgets gaps that have left the window. */
  #tidy(): void {
    const gaps = this.#gaps!;
    const oldest = this.highest - windowSize;
    while (gaps.length > 0 && gaps[0]!.to <= oldest) gaps.shift();
    if (gaps.length === 0) this.#gaps = undefined;
  }

  #lose(from: number, many: number): void {
    const gap = this.#gaps?.find((each) => from >= each.from && from <= each.to);
    const pardoned = Math.min(gap?.pardoned ?? 0, many);
    const [first, count] = [from + pardoned, many - pardoned];
    if (gap) gap.pardoned -= pardoned;
    if (count === 0) return;
    this.lost += count;
    if (!gap) return;
    if (gap.isAway) this.missed += count;
    if (gap.lost === 0) gap.firstLost = first;
    gap.lastLost = Math.max(gap.lastLost, first + count - 1);
    gap.lost += count;
    if (gap.untold === 0) this.losses = [...this.losses, gap];
    gap.untold += count;
  }

  /** Makes room for so many numbers; gaps that leave the window are lost. */
  #shift(by: number): void {
    const before = this.highest;
    let left = Math.min(by, windowSize);
    for (; left >= 32; left -= 32) {
      this.#leave(96, 32);
      this.#word3 = this.#word2;
      this.#word2 = this.#word1;
      this.#word1 = this.#word0;
      this.#word0 = 0;
      this.#shifted += 32;
    }
    if (left > 0) {
      this.#leave(128 - left, left);
      this.#word3 = (this.#word3 << left) | (this.#word2 >>> (32 - left));
      this.#word2 = (this.#word2 << left) | (this.#word1 >>> (32 - left));
      this.#word1 = (this.#word1 << left) | (this.#word0 >>> (32 - left));
      this.#word0 <<= left;
      this.#shifted += left;
    }
    this.#shifted = 0;
    // What was never even in the window is lost as well.
    if (by > windowSize) this.#lose(before + 1, by - windowSize);
  }

  /** By how much the window has moved during the present shift. */
  #shifted = 0;

  /** Counts what is missing among `count` places of the window, from `from` on: they are the oldest. */
  #leave(from: number, count: number): void {
    const base = this.highest + this.#shifted;
    for (let back = from + count - 1; back >= from; back--) {
      if (base - back > this.#first && !this.#has(back)) this.#lose(base - back, 1);
    }
  }

  #has(back: number): boolean {
    return ((this.#word(back >> 5) >>> (back & 31)) & 1) === 1;
  }

  #word(which: number): number {
    if (which === 0) return this.#word0;
    if (which === 1) return this.#word1;
    return which === 2 ? this.#word2 : this.#word3;
  }

  #add(back: number): void {
    const bit = 1 << (back & 31);
    const which = back >> 5;
    if (which === 0) this.#word0 |= bit;
    else if (which === 1) this.#word1 |= bit;
    else if (which === 2) this.#word2 |= bit;
    else this.#word3 |= bit;
  }
}
