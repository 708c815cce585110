/** Owns setting side by side how two runs recovered from lost connections, episode by episode. */
import { isNoticeable } from "./noticeable.js";
import type { Recovery, RecoveryEpisode, RecoveryFigures, RecoveryPolicy } from "./recovery.js";

/** A figure of a recovery: `never` where connections were cut and did not come back. */
export type RecoveryValue = number | "never" | undefined;

/** One figure of both runs; undefined where a run has no such value. */
export interface RecoveryRow {
  readonly figure: string;
  readonly unit: "ms" | "count" | "share" | "per second";
  readonly base: RecoveryValue;
  readonly now: RecoveryValue;
  /** `now` less `base`, where both are numbers. */
  readonly change: number | undefined;
  /** The change as a share of the base; undefined of a base of 0. */
  readonly relative: number | undefined;
  readonly isWorse: boolean;
  /** Whether the change is more than runs of the same thing differ by anyway. */
  readonly isNoticeable: boolean;
}

/** An episode of both runs: the same event in the same round, or the n-th burst of losses. */
export interface ComparedEpisode {
  readonly base: RecoveryEpisode | undefined;
  readonly now: RecoveryEpisode | undefined;
  readonly rows: readonly RecoveryRow[];
}

/** The recoveries of two runs. */
export interface ComparedRecovery {
  /** Undefined where a run lost no connection. */
  readonly policies: Readonly<Record<"base" | "now", RecoveryPolicy | undefined>>;
  /** Of all losses. */
  readonly rows: readonly RecoveryRow[];
  readonly episodes: readonly ComparedEpisode[];
}

/** What is compared, in the order in which it is told. */
interface Figure<Of> {
  readonly figure: string;
  readonly unit: RecoveryRow["unit"];
  /** Whether more of it is better; of others less is; of what was done to both, neither. */
  readonly better?: "more" | "neither";
  readonly of: (figures: Of) => RecoveryValue;
}

const common: readonly Figure<RecoveryFigures>[] = [
  { figure: "lost", unit: "count", better: "neither", of: ({ cut }) => cut },
  { figure: "lost for good", unit: "count", of: ({ lostForGood }) => lostForGood },
  { figure: "attempts", unit: "count", of: ({ attempts }) => attempts },
  { figure: "most attempts in 1 s", unit: "count", of: ({ peakPerSecond }) => peakPerSecond },
  {
    figure: "first in the same 100 ms",
    unit: "share",
    of: ({ firstRetries: { count, crowded } }) => (count > 0 ? crowded : undefined),
  },
  { figure: "away p50", unit: "ms", of: ({ times }) => (times.count > 0 ? times.p50 : undefined) },
  { figure: "away p95", unit: "ms", of: ({ times }) => (times.count > 0 ? times.p95 : undefined) },
  { figure: "away max", unit: "ms", of: ({ times }) => (times.count > 0 ? times.max : undefined) },
  { figure: "messages missed", unit: "count", of: ({ missed }) => missed },
  {
    figure: "not resubscribed",
    unit: "count",
    of: ({ resubscribed }) => resubscribed && resubscribed.asked - resubscribed.confirmed,
  },
  { figure: "availability", unit: "share", better: "more", of: ({ availability }) => availability },
];

const ofEpisodes: readonly Figure<RecoveryEpisode>[] = [
  { figure: "50 % back after", unit: "ms", of: ({ cut, to50 }) => backAfter(cut, to50) },
  { figure: "95 % back after", unit: "ms", of: ({ cut, to95 }) => backAfter(cut, to95) },
  { figure: "all back after", unit: "ms", of: ({ cut, to100 }) => backAfter(cut, to100) },
  ...common,
];

function backAfter(cut: number, ms: number | undefined): RecoveryValue {
  return cut === 0 ? undefined : (ms ?? "never");
}

/** Both recoveries side by side; undefined when neither run lost a connection. */
export function comparedRecovery(
  base: Recovery | undefined,
  now: Recovery | undefined,
): ComparedRecovery | undefined {
  if (!base && !now) return undefined;
  const [before, after] = [byName(base), byName(now)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return {
    policies: { base: base?.policy, now: now?.policy },
    rows: rowsOf(common, base, now),
    episodes: names.map((name) => {
      const [one, other] = [before.get(name), after.get(name)];
      return { base: one, now: other, rows: rowsOf(ofEpisodes, one, other) };
    }),
  };
}

/** Episodes by what tells them apart in a run. */
function byName(recovery: Recovery | undefined): Map<string, RecoveryEpisode> {
  const named = new Map<string, RecoveryEpisode>();
  let bursts = 0;
  for (const episode of recovery?.episodes ?? []) {
    const { cause } = episode;
    const name = cause.kind === "event" ? `${cause.event}.${cause.round}` : `burst ${++bursts}`;
    named.set(name, episode);
  }
  return named;
}

function rowsOf<Of>(
  figures: readonly Figure<Of>[],
  base: Of | undefined,
  now: Of | undefined,
): RecoveryRow[] {
  return figures.flatMap((figure) => {
    const row = rowOf(
      figure,
      base === undefined ? undefined : figure.of(base),
      now === undefined ? undefined : figure.of(now),
    );
    // What was nothing in either is not worth a line.
    return !row.base && !row.now ? [] : [row];
  });
}

function rowOf<Of>(
  { figure, unit, better }: Figure<Of>,
  base: RecoveryValue,
  now: RecoveryValue,
): RecoveryRow {
  const both = typeof base === "number" && typeof now === "number";
  const change = both ? now - base : undefined;
  const sign = better === "more" ? -1 : 1;
  // Who never came back came later than anybody.
  const isLater = typeof base === "number" && now === "never";
  const isSooner = base === "never" && typeof now === "number";
  const kind = unit === "per second" ? "count" : unit;
  return {
    figure,
    unit,
    base,
    now,
    change,
    relative: change === undefined || !base || base === "never" ? undefined : change / base,
    isWorse: isLater || (better !== "neither" && change !== undefined && change * sign > 0),
    isNoticeable:
      isLater || isSooner || (better !== "neither" && both && isNoticeable(base, change, kind)),
  };
}
