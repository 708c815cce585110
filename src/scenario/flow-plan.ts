/**
 * Owns the part of a Plan that says what virtual users do: scenarios with their steps, who lives
 * when, what data they carry. Plain data, every number resolved: times in ms, rates per second.
 * Templates, JSONPaths and expressions are still text here: each worker compiles them once.
 */
import type { BackoffPolicy } from "../base/backoff.js";
import type { CaptureSpec } from "../message/capture.js";
import type { JsonValue } from "../message/json.js";
import type { MatchSpec } from "../message/matcher.js";

/** From (included) to (included), in ms; the same number twice is a fixed time. */
export type Span = readonly [number, number];

/** What virtual users do, and for how long how many of them. */
export interface FlowPlan {
  /** Everything random follows from it and from global indices: 0 to 2^32 − 1. */
  readonly seed: number;
  readonly load: PlanLoad;
  /** Connections are closed and opened anew after so long. */
  readonly lifetime: Span | undefined;
  readonly scenarios: readonly PlanScenario[];
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly feeders: readonly PlanFeeder[];
  /** Without it, a connection that is lost stays lost. */
  readonly reconnect: PlanReconnect | undefined;
  /** Header of the upgrade's answer in which nodes name themselves; `Wsctl-Node` unless told. */
  readonly node?: string;
  /** Played on each connection that was opened in place of a lost one, before the flow goes on. */
  readonly onReconnect: readonly PlanStep[];
  /** How the service numbers what its senders say; without it the ledger is that of stamps. */
  readonly sequence?: PlanSequence | undefined;
  readonly heartbeat: PlanHeartbeat;
  readonly profiles: readonly PlanProfile[];
  readonly events: readonly PlanEvent[];
}

/** How many users there are, over time. */
export interface PlanLoad {
  /**
   * `population`: a stage's figures are users alive, and a user that is too many ends. `arrivals`:
   * they are new users per second, and each lives until its flow ends.
   */
  readonly kind: "population" | "arrivals";
  /** One after the other, each a straight line from its first figure to its last. */
  readonly stages: readonly PlanStage[];
  /** Arrivals find no place when so many are alive; they are counted as dropped. */
  readonly maxConnections: number | undefined;
}

/** One stage: a straight line from one figure to another. */
export interface PlanStage {
  readonly name: string;
  readonly duration: number;
  readonly from: number;
  readonly to: number;
}

/** One kind of user. */
export interface PlanScenario {
  readonly name: string;
  readonly weight: number;
  /** What happens when the flow ends before its user's time is over. */
  readonly repeat: "same-socket" | "reconnect" | "once";
  readonly flow: readonly PlanStep[];
  /**
   * Who should hear a stamped message of this scenario, of those connected when it is sent: `all`,
   * `scenario:NAME`, `presence` (who has heard any broadcast on that connection), `observed` (who has
   * heard that very sender).
   */
  readonly audience: string | undefined;
}

/** A file with one row per user. */
export interface PlanFeeder {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly format: "csv" | "json" | "jsonl";
  /** How many rows the file has. */
  readonly rows: number;
  readonly order: "sequence" | "random" | "unique";
}

/** How messages of the service tell who sent them, and the how manieth of that sender they are. */
export interface PlanSequence {
  /** JSONPath of a whole number that grows by one with each message of a sender. */
  readonly number: string;
  /** JSONPath; undefined: the server is the only one. */
  readonly sender: string | undefined;
  /** JSONPath of what a sender counts apart, such as a room. */
  readonly of: string | undefined;
  /** Which messages are numbered, where others have a value at the same path. */
  readonly match: MatchSpec | undefined;
  /** The first number of each sender; undefined: whatever comes first. */
  readonly start: number | undefined;
  /** Whether a sender goes on counting when the receiver's connection is another one. */
  readonly per: "sender" | "connection";
}

/** Liveness beside the flow. */
interface PlanHeartbeat {
  /** A ping is sent so often. */
  readonly ping: number | undefined;
  /** Without a pong for so long after a ping, the connection counts as dead and is cut. */
  readonly timeout: number;
  /** Answered at once, and kept out of all figures of requests. */
  readonly autoReplies: readonly { readonly match: MatchSpec; readonly send: PlanSend }[];
}

/** A share of the connections that behaves in its own way. */
export interface PlanProfile {
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  /** Bytes per second at most. */
  readonly readRate: number | undefined;
  /** Cut without a close frame, again and again, after a time from this span. */
  readonly drop: Span | undefined;
  /** Whether pings are left unanswered. */
  readonly mute: boolean;
}

