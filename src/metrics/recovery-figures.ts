/** Owns working out what became of a number of lost connections. */
import { highestMicros } from "./layout.js";
import type { RecoveryFigures, RecoveryMove, Resubscribed } from "./recovery.js";
import { crowdOf } from "./recovery-crowd.js";
import { fates, resubscriptions, type LossRecord } from "./recovery-part.js";
import { Trend } from "./trend.js";

/** Moves that are told apart. */
const mostMoves = 50;

/** What is the same for all losses of a run. */
export interface LossFacts {
  /** By number, from 1. */
  readonly nodes: readonly string[];
  /** Whether a ledger would have told of messages missed. */
  readonly hasLedger: boolean;
  /** Whether something is played on connections in place of lost ones, and verifies what comes. */
  readonly onReconnect: "nothing" | "played" | "verified";
}

/** All but what is known of the time in which they were lost. */
type OfLosses = Omit<RecoveryFigures, "peakPerSecond" | "availability">;

/** What became of them. */
export function figuresOf(losses: readonly LossRecord[], facts: LossFacts): OfLosses {
  const count = (fate: number): number => losses.filter((loss) => loss.fate === fate).length;
  const tried = losses.filter(({ attempts }) => attempts > 0);
  const { share, at } = crowdOf(tried.map(({ first }) => first));
  const { moves, further } = movesOf(losses, facts);
  return {
    cut: losses.length,
    back: count(fates.back),
    lostForGood: count(fates.gaveUp),
    ended: count(fates.away),
    attempts: sum(losses, ({ attempts }) => attempts),
    times: trendOf(timesOf(losses)).summary(),
    firstRetries: {
      count: tried.length,
      crowded: share,
      at,
      begun: crowdOf(tried.map(({ first, held }) => first + held)).share,
      heldUp: tried.reduce((most, { held }) => Math.max(most, held), 0),
    },
    missed: facts.hasLedger ? sum(losses, missedIn) : undefined,
    resubscribed: resubscribedIn(losses, facts),
    moves,
    furtherMoves: further,
  };
}

/**
 * When so large a share of those cut was back, in ms after a moment; undefined: never.
 * @param share 0 to 1
 */
export function backAfter(
  losses: readonly LossRecord[],
  share: number,
  from: number,
): number | undefined {
  const back = losses.filter(({ fate }) => fate === fates.back).map(({ over }) => over);
  const wanted = Math.ceil(losses.length * share);
  return wanted === 0 ? undefined : kth(back, wanted, from);
}

/** Time away, of all of them together, from one moment to another, in ms. */
export function awayWithin(losses: readonly LossRecord[], from: number, to: number): number {
  return sum(losses, ({ at, until }) => Math.max(0, Math.min(until, to) - Math.max(at, from)));
}

function kth(values: readonly number[], k: number, from: number): number | undefined {
  const value = values.toSorted((a, b) => a - b)[k - 1];
  return value === undefined ? undefined : Math.max(0, value - from);
}

function timesOf(losses: readonly LossRecord[]): number[] {
  return losses.filter(({ fate }) => fate === fates.back).map(({ at, over }) => over - at);
}

function trendOf(times: readonly number[]): Trend {
  const trend = new Trend();
  for (const ms of times) trend.add(Math.min(highestMicros, Math.max(0, Math.round(ms * 1000))));
  return trend;
}

/** A message that was taken for missed may have come after all. */
function missedIn({ missed }: LossRecord): number {
  return Math.max(0, missed);
}

function resubscribedIn(
  losses: readonly LossRecord[],
  { onReconnect }: LossFacts,
): Resubscribed | undefined {
  if (onReconnect === "nothing") return undefined;
  const count = (...states: readonly number[]): number =>
    losses.filter(({ resubscribed }) => states.includes(resubscribed)).length;
  const { asked, confirmed, failed } = resubscriptions;
  return {
    verified: onReconnect === "verified",
    asked: count(asked, confirmed, failed),
    confirmed: count(confirmed),
    failed: count(failed),
  };
}

function movesOf(
  losses: readonly LossRecord[],
  { nodes, hasLedger }: LossFacts,
): { moves: RecoveryMove[]; further: number } {
  const groups = new Map<number, LossRecord[]>();
  for (const loss of losses) {
    if (loss.fate !== fates.back || loss.from + loss.to === 0) continue;
    const key = loss.from * (nodes.length + 1) + loss.to;
    const group = groups.get(key);
    if (group) group.push(loss);
    else groups.set(key, [loss]);
  }
  const all = [...groups.values()].toSorted((a, b) => b.length - a.length);
  const moves = all.slice(0, mostMoves).map((group): RecoveryMove => {
    const { from, to } = group[0]!;
    const times = timesOf(group);
    const middle = Math.ceil(times.length / 2);
    return {
      from: nodes[from - 1],
      to: nodes[to - 1],
      connections: group.length,
      away: { p50: kth(times, middle, 0)!, max: kth(times, times.length, 0)! },
      missed: hasLedger ? sum(group, missedIn) : undefined,
    };
  });
  return { moves, further: sum(all.slice(mostMoves), ({ length }) => length) };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
