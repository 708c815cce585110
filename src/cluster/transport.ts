/** Owns the interface behind which workers run: processes of this machine, or other machines. */
import type { FromWorker, ToWorker } from "./messages.js";

/** What the coordinator is told of one worker. */
export interface WorkerEvents {
  message(message: FromWorker): void;
  /** The worker is gone: after `done` that is its normal end, before it a loss. */
  gone(why: string): void;
}

/** One worker, from the coordinator's side. */
export interface WorkerHandle {
  send(message: ToWorker): void;
  /** Ends it at once. */
  kill(): void;
}

/** A way to have workers. */
export interface Transport {
  /** Starts worker number `index` and connects it. */
  launch(index: number, events: WorkerEvents): WorkerHandle;
}
