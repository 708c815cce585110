/**
 * Owns the alignment of two rows of messages in their order: a longest common subsequence within a
 * window, so that one message which is missing makes none of those behind it differ.
 */
import { type Aligner, type AlignmentSink, isFarAhead, isFull, Line } from "./aligner.js";
import { firstHalf, lastUse, type Step } from "./alignment-steps.js";
import type { Comparer } from "./compare.js";
import type { Heard } from "./heard.js";
import type { JsonChange } from "./json-diff.js";
import { alignmentBudget, PairCosts } from "./pair-costs.js";

/** So many messages of either side are held against each other at a time. */
const window = 40;

/** How far ahead a message is looked for that both sides have. */
const farthest = 1024;

/** So many that have not come in time are waited for at the end; the oldest are given up before. */
const mostForgiven = 16;

/** The alignment. */
export class OrderAligner implements Aligner {
  readonly expected = new Line();
  readonly arrived = new Line();
  readonly most = { length: 1024, bytes: 4 * 1024 * 1024 };
  readonly #comparer: Comparer;
  readonly #sink: AlignmentSink;
  /** Whether the first of both sides were compared and differ. */
  #isStuck = false;
  /** How many have to wait on both sides before they are looked at again. */
  #next = window;
  /** How many of the first that are expected are not waited for. */
  #forgiven = 0;
  readonly #costs: PairCosts;

  constructor(comparer: Comparer, sink: AlignmentSink) {
    this.#comparer = comparer;
    this.#costs = new PairCosts(comparer);
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
    return this.lacking().length === 0;
  }

  get isComplete(): boolean {
    return this.#lacking(0).length === 0;
  }

  lacking(): readonly Heard[] {
    return this.#lacking(this.#forgiven);
  }

  forgive(): void {
    while (this.expected.length > mostForgiven) this.#missing();
    this.#forgiven = this.expected.length;
  }

  settle(): void {
    this.#match();
    while (this.expected.length > 0 && this.arrived.length > 0 && this.#block(false, true)) {
      this.#match();
    }
  }

  giveUp(): void {
    this.#match();
    while (this.expected.length > 0) {
      this.#block(false);
      this.#match();
    }
  }

  finish(): void {
    this.giveUp();
    while (this.arrived.length > 0) this.#extra();
  }

  /** Those that have no counterpart, of those behind the first so many. */
  #lacking(forgiven: number): readonly Heard[] {
    const [rows, columns] = [this.expected.length, this.arrived.length];
    if (rows <= forgiven) return [];
    const from = (first: number): Heard[] =>
      Array.from({ length: rows - first }, (_, index) => this.expected.at(first + index)!);
    // Who was not waited for may have come all the same.
    if (rows - forgiven > columns) return from(forgiven + columns);
    if (rows > window || this.#isFoundInOrder(forgiven)) return [];
    const nearest = this.#align(rows, Math.min(columns, window));
    const missing = this.#missingOf(nearest, forgiven);
    if (missing.length === 0 || columns <= window) return missing;
    const last = this.#align(rows, window, columns - window);
    return this.#missingOf(last, forgiven).length === 0 ? [] : missing;
  }

  #missingOf(steps: readonly Step[], forgiven: number): Heard[] {
    const missing: Heard[] = [];
    let row = 0;
    for (const step of steps) {
      if (step === "missing" && row >= forgiven) missing.push(this.expected.at(row)!);
      if (step !== "extra") row++;
    }
    return missing;
  }

  /** Whether all have come as they were, whatever has come between them. */
  #isFoundInOrder(forgiven: number): boolean {
    let row = forgiven;
    for (let at = 0; at < this.arrived.length && row < this.expected.length; at++) {
      const digest = this.#comparer.digestOf(this.arrived.at(at)!, false);
      if (digest === this.#comparer.digestOf(this.expected.at(row)!, true)) row++;
    }
    return row === this.expected.length;
  }

  #go(): void {
    this.#match();
    const isOverdue = isFull(this.expected, this.most) || isFull(this.arrived, this.most);
    if (Math.min(this.expected.length, this.arrived.length) < this.#next && !isOverdue) return;
    if (this.expected.length === 0) {
      // What came is far ahead of what is expected: whoever feeds us holds it up.
      if (isFarAhead(this.arrived)) this.#extra();
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
   * @param isPatient whether what is behind the last pair is left alone
   * @returns whether anything was told
   */
  #block(isOngoing: boolean, isPatient = false): boolean {
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
        return false;
      }
      this.#next = window;
      if (isPatient && anchor === undefined) {
        if (!steps.includes("pair")) return this.#skip(rows);
        steps = steps.slice(0, steps.lastIndexOf("pair") + 1);
      } else if (isAll && !isOngoing && anchor === undefined)
        steps = steps.slice(0, lastUse(steps));
      for (const step of steps) {
        if (step !== "extra") recorded--;
        if (step !== "missing") received--;
        if (step === "pair") this.#pair();
        else if (step === "missing") this.#missing();
        else this.#extra();
      }
      if (anchor === undefined) return steps.length > 0;
    }
    return true;
  }

  /** Where what is expected has its counterpart among the last that came, those before them are more. */
  #skip(rows: number): boolean {
    const columns = this.arrived.length;
    if (columns <= window || rows < this.expected.length) return false;
    if (!this.#align(rows, window, columns - window).includes("pair")) return false;
    for (let left = columns - window; left > 0; left--) this.#extra();
    return true;
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

  /**
   * The cheapest way through a table of so many messages; pairs are preferred, then what is missing.
   * @param first how many that came are left out
   */
  #align(rows: number, columns: number, first = 0): Step[] {
    const budget = alignmentBudget();
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
        const pair = this.#costs.of(
          this.expected.at(row)!,
          this.arrived.at(first + column)!,
          budget,
        );
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

  #pair(known?: readonly JsonChange[]): void {
    const [recorded, received] = [this.#shift(), this.arrived.shift()];
    this.#isStuck = false;
    const changes = known ?? this.#comparer.changes(recorded, received);
    this.#comparer.learn(recorded, received);
    if (changes.length === 0) this.#sink.same(recorded, received);
    else this.#sink.changed(recorded, received, changes);
  }

  #missing(): void {
    this.#isStuck = false;
    this.#sink.missing(this.#shift());
  }

  #shift(): Heard {
    if (this.#forgiven > 0) this.#forgiven--;
    return this.expected.shift();
  }

  #extra(): void {
    this.#isStuck = false;
    this.#sink.extra(this.arrived.shift());
  }
}
