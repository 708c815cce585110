/**
 * Owns the RecoveryPart: what one worker knows at its end of the connections it lost, as plain data
 * that can travel. Moments are ms after the start of traffic.
 */

/** What became of a lost connection's user. */
export const fates = { away: 0, back: 1, gaveUp: 2 } as const;

/** What cut a connection; an event's is {@link eventCause}. */
export const causes = { other: -1, profile: -2 } as const;

/** How far what is played on a connection in place of a lost one has come. */
export const resubscriptions = { none: 0, asked: 1, confirmed: 2, failed: 3 } as const;

/** Rounds of an event are told apart up to here. */
const mostRounds = 2 ** 20;

/** One lost connection. */
export interface LossRecord {
  /** When it could be used no longer. */
  at: number;
  /** When its user was no longer away: back, gone, or out of time. NaN: it still is. */
  over: number;
  /** Until when it counts as away: of one who gave up, to when its time would have been over. */
  until: number;
  /** When the first dial in its place was due; NaN: there was none. */
  first: number;
  /** By how many ms that one was begun late. */
  held: number;
  attempts: number;
  missed: number;
  /** One of {@link fates}. */
  fate: number;
  /** One of {@link causes}, or an event's. */
  cause: number;
  /** How it ended: its place in the part's list. */
  end: number;
  /** The nodes before and after: 0 is unknown, else the place in the part's list, from 1. */
  from: number;
  to: number;
  /** One of {@link resubscriptions}. */
  resubscribed: number;
}

/** What a worker tells. */
export interface RecoveryPart {
  /** {@link encodeLosses} */
  readonly losses: string;
  readonly nodes: readonly string[];
  readonly ends: readonly string[];
  /** Losses beyond those. */
  readonly unfollowed: number;
  /** Dials in place of lost connections: tenth of a second, and how many, by turns. */
  readonly dials: readonly number[];
  /**
   * Connections opened less those ended, but for what `losses` tells: tenth of a second, and how many,
   * by turns.
   */
  readonly open: readonly number[];
  /** ms that users had since their first connections, and of these the ones without any. */
  readonly userTime: number;
  readonly awayTime: number;
  /** Whether a ledger would have told of messages missed. */
  readonly hasLedger: boolean;
}

/** What of an event's round is kept of whom it cut. */
export function eventCause(event: number, round: number): number {
  return event * mostRounds + Math.min(round, mostRounds - 1);
}

/** The longest stretch, in ms, that `dials` and `open` put together. */
export const grain = 100;

const fields = [
  "at",
  "over",
  "until",
  "first",
  "held",
  "attempts",
  "missed",
  "fate",
  "cause",
  "end",
  "from",
  "to",
  "resubscribed",
] as const satisfies readonly (keyof LossRecord)[];

/** A loss of which nothing but its beginning is known. */
export function newLoss(at: number, cause: number, end: number, from: number): LossRecord {
  const [over, until, first] = [NaN, NaN, NaN];
  const fate = fates.away;
  const resubscribed = resubscriptions.none;
  const none = { held: 0, attempts: 0, missed: 0, to: 0 };
  return { at, over, until, first, ...none, fate, cause, end, from, resubscribed };
}

/** Losses as base64 of numbers. */
export function encodeLosses(losses: readonly LossRecord[]): string {
  const numbers = new Float64Array(losses.length * fields.length);
  let at = 0;
  for (const loss of losses) for (const field of fields) numbers[at++] = loss[field];
  return Buffer.from(numbers.buffer).toString("base64");
}

/** The losses again. */
export function decodeLosses(encoded: string): LossRecord[] {
  const bytes = Buffer.from(encoded, "base64");
  const width = 8 * fields.length;
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, row) => {
    const loss = newLoss(0, 0, 0, 0);
    for (const [column, field] of fields.entries()) {
      loss[field] = bytes.readDoubleLE(row * width + column * 8);
    }
    return loss;
  });
}
