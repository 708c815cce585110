/** Owns the cursor: where a user is in a program, and what its present step remembers. */
import type { MessageView } from "../../message/view.js";
import type { Step } from "./step/step.js";

/** Steps in a row; jumps are steps as well. */
export interface Program {
  readonly steps: readonly Step[];
  /** Places for numbers that loops remember. */
  readonly slots: number;
}

const noSlots = new Float64Array(0);

/** One place in one program. */
export class Cursor {
  readonly program: Program;
  /** Number of the present step. */
  at = 0;
  /** Whether the present step has begun: it may have been reached while the connection was away. */
  begun = false;
  /** Counts the steps begun by this user, so that a reply can be told to belong to one. */
  visit = 0;
  /** When the present step was begun. */
  since = 0;
  /** When the present step is to be looked at again; Infinity: something else has to happen. */
  wakeAt = Infinity;
  /** When the present step is over, if it ends by itself. */
  until = Infinity;
  /** What the present step counts. */
  count = 0;
  /** The last message that was not what the present step waits for. */
  other: MessageView | undefined = undefined;
  /** How large that message was, in bytes: of a large one only the beginning is kept. */
  otherSize = 0;
  /** What loops remember, by their slots. */
  readonly slots: Float64Array;

  constructor(program: Program) {
    this.program = program;
    this.slots = program.slots === 0 ? noSlots : new Float64Array(program.slots);
  }

  get step(): Step {
    return this.program.steps[this.at]!;
  }

  /** Makes the present step begin. */
  begin(visit: number, now: number): void {
    this.begun = true;
    this.visit = visit;
    this.since = now;
    this.wakeAt = Infinity;
    this.until = Infinity;
    this.count = 0;
    this.other = undefined;
  }

  /** Goes to a step that has not begun. */
  jump(to: number): void {
    this.at = to;
    this.begun = false;
    this.wakeAt = Infinity;
  }
}