/** How connections are opened in place of lost ones. */
export interface PlanReconnect extends BackoffPolicy {
  /** Whether what servers ask of those who come again is done; it is unless told. */
  readonly hints?: "honour" | "ignore" | undefined;
}

/** Something that happens to the whole run. */
export interface PlanEvent {
  /** After the start of traffic; the first time, when it comes again. */
  readonly at: number;
  /** It comes again so often, in ms. */
  readonly every?: number | undefined;
  /** How often in all; until the run's end unless told. Without `every`, once. */
  readonly times?: number | undefined;
  /** The share is cut evenly over so many ms; at once unless told. */
  readonly over?: number | undefined;
  /** Share of the open connections, 0 to 1. */
  readonly drop: number;
  readonly how: "close" | "fin" | "reset" | "silent";
}

/** What a message is made of. */
export interface PlanSend {
  readonly opcode: 1 | 2;
  readonly payload:
    | { readonly kind: "text"; readonly template: string }
    /** Every text in it is a template. */
    | { readonly kind: "json"; readonly template: JsonValue }
    | { readonly kind: "bytes"; readonly base64: string };
  /** In how many frames it is sent; 1 is whole. */
  readonly fragments: number;
  /** Whether a reply is due, by the rule of `correlate`. */
  readonly reply: boolean;
}

/** What every step has. */
interface Named {
  /** As the author named it, or its place: `chat.flow[2]`. */
  readonly name: string;
}

/** A condition on a message that has to come. */
export interface PlanExpectation {
  readonly match: MatchSpec;
  readonly within: number;
  readonly captures: readonly CaptureSpec[];
}

/** One step of a flow. */
export type PlanStep = Named &
  (
    | {
        readonly kind: "send";
        readonly message: PlanSend;
        /**
         * The reply (by the rule of `correlate`; under `none` and `stamp` the next message that
         * matches) is waited for and held against it. Without it the flow goes on at once.
         */
        readonly expect: PlanExpectation | undefined;
      }
    /** Waits for a message that matches; one that does not come is a failed expectation. */
    | { readonly kind: "wait"; readonly expect: PlanExpectation; readonly optional: boolean }
    /** Takes values out of the last message that was expected, waited for, or else came. */
    | { readonly kind: "capture"; readonly captures: readonly CaptureSpec[] }
    /** Sends on a schedule of intended times: nothing that was due is skipped. */
    | {
        readonly kind: "every";
        /** Messages per second of this user. */
        readonly rate: number;
        readonly for: number;
        /** In turn. */
        readonly messages: readonly PlanSend[];
        /** Held against each reply; nothing waits for it. */
        readonly expect: PlanExpectation | undefined;
      }
    /** Closed loop: at most `inFlight` requests unanswered. */
    | {
        readonly kind: "flood";
        readonly for: number;
        readonly inFlight: number;
        readonly messages: readonly PlanSend[];
        readonly expect: PlanExpectation | undefined;
      }
    /** Only receives. */
    | { readonly kind: "listen"; readonly for: number }
    | { readonly kind: "think"; readonly for: Span }
    /** Sends a ping and waits for its pong. */
    | { readonly kind: "ping"; readonly payload: string; readonly within: number }
    /** Closes with a code; the user's flow ends with it. */
    | { readonly kind: "close"; readonly code: number; readonly reason: string }
    /** Closes with 1000 and opens again; the flow goes on there. */
    | { readonly kind: "reconnect" }
    /** Ends with whichever comes first. */
    | {
        readonly kind: "loop";
        readonly count: number | undefined;
        readonly over: number | undefined;
        /** Goes on while the variable's value passes; looked at before each round. */
        readonly while: PlanCondition | undefined;
        readonly flow: readonly PlanStep[];
      }
    /** Waits until every user that can still come within the timeout has come, on all workers. */
    | { readonly kind: "barrier"; readonly barrier: string; readonly timeout: number }
    /** One of them, drawn by weight. */
    | {
        readonly kind: "choose";
        readonly options: readonly {
          readonly weight: number;
          readonly flow: readonly PlanStep[];
        }[];
      }
    /** Texts are templates. */
    | { readonly kind: "set"; readonly variables: Readonly<Record<string, JsonValue>> }
    | { readonly kind: "log"; readonly template: string }
  );

/** A question about a variable; the operators are the matcher's. */
export interface PlanCondition {
  readonly variable: string;
  readonly operator: "equals" | "notEquals" | "exists" | "gt" | "gte" | "lt" | "lte" | "matches";
  readonly operand: JsonValue;
}
