/**
 * Owns the alignment of two rows of messages in their order: a longest common subsequence within a
 * window, so that one message which is missing makes none of those behind it differ.
 */
import { type Aligner, type AlignmentSink, isFull, Line } from "./aligner.js";
import type { Comparer } from "./compare.js";
import type { Heard } from "./heard.js";
import type { JsonChange } from "./json-diff.js";
import { similarity } from "./similarity.js";

/** So many messages of either side are held against each other at a time. */
const window = 40;

/** How far ahead a message is looked for that both sides have. */
const farthest = 1024;

/** Larger messages are the same only where their digests are: they are compared once, as a pair. */
const largest = 16 * 1024;

/** So many may have come before they are expected, though whoever feeds us held the server up. */
const mostAhead = 65_536;

/** Two messages this much alike are one that was changed, and not two. */
const alike = 0.35;

type Step = "pair" | "missing" | "extra";

/** The alignment. */
export class OrderAligner implements Aligner {
  readonly expected = new Line();
  readonly arrived = new Line();
  readonly #comparer: Comparer;
  readonly #sink: AlignmentSink;
  /** Whether the first of both sides were compared and differ. */
  #isStuck = false;
  /** How many have to wait on both sides before they are looked at again. */
  #next = window;

  constructor(comparer: Comparer, sink: AlignmentSink) {
    this.#comparer = comparer;
    this.#sink = sink;
  }

  expect(recorded: Heard): void {
    if (this.expected.length === 0) this.#isStuck = false;
    this.expected.push(recorded);
    this.#go();
  }

  arrive(received: Heard): void {
    if (this.arrived.length === 0) this.#isStuck = false;
    this.arrived.push(received);
    this.#go();
  }

  get fits(): boolean {
    const [rows, columns] = [this.expected.length, this.arrived.length];
    if (rows === 0) return true;
    if (rows > columns) return false;
    if (rows > window) return true;
    return !this.#align(rows, Math.min(columns, window)).includes("missing");
  }

  settle(): void {
    this.#match();
    while (this.expected.length > 0) {
      this.#block(false);
      this.#match();
    }
  }

  finish(): void {
    this.settle();
    while (this.arrived.length > 0) this.#extra();
  }

  #go(): void {
    this.#match();
    const isOverdue = isFull(this.expected) || isFull(this.arrived);
    if (Math.min(this.expected.length, this.arrived.length) < this.#next && !isOverdue) return;
    if (this.expected.length === 0) {
      // What came is far ahead of what is expected: whoever feeds us holds it up.
      if (this.arrived.length > mostAhead) this.#extra();
      return;
    }
    if (this.arrived.length === 0) return;
    this.#block(!isOverdue);
    this.#match();
  }

