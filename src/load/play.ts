/** Owns what a play is: one way of driving a shard's connections through a run, and what it tells. */
import type { RecoveryPart } from "../metrics/recovery-part.js";
import type { DeliveryPart } from "../metrics/delivery.js";
import type { ExpectationResult } from "../metrics/run-result.js";
import type { SlowConsumers } from "../metrics/slow-consumers.js";
import type { ScheduleOutcome } from "./open-model.js";

/** Drives the connections of one shard. Moments are on `performance.now`'s clock, in ms. */
export interface Play {
  /** Opens what is to be open before traffic; resolves when every dial has ended. */
  open(): Promise<void>;
  /** Lets traffic flow from `at` for the plan's duration; stopped, or with nothing left, for less. */
  traffic(at: number): Promise<void>;
  /** Waits until every request has met its fate, or the graceful stop is over. */
  drain(): Promise<void>;
  /** Closes every connection; who has not closed after `grace` ms is reset. */
  close(grace: number): Promise<void>;
  /** What is known at the end. */
  facts(): PlayFacts;
}

/** What a play knows at its end beside its figures. */
export interface PlayFacts {
  /** Connections whose own sums do not add up. */
  readonly connectionsOff: number;
  /** Connections on which replies could not be paired with requests any more. */
  readonly pairingLost: number;
  /** Messages of schedules: due on open connections, and sent. */
  readonly schedule: Pick<ScheduleOutcome, "due" | "sent">;
  /** Whether the pacer lost what it wakes by, so that a timer stood in for it. */
  readonly pacerLost?: boolean;
  /** Of virtual users only. */
  readonly flow: FlowFacts | undefined;
}

/** What came of virtual users. */
export interface FlowFacts {
  readonly users: {
    /** Lives that began. */
    readonly begun: number;
    /** Lives that ended because their time or their flow was over. */
    readonly completed: number;
    /** Lives cut short because the connection could not be opened, or was lost for good. */
    readonly lost: number;
    /** Of these, how many the plan itself had cut, no dial having failed since; undefined: none. */
    readonly lostByPlan?: number;
    /** Arrivals that found no place. */
    readonly dropped: number;
  };
  readonly expectations: readonly ExpectationResult[];
  /** Undefined without a ledger. */
  readonly delivery?: DeliveryPart | undefined;
  /** Undefined when nobody ever had a connection. */
  readonly recovery?: RecoveryPart | undefined;
  /** Undefined when nobody reads slowly. */
  readonly slow?: SlowConsumers | undefined;
}
