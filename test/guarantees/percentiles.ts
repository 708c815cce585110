/**
 * Owns showing G2: the percentiles that are reported are those of the delays that a server applied,
 * by its own log. That log says how long each reply really was held back, so how exact the timers of
 * either side are has no part in it; what is left is the meter's error and the way between the two.
 */
import { expect } from "vitest";
import { Trend } from "../../src/metrics/trend.js";
import { loadJson, reasonsOf, wrongWith } from "../e2e/load-run.js";
import { startDelayServer } from "./delay-server.js";

/** How long replies are held back; see `delay-process.js` for what the parameters are. */
export const distributions = {
  constant: ["constant", 40],
  uniform: ["uniform", 10, 100],
  exponential: ["exponential", 30],
  bimodal: ["bimodal", 10, 150, 0.1],
  "heavy tail": ["heavy-tail", 8, 1.5, 2000],
} as const satisfies Record<string, readonly [string, ...number[]]>;

/** One of the five. */
export type DistributionName = keyof typeof distributions;

/** How much is measured. */
interface PercentilesSize {
  /** Messages per second over all connections. */
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
}

/** One percentile by both sides, in ms. */
interface ComparedPercentile {
  readonly applied: number;
  /** By `ws_msg_rtt_sent`: what the server did. */
  readonly measured: number;
  readonly error: number;
  /** 1 %, or 1 ms, whichever is larger. */
  readonly allowed: number;
  /** What the server applied at a percentile that is {@link slack} higher; undefined above p90. */
  readonly appliedAbove: number | undefined;
  /** By `ws_msg_rtt`: what a user felt, the generator's own lateness included. */
  readonly felt: number;
}

/** What came of one distribution. */
interface PercentilesFigures {
  readonly delays: string;
  readonly messages: number;
  readonly logged: number;
  /** By how much the event loops of both sides were late, each by its own count, in ms. */
  readonly lag: {
    /** At p99. */
    readonly client: number;
    /** At most. */
    readonly server: number;
  };
  readonly percentiles: Readonly<Record<string, ComparedPercentile>>;
  readonly reasons: string;
}

const compared = [50, 75, 90, 95, 99, 99.5, 99.9];

/** So many of a hundred messages may meet a loop that is later than its own count at p99 says. */
const slack = 5;

/** Loads a server that holds replies back like that, and compares. */
export async function measurePercentiles(
  name: DistributionName,
  { rate, connections, seconds, seed }: PercentilesSize,
): Promise<PercentilesFigures> {
  const delays = distributions[name];
  await using server = await startDelayServer(seed, delays);
  const { result } = await loadJson(
    [
      ["-q", server.url, "--reply-timeout", "30s", "--graceful-stop", "30s"],
      ["-c", String(connections), "-R", String(rate), "-d", `${seconds}s`, "--workers", "1"],
    ].flat(),
    { timeoutMs: (seconds + 60) * 1000 },
  );
  // What is wrong with the run other than its pace would be wrong with the figures.
  expect(wrongWith(result)).toEqual([]);
  const applied = (await server.log()).toSorted((one, other) => one - other);
  const [sent, felt] = ["ws_msg_rtt_sent", "ws_msg_rtt"].map((metric) =>
    Trend.decode(result.trends[metric]!.hdr),
  );
  const at = (percent: number): number =>
    applied[Math.ceil((percent / 100) * applied.length - 1e-9) - 1]!;
  const percentiles = compared.map((percent) => {
    const truth = at(percent);
    const measured = sent!.percentile(percent);
    return [
      `p${percent}`,
      {
        applied: truth,
        measured,
        error: measured - truth,
        allowed: Math.max(1, truth / 100),
        appliedAbove: percent <= 90 ? at(percent + slack) : undefined,
        felt: felt!.percentile(percent),
      },
    ] as const;
  });
  return {
    delays: delays.join(" "),
    messages: sent!.count,
    logged: applied.length,
    lag: { client: result.totals["wsctl_loop_lag"] ?? 0, server: await server.lag() },
    percentiles: Object.fromEntries(percentiles),
    reasons: reasonsOf(result).join(", "),
  };
}

/** Those of the percentiles that are further off than is allowed, each in words. */
export function offPercentiles({ percentiles }: Pick<PercentilesFigures, "percentiles">) {
  return told(percentiles, ({ error, allowed }) => Math.abs(error) > allowed);
}

/** Those that are too short: no reply is here before it has left, however crowded the machine is. */
export function shortPercentiles({ percentiles }: Pick<PercentilesFigures, "percentiles">) {
  return told(percentiles, ({ error, allowed }) => error < -allowed);
}

/**
 * Those up to p90 that are too long even if each of all messages had met both event loops at their
 * latest, and some an even later one: what no crowd on the machine explains, as both sides tell how late
 * they were.
 *
 * A round trip is what the server held it back and what either loop was late, so a share of F(x) + s of
 * them is longer than x + l, where F(x) is that of replies held back for longer than x, and s that of
 * messages that meet a loop later than l: percentile p is at most l above percentile p + s of the log.
 */
export function inexplicablePercentiles({
  percentiles,
  lag,
}: Pick<PercentilesFigures, "percentiles" | "lag">) {
  return told(
    percentiles,
    ({ measured, allowed, appliedAbove = Infinity }) =>
      measured > appliedAbove + allowed + lag.client + lag.server,
  );
}

function told(
  percentiles: PercentilesFigures["percentiles"],
  isMeant: (percentile: ComparedPercentile) => boolean,
): Record<string, string> {
  const meant = Object.entries(percentiles).filter(([, percentile]) => isMeant(percentile));
  return Object.fromEntries(
    meant.map(([name, { applied, measured }]) => [name, `${measured} ms for ${applied} ms`]),
  );
}
