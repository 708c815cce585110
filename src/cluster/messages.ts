/**
 * Owns what coordinator and workers say to each other: every message, as plain data.
 *
 *     coordinator            worker
 *          plan      →
 *                    ←       opened        once every dial has ended
 *          start     →                     the barrier: all at the same instant
 *                    ←       snapshot …    one a second, from the first dial to the end
 *                    ←       barrier       whether every user of this worker that can come waits there
 *          confirm   →                     those of all workers do: is that still so?
 *                    ←       barrier       (the answer)
 *          release   →                     it is so everywhere: they go on
 *                    ←       fanout …      several a second, where broadcasts have an audience
 *                    ←       log           what a step had to say
 *          stop      →                     (early end: drain, close, report)
 *                    ←       done          after the last snapshot
 *                    ←       failed        instead of done: the worker could not go on
 */
import type { DialFailure } from "../load/dialler.js";
import type { Finished, Opened } from "../load/engine.js";
import type { BarrierState } from "../load/flow/barriers.js";
import type { FanoutBatch } from "../load/flow/fanout-batch.js";
import type { Snapshot } from "../metrics/snapshot.js";
import type { Plan } from "../scenario/plan.js";
import type { Shard } from "../scenario/shard.js";

/** What the coordinator says. Moments are on the machine's monotonic clock, in ms. */
export type ToWorker =
  | {
      readonly type: "plan";
      readonly plan: Plan;
      readonly shard: Shard;
      /** The run's id. */
      readonly run: string;
      /** The run's zero: snapshots count their seconds from here. */
      readonly epoch: number;
    }
  | { readonly type: "start"; readonly at: number }
  | ToMeeting
  | { readonly type: "stop" };

/** What the coordinator says to those who wait at a barrier. */
export type ToMeeting =
  | {
      readonly type: "confirm";
      readonly barrier: string;
      readonly round: number;
      /** The question's number, for the answer. */
      readonly ask: number;
    }
  | { readonly type: "release"; readonly barrier: string; readonly round: number };

/** What a worker says. */
export type FromWorker =
  | { readonly type: "opened"; readonly opened: Opened }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | ({ readonly type: "barrier" } & BarrierState)
  | { readonly type: "fanout"; readonly batch: FanoutBatch }
  /** One line, made harmless; a worker says no more than a few of them a second. */
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "done"; readonly finished: Finished }
  | { readonly type: "failed"; readonly failure: DialFailure };
