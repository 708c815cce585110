/** Owns the member: one worker of a run, and what the coordinator knows of it. */
import type { Finished, Opened } from "../load/engine.js";
import type { Plan } from "../scenario/plan.js";
import { cut, type Shard } from "../scenario/shard.js";
import type { WorkerHandle } from "./transport.js";

/** One worker and what is known of it. */
export interface Member {
  readonly shard: Shard;
  handle: WorkerHandle | undefined;
  opened: Opened | undefined;
  finished: Finished | undefined;
  lost: string | undefined;
  lastHeard: number;
  second: number;
  /** The number that the next snapshot is to have: they are numbered from 0. */
  snapshots: number;
}

/** The members of a run, none of them launched yet; `now` in ms of the machine's monotonic clock. */
export function membersFor({ connections }: Plan, workers: number, now: number): Member[] {
  return cut(connections, workers).map((shard) => ({
    shard,
    handle: undefined,
    opened: undefined,
    finished: undefined,
    lost: undefined,
    lastHeard: now,
    second: -1,
    snapshots: 0,
  }));
}
