/**
 * Owns the Plan: a Scenario compiled. Every number is resolved, everything is plain data that can
 * be sent to a worker; times in ms, sizes in bytes, rates per second.
 */
import type { FlowPlan } from "./flow-plan.js";
import type { RouteSpec, TlsSpec } from "./scenario.js";

/** A message fixed at compile time. */
export interface PlanMessage {
  readonly opcode: 1 | 2;
  /** Base64. */
  readonly payload: string;
}

/** The pacers there are; first the one that is used unless told, where the machine has room for it. */
export const pacerNames = ["ticker", "timer", "spin"] as const;

/**
 * Who sees to it that messages leave when they are due. A plan that has been compiled names nobody: it
 * is for the run to decide, by what was asked for and what the machine has room for.
 */
export type PacerName = (typeof pacerNames)[number];

/** What flows over the open connections. */
export type Traffic =
  | { readonly model: "closed"; readonly inFlight: number }
  /** `rate` is messages per second over all connections of the plan. */
  | { readonly model: "rate"; readonly rate: number; readonly pacer?: PacerName }
  | { readonly model: "idle" }
  /** Virtual users that step through scenarios. */
  | {
      readonly model: "flow";
      readonly judgedAs: "rate" | "closed" | "idle";
      readonly pacer?: PacerName;
      readonly flow: FlowPlan;
    };

/** What a plan's figures are judged as: at given rates, in closed loops, or neither. */
export function judgedAs(traffic: Traffic): "rate" | "closed" | "idle" {
  return traffic.model === "flow" ? traffic.judgedAs : traffic.model;
}

/** How a reply finds its send. */
export type Correlate =
  | { readonly by: "order" | "none" | "stamp"; readonly timeout: number }
  /** What the JSONPaths select in request and reply is the same. */
  | {
      readonly by: "id";
      readonly request: string;
      readonly response: string;
      readonly timeout: number;
    };

/** A condition on a metric that a run is held against; the grammar is that of `metrics/threshold`. */
export interface PlanThreshold {
  /** Name, with tags in braces or without: `ws_connecting{scenario:chat}`. */
  readonly metric: string;
  /** `p(99)<200` */
  readonly expression: string;
  /** Whether failing it ends the run at once … */
  readonly abortOnFail: boolean;
  /** … but not before so many ms after the start of traffic. */
  readonly after: number;
  /** Where it is written, `file:line:column`; undefined when it came from a flag. */
  readonly place: string | undefined;
}

/** Everything that a worker needs to know to play its part of a run. */
export interface Plan {
  readonly $schema: "wsctl.plan/1";
  /** Connection i goes to target i mod n. */
  readonly targets: readonly string[];
  readonly connection: {
    readonly headers: readonly (readonly [string, string])[];
    /** Names, in small letters, of those headers that are secret, whatever they are called. */
    readonly secretHeaders?: readonly string[];
    readonly subprotocols: readonly string[];
    /** Those of them that the environment filled in. */
    readonly secretSubprotocols?: readonly string[];
    readonly origin: string | undefined;
    readonly handshakeTimeout: number;
    readonly maxPayload: number;
    readonly family: 4 | 6 | undefined;
    /**
     * Addresses, blocks and ranges, as written. With t targets connection i leaves from address
     * ⌊i / t⌋ mod n of those they come to, so that every pair is used evenly; empty: the system chooses.
     */
    readonly localAddress: readonly string[];
    readonly tls: TlsSpec;
    readonly route?: RouteSpec;
  };
  /** Connections, or virtual users: every one has a global index below this. */
  readonly connections: number;
  /** Connections opened per second at most but for those in place of lost ones, all workers together. */
  readonly connectRate: number;
  readonly traffic: Traffic;
  /** For how long messages are due. */
  readonly duration: number;
  /** The first part of that, of which no times and no rates are taken; without it there is none. */
  readonly warmup?: number;
  readonly gracefulStop: number;
  /** Sent once on each connection as soon as it is open. */
  readonly first: readonly PlanMessage[];
  /** Taken in turn by each connection. */
  readonly messages: readonly PlanMessage[];
  readonly correlate: Correlate;
  readonly thresholds: readonly PlanThreshold[];
}
