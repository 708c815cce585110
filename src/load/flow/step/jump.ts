/** Owns the steps that put the cursor elsewhere: loops and choices, flattened. */
import type { Condition } from "../condition.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** A loop without a count that takes no time and sends nothing is held up for so long. */
const idlePause = 100;

/** Places for what a loop remembers of a user. */
const [rounds, deadline, roundAt, sentBefore] = [0, 1, 2, 3];
/** How many places a loop needs. */
export const loopSlots = 4;

/** What ends a loop. */
export interface LoopLimits {
  readonly count: number | undefined;
  readonly while: Condition | undefined;
}

/** Comes before a loop's head, once. */
export class LoopStart extends Step {
  readonly #slot: number;
  readonly #over: number;

  constructor(place: Place, slot: number, over: number | undefined) {
    super(place);
    this.#slot = slot;
    this.#over = over ?? Infinity;
  }

  begin({ cursor: { slots } }: User, now: number): Outcome {
    slots[this.#slot + rounds] = 0;
    slots[this.#slot + deadline] = now + this.#over;
    slots[this.#slot + roundAt] = -Infinity;
    return "next";
  }
}

/** Before each round of a loop. */
export class LoopHead extends Step {
  /** Where the step after the loop stands. */
  exit = 0;
  readonly #slot: number;
  readonly #limits: LoopLimits;

  constructor(place: Place, slot: number, limits: LoopLimits) {
    super(place);
    this.#slot = slot;
    this.#limits = limits;
  }

  begin(user: User, now: number): Outcome {
    const { slots } = user.cursor;
    const slot = this.#slot;
    const isIdle = now - slots[slot + roundAt]! < 1 && user.sends === slots[slot + sentBefore];
    if (this.#limits.count === undefined && isIdle) {
      user.cursor.wakeAt = Math.min(now + idlePause, slots[slot + deadline]!);
      return "wait";
    }
    return this.look(user, now);
  }

  override look(user: User, now: number): Outcome {
    const { cursor } = user;
    if (now < cursor.wakeAt && cursor.wakeAt !== Infinity) return "wait";
    const { slots } = cursor;
    const slot = this.#slot;
    const { count = Infinity, while: condition } = this.#limits;
    const isOver =
      slots[slot + rounds]! >= count ||
      now >= slots[slot + deadline]! ||
      (condition !== undefined && !condition(user.context));
    if (isOver) {
      cursor.jump(this.exit);
      return "jump";
    }
    slots[slot + rounds]! += 1;
    slots[slot + roundAt] = now;
    slots[slot + sentBefore] = user.sends;
    return "next";
  }
}

/** Goes elsewhere: back to a loop's head, or past the other options of a choice. */
export class Jump extends Step {
  to: number;

  constructor(place: Place, to = 0) {
    super(place);
    this.to = to;
  }

  begin({ cursor }: User): Outcome {
    cursor.jump(this.to);
    return "jump";
  }
}

/** Draws one of several ways by their weights. */
export class Choose extends Step {
  /** Where each option begins. */
  readonly starts: number[] = [];
  readonly #weights: readonly number[];
  readonly #total: number;

  constructor(place: Place, weights: readonly number[]) {
    super(place);
    this.#weights = weights;
    this.#total = weights.reduce((sum, weight) => sum + weight, 0);
  }

  begin({ cursor, context }: User): Outcome {
    let left = context.random.float() * this.#total;
    let option = 0;
    for (const [i, weight] of this.#weights.entries()) {
      if (weight <= 0) continue;
      option = i;
      left -= weight;
      if (left < 0) break;
    }
    cursor.jump(this.starts[option]!);
    return "jump";
  }
}
