/**
 * Owns connections that events left open without a word: nobody reads them any more, and the other side
 * is to find that out by itself. Each holds a file descriptor.
 */
import type { FlowPlan } from "../../scenario/flow-plan.js";
import type { LeanSocket } from "../lean-socket.js";

/** For which share of its users a plan leaves one open beside the one in its place, from 0 to 1. */
export function silencedShare({ events }: Pick<FlowPlan, "events">): number {
  let share = 0;
  for (const { how, drop, every, times = every === undefined ? 1 : Infinity } of events) {
    if (how === "silent" && drop > 0) share += drop * times;
  }
  return Math.min(1, share);
}

/** Keeps the last of them. */
export class Silenced {
  readonly #most: number;
  readonly #kept = new Set<LeanSocket>();

  /** @param most kept at once: beyond it the oldest is reset */
  constructor(most: number) {
    this.#most = most;
  }

  /** In the order in which they fell silent. */
  get all(): LeanSocket[] {
    return [...this.#kept];
  }

  /** One more has fallen silent. */
  add(lean: LeanSocket): void {
    this.#kept.add(lean);
    if (this.#kept.size <= this.#most) return;
    for (const oldest of this.#kept) {
      this.#kept.delete(oldest);
      oldest.destroy();
      return;
    }
  }
}
