/**
 * Owns the log of messages: when each arrived, how long it was held back, and when it left. It is
 * what a load generator's own latencies are held against; a bounded ring keeps the newest.
 */

/** One message on its way through the server; times in ms on the machine's monotonic clock. */
export interface LogEntry {
  /** Which client, by order of arrival. */
  readonly connection: number;
  readonly run: string | undefined;
  /** The client's message number, from 0. */
  readonly sequence: number;
  readonly arrived: number;
  /** What was asked of the server: the delay it drew. */
  readonly delay: number;
  readonly left: number;
}

/** Keeps entries. */
export interface MessageLog {
  /** Whether anybody wants entries: asking spares making them. */
  readonly wanted: boolean;
  add(entry: LogEntry): void;
  /** The machine's monotonic clock in ms. */
  now(): number;
}