  /** Takes away what is the same at the front of both. */
  #match(): void {
    while (!this.#isStuck) {
      const [recorded, received] = [this.expected.at(0), this.arrived.at(0)];
      if (!recorded || !received) return;
      if (this.#comparer.changes(recorded, received).length > 0) {
        this.#isStuck = true;
        return;
      }
      this.#pair([]);
    }
  }

  /**
   * Aligns the first of both sides.
   * @param isOngoing whether more may come, so that what stands at the end of the window is left alone
   */
  #block(isOngoing: boolean): void {
    const anchor = this.#anchor();
    let [recorded, received] = anchor ?? [this.expected.length, this.arrived.length];
    while (recorded + received > 0) {
      const [rows, columns] = [Math.min(recorded, window), Math.min(received, window)];
      const isAll = rows === recorded && columns === received;
      let steps = this.#align(rows, columns);
      if (!isAll || (isOngoing && anchor === undefined)) steps = firstHalf(steps, rows, columns);
      if (isOngoing && anchor === undefined && steps.some((step) => step !== "pair")) {
        // A long run on one side: what both have may be about to come.
        this.#next = 2 * Math.min(this.expected.length, this.arrived.length);
        return;
      }
      this.#next = window;
      if (isAll && !isOngoing && anchor === undefined) steps = steps.slice(0, lastUse(steps));
      for (const step of steps) {
        if (step !== "extra") recorded--;
        if (step !== "missing") received--;
        if (step === "pair") this.#pair();
        else if (step === "missing") this.#missing();
        else this.#extra();
      }
      if (anchor === undefined) return;
    }
  }

  /** How many stand on either side before the nearest message that both have. */
  #anchor(): readonly [number, number] | undefined {
    const first = new Map<string, number>();
    for (let at = Math.min(farthest, this.expected.length) - 1; at >= 0; at--) {
      first.set(this.#comparer.digestOf(this.expected.at(at)!, true), at);
    }
    let best: readonly [number, number] | undefined;
    for (let at = 0; at < Math.min(farthest, this.arrived.length); at++) {
      if (best !== undefined && at >= best[0] + best[1]) break;
      const found = first.get(this.#comparer.digestOf(this.arrived.at(at)!, false));
      if (found === undefined || found + at === 0) continue;
      if (best === undefined || found + at < best[0] + best[1]) best = [found, at];
    }
    return best;
  }

  /** The cheapest way through a table of so many messages; pairs are preferred, then what is missing. */
  #align(rows: number, columns: number): Step[] {
    const width = columns + 1;
    const costs = new Float64Array((rows + 1) * width);
    const pairs = new Float64Array(rows * columns);
    for (let row = rows; row >= 0; row--) {
      for (let column = columns; column >= 0; column--) {
        const at = row * width + column;
        if (row === rows || column === columns) {
          costs[at] = rows - row + columns - column;
          continue;
        }
        const pair = this.#cost(this.expected.at(row)!, this.arrived.at(column)!);
        pairs[row * columns + column] = pair;
        costs[at] = Math.min(
          pair + costs[at + width + 1]!,
          1 + costs[at + width]!,
          1 + costs[at + 1]!,
        );
      }
    }
    const steps: Step[] = [];
    let [row, column] = [0, 0];
    while (row < rows || column < columns) {
      const at = row * width + column;
      if (row < rows && column < columns) {
        const pair = pairs[row * columns + column]! + costs[at + width + 1]!;
        if (pair <= costs[at]! + 1e-9) {
          steps.push("pair");
          row++;
          column++;
          continue;
        }
      }
      const isMissing = row < rows && 1 + costs[at + width]! <= costs[at]! + 1e-9;
      steps.push(isMissing ? "missing" : "extra");
      if (isMissing) row++;
      else column++;
    }
    return steps;
  }

  /** 0 for the same, up to 2 for what has nothing in common: then it is one missing and one extra. */
  #cost(recorded: Heard, received: Heard): number {
    if (this.#comparer.digestOf(recorded, true) === this.#comparer.digestOf(received, false))
      return 0;
    const isSmall = recorded.size <= largest && received.size <= largest;
    if (isSmall && this.#comparer.changes(recorded, received).length === 0) return 0;
    const common = similarity(recorded, received);
    return common < alike ? 2.5 : 2 - 1.5 * common;
  }

  #pair(known?: readonly JsonChange[]): void {
    const [recorded, received] = [this.expected.shift(), this.arrived.shift()];
    this.#isStuck = false;
    const changes = known ?? this.#comparer.changes(recorded, received);
    this.#comparer.learn(recorded, received);
    if (changes.length === 0) this.#sink.same(recorded, received);
    else this.#sink.changed(recorded, received, changes);
  }

  #missing(): void {
    this.#isStuck = false;
    this.#sink.missing(this.expected.shift());
  }

  #extra(): void {
    this.#isStuck = false;
    this.#sink.extra(this.arrived.shift());
  }
}

/** The steps up to the middle of either side: beyond it, what comes next may still change them. */
function firstHalf(steps: readonly Step[], rows: number, columns: number): Step[] {
  if (rows === 0 || columns === 0) return [...steps];
  let [row, column, count] = [0, 0, 0];
  while (count < steps.length && (count === 0 || (row * 2 < rows && column * 2 < columns))) {
    const step = steps[count++]!;
    if (step !== "extra") row++;
    if (step !== "missing") column++;
  }
  return steps.slice(0, count);
}

/** Behind the last step that takes a message of the recording. */
function lastUse(steps: readonly Step[]): number {
  return steps.findLastIndex((step) => step !== "extra") + 1;
}
