/** Owns what a run needs beside its plan, and what it comes to. */
import type { DialFailure } from "../load/dialler.js";
import type { Output } from "../metrics/output.js";
import type { RunEnvironment, RunResult } from "../metrics/run-result.js";
import type { PacerName } from "../scenario/plan.js";
import type { Transport } from "./transport.js";

/** The clocks of the coordinator's machine. */
export interface Clock {
  /** The machine's monotonic clock in ms, the same for all its processes. */
  monotonic(): number;
  /** Wall clock, for the record only. */
  date(): Date;
}

/** What a run needs beside its plan. */
export interface RunOptions {
  readonly run: string;
  /** The scenario's file, as it was named; undefined when flags told what to do. */
  readonly scenario?: string | undefined;
  readonly transport: Transport;
  readonly workers: number;
  /** The pacer that was asked for; undefined: the finest that the machine has room for. */
  readonly pacer?: PacerName | undefined;
  readonly outputs: readonly Output[];
  readonly env: RunEnvironment;
  readonly clock: Clock;
  /** Ends the run early: drain, close, report. */
  readonly stop: AbortSignal;
  /** Leaves at once. */
  readonly abort: AbortSignal;
}

/** What a run came to; `failure` says why no connection opened, if none did. */
export interface RunOutcome {
  readonly result: RunResult;
  readonly failure: DialFailure | undefined;
}
