/**
 * Owns the memory that a worker shares with the thread that wakes it. Moments in it are whole units
 * since the pacer was made, so that they fit a cell of 32 bits.
 */

import type { MessagePort } from "node:worker_threads";

/** Which cell holds what. */
export const Cell = {
  /** When the worker is to be woken next; {@link never} while it is being woken. */
  due: 0,
  /** Until when the thread sleeps, if ringing the bell shall wake it earlier; else {@link soon}. */
  asleepUntil: 1,
  /** Counts up: what the thread sleeps on. */
  bell: 2,
  stopped: 3,
} as const;

/** How many cells there are. */
export const cellCount = 4;

/** Units per millisecond: of 50 µs, 2³¹ of which last longer than the longest run, a day. */
export const unitsPerMs = 20;
export const never = 2 ** 31 - 1;
export const soon = -1;

/** How long the thread lets the worker be after having woken it, in ms. */
export const restMs = 0.25;

/** What the thread is given. */
export interface TickerFacts {
  readonly cells: Int32Array;
  readonly port: MessagePort;
  /** The units' zero on the machine's monotonic clock, in ms: the one clock that all threads share. */
  readonly zero: number;
}
