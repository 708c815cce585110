/**
 * Owns the RunResult: one versioned document that says what a run was, what it measured and
 * whether that is evidence. Every report is rendered from it alone.
 */
import type { Interval } from "./interval.js";
import type { Conservation } from "./conservation.js";
import type { DeliveryAccount } from "./delivery.js";
import type { FanOut } from "./fan-out.js";
import type { Recovery } from "./recovery.js";
import type { SlowConsumers } from "./slow-consumers.js";
import type { TrendSummary } from "./trend.js";
import type { Validity } from "./validity.js";

/** Where a run took place. */
export interface RunEnvironment {
  readonly wsctl: string;
  readonly node: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
}

/** One kind of error, how often it happened, and what one of them said (made harmless). */
export interface RunError {
  readonly what: string;
  readonly count: number;
  readonly example: string;
}

/** Messages, and bytes of frames, both ways. */
export interface Throughput {
  readonly sent: number;
  readonly received: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Totals and trends of a part of a run: of one scenario, or of one stage. */
export interface RunPart {
  readonly name: string;
  /** Milliseconds that it was under way: the base of its rates. */
  readonly span: number;
  readonly totals: Readonly<Record<string, number>>;
  /** Of the counters, what fell within the traffic: what rates are made of. */
  readonly inTraffic: Readonly<Record<string, number>>;
  readonly trends: Readonly<Record<string, TrendSummary>>;
}

/** A threshold, and how the run fared against it. */
export interface ThresholdResult {
  /** With its tags: `ws_connecting{scenario:chat}`. */
  readonly metric: string;
  /** `p(99)<200` */
  readonly expression: string;
  readonly ok: boolean;
  /** What was measured; undefined when the metric had no value, which fails the threshold. */
  readonly actual: number | undefined;
  /** Whether it ended the run before its time. */
  readonly aborted: boolean;
  /** `file:line:column`, where it came from a file. */
  readonly place: string | undefined;
}

/** The expectations of one step, over all users. */
export interface ExpectationResult {
  readonly scenario: string;
  /** The step's name or place. */
  readonly step: string;
  readonly passed: number;
  readonly failed: number;
  /** What the first failure was, made harmless; undefined when none failed. */
  readonly example: string | undefined;
}

/** What became of virtual users. */
export interface UserFacts {
  /** Lives that began. */
  readonly begun: number;
  /** Lives that ended because their time or their flow was over. */
  readonly completed: number;
  /** Lives cut short because the connection could not be opened, or was lost for good. */
  readonly lost: number;
  /** Arrivals that found no place. */
  readonly dropped: number;
}

/** Figures about the run that are no metric. */
export interface RunFacts {
  /** The run's id, sent to servers as `Wsctl-Run`. */
  readonly id: string;
  /** The scenario's file, as it was named; undefined when flags told what to do. */
  readonly scenario: string | undefined;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds from the first dial to the last socket closed. */
  readonly took: number;
  /** Milliseconds for which messages were due, the warm-up left out: the base of all rates. */
  readonly trafficFor: number;
  /** Milliseconds before that which were its warm-up: counted, and not timed. Undefined without. */
  readonly warmupFor?: number | undefined;
  /** What went to and fro in that time; opening and draining are left out. */
  readonly inTraffic: Throughput;
  readonly workers: number;
  /** What the figures are judged as: of closed loops, at given rates, or of listeners only. */
  readonly model: "closed" | "rate" | "idle";
  readonly pacer: string | undefined;
  /** Why it is not the pacer that is used unless told. */
  readonly pacerBecause?: string | undefined;
  /** Messages per second asked for; undefined in closed loops. */
  readonly askedRate: number | undefined;
  /** Whether every target is on this machine, so that both sides shared its cores. */
  readonly loopback: boolean;
  /** Undefined when the plan has no virtual users. */
  readonly users: UserFacts | undefined;
  /** One opened connection's handshake, as an example: `HTTP/1.1 101 …`, cipher, extensions. */
  readonly handshake: HandshakeExample | undefined;
}

/** What one of the run's connections negotiated. */
export interface HandshakeExample {
  readonly status: string;
  readonly server: string | undefined;
  readonly subprotocol: string | undefined;
  readonly extensions: string | undefined;
  /** Such as `TLSv1.3 TLS_AES_256_GCM_SHA384`. */
  readonly tls: string | undefined;
}

/** What a run came to. */
export interface RunResult {
  readonly $schema: "wsctl.run/1";
  readonly run: RunFacts;
  /** The resolved plan, secrets removed. Opaque: reports may print it, not interpret it. */
  readonly plan: Readonly<Record<string, unknown>>;
  readonly env: RunEnvironment;
  /** Counters by series key; gauges at their highest reading. */
  readonly totals: Readonly<Record<string, number>>;
  /**
   * Of the counters, what fell within the traffic: what rates are made of. Without stages it is told
   * by whole seconds, those of its beginning and its end included.
   */
  readonly inTraffic: Readonly<Record<string, number>>;
  readonly trends: Readonly<Record<string, TrendSummary>>;
  /** Of each scenario, when the plan is one of virtual users. */
  readonly scenarios: readonly RunPart[];
  /** Of each stage of the load, in order. */
  readonly stages: readonly RunPart[];
  /** Of users with each profile, and last of those without (`healthy`); undefined where all are alike. */
  readonly profiles?: readonly RunPart[] | undefined;
  /** Of users who read slowly; undefined when none was to. */
  readonly slow?: SlowConsumers | undefined;
  /** Of broadcasts to an audience; undefined when no scenario has one. */
  readonly fanOut?: FanOut | undefined;
  /** Of numbered messages, by senders and receivers; undefined where no ledger was kept. */
  readonly delivery?: DeliveryAccount | undefined;
  /** One entry a second. */
  readonly series: readonly Interval[];
  readonly conservation: Conservation;
  readonly thresholds: readonly ThresholdResult[];
  readonly expectations: readonly ExpectationResult[];
  readonly validity: Validity;
  readonly errors: readonly RunError[];
  /** Of virtual users' connections that were lost; undefined when none was. */
  readonly recovery?: Recovery | undefined;
  /** Whether the user ended the run before its time. */
  readonly interrupted: boolean;
}
