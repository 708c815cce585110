/**
 * Owns the Recovery: what became of connections that were lost, over a run and episode by episode, as
 * plain data of bounded size. Moments are ms after the start of traffic, of all workers on one clock.
 */
import type { TrendSummary } from "./trend.js";

/** The policy by which lost connections were opened again, every number resolved. */
export interface RecoveryPolicy {
  readonly kind: "none" | "fixed" | "exponential";
  /** ms; of none everything but the kind is 0, and meaningless. */
  readonly base: number;
  /** The longest wait, in ms. */
  readonly max: number;
  readonly jitter: "none" | "full" | "equal";
  /** Failed attempts after which one gives up; undefined: never. */
  readonly attempts: number | undefined;
  /** So many ms a connection has to hold before the waits start anew. */
  readonly resetAfter: number;
  /** Whether what servers ask of those who come again is done. */
  readonly hints: "honour" | "ignore";
}

/** What servers asked of those who come again, and how often it was done. */
export interface RecoveryHint {
  /** A refused upgrade's header, or the close code. */
  readonly hint: "retry-after" | "1012" | "1013";
  readonly honoured: number;
  /** Asked for longer than anyone waits here: the longest wait was kept instead. */
  readonly capped: number;
  /** How long was said in a way that is not understood: the policy's own wait stood. */
  readonly notUnderstood?: number | undefined;
  readonly ignored: number;
}

/** Connections lost at one node and opened again at one. */
export interface RecoveryMove {
  /** As the node names itself in the upgrade's answer; undefined when it did not. */
  readonly from: string | undefined;
  /** The same name when they came back to where they were. */
  readonly to: string | undefined;
  readonly connections: number;
  /** From the loss to the connection in its place, in ms. */
  readonly away: { readonly p50: number; readonly max: number };
  /** Stamped or sequenced messages missed while away; undefined when nothing told. */
  readonly missed: number | undefined;
}

/** What was played on connections in place of lost ones (`onReconnect`), and how it went. */
export interface Resubscribed {
  /** Whether it holds an expectation: without one, confirmed means no more than played. */
  readonly verified: boolean;
  /** Begun on so many connections. */
  readonly asked: number;
  /** Played to its end. */
  readonly confirmed: number;
  /** Not met, or cut short by another loss; the rest was under way when the run ended. */
  readonly failed: number;
}

/** What became of a number of lost connections. */
export interface RecoveryFigures {
  /** Connections lost. */
  readonly cut: number;
  /** Of these: another one was opened in its place. */
  readonly back: number;
  /** Of these: the policy gave up, or there was none. */
  readonly lostForGood: number;
  /** Of these: still away when the user's time, or the run, was over. */
  readonly ended: number;
  /** Dials made to replace them, failed ones included. */
  readonly attempts: number;
  /** Loss to the connection in its place, of those that are back; count 0 when none is. */
  readonly times: TrendSummary;
  /** Most dials to replace lost connections within any second, at a grain of 100 ms. */
  readonly peakPerSecond: number;
  /** The first attempts of each: what a policy makes of a crowd. */
  readonly firstRetries: {
    readonly count: number;
    /** The largest share of them due within any 100 ms, 0 to 1; 0 when there were none: the policy's. */
    readonly crowded: number;
    /** When these 100 ms began; undefined when there were none. */
    readonly at: number | undefined;
    /** The largest share of them that were really begun within any 100 ms, 0 to 1. */
    readonly begun: number;
    /** ms by which the generator itself began one later than it was due, at most. */
    readonly heldUp: number;
  };
  /**
   * Messages missed in the gaps: those that the ledger of stamped or sequenced messages finds missing
   * between the last before the loss and the first after it. Undefined when nothing told.
   */
  readonly missed: number | undefined;
  /** Undefined without `onReconnect`. */
  readonly resubscribed: Resubscribed | undefined;
  /** Most connections first; empty where no node names itself. */
  readonly moves: readonly RecoveryMove[];
  /** Connections of moves that are not in the list: it is bounded. */
  readonly furtherMoves: number;
  /**
   * Share of the users' time for which they had a connection, 0 to 1; undefined when there was none.
   * A user's time counts from its first connection to its end, and for one who gave up to when it
   * would have ended. Connections that are closed on purpose to be opened anew take nothing off, unless
   * the dial for the next one fails: then they are lost from that dial on.
   */
  readonly availability: number | undefined;
}

/** What began an episode. */
export type RecoveryCause =
  | {
      readonly kind: "event";
      /** Its place in the plan, from 1. */
      readonly event: number;
      /** 1, 2, 3 … of a periodic event; 1 of others. */
      readonly round: number;
      /** Of how many rounds in all; undefined: until the end of the run. */
      readonly rounds: number | undefined;
      readonly how: "close" | "fin" | "reset" | "silent";
      /** The share that was to be cut, 0 to 1. */
      readonly share: number;
      /** ms over which the share was cut; 0: at once. */
      readonly over: number;
    }
  | {
      /** Many were lost within a second, by nothing in the plan. */
      readonly kind: "losses";
      /** How they ended, most frequent first, a few: `1001 by server`, `1006 reset`. */
      readonly ends: readonly { readonly what: string; readonly count: number }[];
    };

/** How many connections were open. */
export interface OpenPoint {
  /** End of a stretch that began with the point before, ms after the start of traffic. */
  readonly at: number;
  /** Fewest open at any moment of that stretch. */
  readonly open: number;
}

/**
 * One cut and what followed: an event of the plan (each round of a periodic one is an episode of its
 * own, a rolling one is a single episode), or a burst of losses that the plan did not make. A burst
 * is a second in which at least 5 % of the connections open at its beginning are lost, and no fewer
 * than two unless only one is open; it goes on while that holds for the second before each loss.
 */
export interface RecoveryEpisode extends RecoveryFigures {
  readonly cause: RecoveryCause;
  /** The event's moment, or that of the first loss. */
  readonly at: number;
  /** ms until nobody of those cut was away any more: back, given up or ended. */
  readonly took: number;
  /** Connections open just before. */
  readonly openBefore: number;
  /** Fewest open at any moment of it. */
  readonly fewest: number;
  /** ms after `at` when half of those cut were back; undefined: never. */
  readonly to50: number | undefined;
  readonly to95: number | undefined;
  /** All of them; undefined as soon as one never came back. */
  readonly to100: number | undefined;
  /** Open connections from a little before until a little after it, evenly spaced, 120 at most. */
  readonly curve: readonly OpenPoint[];
}

/** The whole of it: of all losses of a run, and episode by episode. */
export interface Recovery extends RecoveryFigures {
  readonly policy: RecoveryPolicy;
  /** Those that servers gave; empty when none did. */
  readonly hints: readonly RecoveryHint[];
  /** In the order of their beginnings: the first ones, and the one that took longest. */
  readonly episodes: readonly RecoveryEpisode[];
  /** Episodes that are not in the list: later ones. */
  readonly furtherEpisodes: number;
  /** Losses that were only counted, since there were too many to follow each. */
  readonly unfollowed: number;
}
