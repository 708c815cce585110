/**
 * Owns the marks that faults leave in the recording of one connection: what they struck was not as the
 * lines beside it say. Faults of bytes strike thousands of times: of each, so many are marked one by
 * one, and all of them counted at the end.
 */
import { faultSummary } from "../faults/active-fault.js";

/** Of one fault on one connection. */
const mostMarked = 1000;
/** And so many are told to the watcher. */
const mostTold = 10;

type MarkFault = (text: string, message?: number, isTold?: boolean) => void;

/** Marks the strikes of faults. */
export class FaultMarks {
  readonly #mark: MarkFault;
  /** Fault → how often it struck. */
  readonly #struck = new Map<string, number>();

  /** @param mark is told of the message that was struck: of those of the server, from 1 */
  constructor(mark: MarkFault) {
    this.#mark = mark;
  }

  /** A fault struck, so many times at once; that message, if it was one. */
  strike(name: string, count: number, message?: number): void {
    const before = this.#struck.get(name) ?? 0;
    this.#struck.set(name, before + count);
    if (before >= mostMarked) return;
    const facts = [
      ...(message === undefined ? [] : [`message ${message} from the server`]),
      ...(count === 1 ? [] : [`${count} times`]),
    ];
    const which = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
    const said = `fault ${name}: ${faultSummary(name) ?? "struck"}${which}`;
    this.#mark(said, message, before < mostTold);
    if (before + count < mostMarked) return;
    this.#mark(`fault ${name}: its further strikes are counted, and told at the end`);
  }

  /** Nothing more strikes. */
  end(): void {
    for (const [name, count] of this.#struck) {
      if (count > mostTold) this.#mark(`fault ${name}: struck ${count} times in all`, 0, true);
    }
  }
}
