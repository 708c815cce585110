/** Owns the trace of a dry run: everything that one user's steps do, as it happens. */

/** What happened. */
export type TraceKind =
  | "opened"
  | "step"
  | "sent"
  /** The answer to a heartbeat of the server's own. */
  | "auto-reply"
  | "received"
  | "waiting"
  | "matched"
  | "captured"
  | "failed"
  | "lost"
  | "closed";

/** One thing that happened. */
export interface TraceEvent {
  /** Milliseconds since the start of traffic. */
  readonly at: number;
  /** Global index of the user. */
  readonly user: number;
  readonly scenario: string;
  /** The present step's name. */
  readonly step: string;
  readonly what: TraceKind;
  /**
   * Made harmless, and shortened. Of `failed`, why; of `lost` and `closed`, how: `4001 by server: bye`.
   */
  readonly detail: string;
}

/** Hears of everything; what it takes to listen is taken from the load. */
export type Trace = (event: TraceEvent) => void;
