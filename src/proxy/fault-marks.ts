/**
 * Owns the marks that faults leave in the recording of one connection: what they struck was not as the
 * lines beside it say. Faults of bytes strike thousands of times: of each, so many are marked one by
 * one, and all of them counted at the end.
 */
import { faultSummary } from "../faults/active-fault.js";

/** Of one fault on one connection. */
const mostMarked = 1000;

/** Marks the strikes of faults. */
export class FaultMarks {
  readonly #mark: (text: string) => void;
  /** Fault → how often it struck. */
  readonly #struck = new Map<string, number>();

  constructor(mark: (text: string) => void) {
    this.#mark = mark;
  }

  /** A fault struck, so many times at once. */
  strike(name: string, count: number): void {
    const before = this.#struck.get(name) ?? 0;
    this.#struck.set(name, before + count);
    if (before >= mostMarked) return;
    const times = count === 1 ? "" : ` (${count} times)`;
    this.#mark(`fault ${name}: ${faultSummary(name) ?? "struck"}${times}`);
    if (before + count < mostMarked) return;
    this.#mark(`fault ${name}: its further strikes are counted, and told at the end`);
  }

  /** Nothing more strikes. */
  end(): void {
    for (const [name, count] of this.#struck) {
      if (count > mostMarked) this.#mark(`fault ${name}: struck ${count} times in all`);
    }
  }
}
