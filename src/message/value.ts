/** Owns what a hole of a template can hold, how often that changes, and what it is drawn from. */
import type { Random } from "../base/random.js";
import type { JsonValue } from "./json.js";

/** How often a value changes: never in a run, once a connection, or with every message. */
export type Cadence = "constant" | "connection" | "message";

/** What a name stands for: a value known for the whole run, or one looked up when rendering. */
export type Binding =
  | { readonly value: JsonValue }
  | { readonly per: Exclude<Cadence, "constant"> };

/** Names with what they stand for: a map, or maps one above the other. */
export interface Names {
  get(name: string): Binding | undefined;
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** The names that a template may use. */
export interface NameScope {
  /** By name, feeders' columns with their dot: `room`, `users.token`. */
  readonly names: Names;
  /** What `$env.NAME` may read; without it, nothing. */
  readonly env?: ReadonlyMap<string, string>;
}

/** What a message is made from. The engine keeps one per connection and changes it in place. */
export interface RenderContext {
  /** The run's number, 0 to 2^32 − 1. */
  run: number;
  /** Global index of the connection. */
  index: number;
  /** Sequence of this message on its connection. */
  seq: number;
  /** Sequence that stamps carry, where it is not the message's own. */
  stampSeq?: number;
  /** The last sequence that came in on this connection; 0 before the first. */
  lastSeq: number;
  /** Milliseconds since 1970, whole. */
  now: number;
  /** Whole microseconds of the machine's monotonic clock, for stamps. */
  micros: number;
  /** Seeded by run and connection, so that what is said depends on nothing else. */
  readonly random: Random;
  /** The value of a name that the scope bound per connection or per message. */
  variable(name: string): JsonValue | undefined;
}

/** The value of one hole. */
export interface Value {
  /** As it is written: `$seq`, `users.token`. */
  readonly name: string;
  readonly cadence: Cadence;
  /** @throws WsctlError WSCTL_EUSAGE when there is no such value yet */
  read(context: RenderContext): JsonValue;
  /** With `write`: whether its values are text, which JSON puts in quotes, and not numbers. */
  readonly isText?: true;
  /**
   * Only of values that are ASCII and need no escaping in JSON: writes the next one over the last
   * one. False when it is not `width` bytes long; then nothing was written.
   */
  write?(into: Buffer, at: number, width: number, context: RenderContext): boolean;
}

/** What constants are read with: they look at nothing in it. */
export const noContext = Object.freeze({}) as RenderContext;
