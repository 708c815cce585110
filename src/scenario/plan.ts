/**
 * Owns the Plan: a Scenario compiled. Every number is resolved, everything is plain data that can
 * be sent to a worker; times in ms, sizes in bytes, rates per second.
 */
import type { RouteSpec, TlsSpec } from "./scenario.js";

/** A message fixed at compile time. */
export interface PlanMessage {
  readonly opcode: 1 | 2;
  /** Base64. */
  readonly payload: string;
}

/** Who sees to it that messages leave when they are due. */
export type PacerName = "timer";

/** What flows over the open connections. */
export type Traffic =
  | { readonly model: "closed"; readonly inFlight: number }
  /** `rate` is messages per second over all connections of the plan. */
  | { readonly model: "rate"; readonly rate: number; readonly pacer: PacerName }
  | { readonly model: "idle" };

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
    readonly origin: string | undefined;
    readonly handshakeTimeout: number;
    readonly maxPayload: number;
    readonly family: 4 | 6 | undefined;
    /** Connection i leaves from address i mod n; empty: the system chooses. */
    readonly localAddress: readonly string[];
    readonly tls: TlsSpec;
    readonly route?: RouteSpec;
  };
  readonly connections: number;
  /** Connections opened per second at most, all workers together. */
  readonly connectRate: number;
  readonly traffic: Traffic;
  /** For how long messages are due. */
  readonly duration: number;
  readonly gracefulStop: number;
  /** Sent once on each connection as soon as it is open. */
  readonly first: readonly PlanMessage[];
  /** Taken in turn by each connection. */
  readonly messages: readonly PlanMessage[];
  readonly correlate: { readonly by: "order" | "none"; readonly timeout: number };
}
