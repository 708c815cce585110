/**
 * Owns how what workers know of lost connections becomes the Recovery of a run: losses of all of them
 * put together, and told apart by the event, or the burst, that they belong to.
 */
import { Backoff } from "../base/backoff.js";
import type { Finished } from "../load/engine.js";
import type { Accumulator } from "../metrics/accumulator.js";
import { seriesKey } from "../metrics/catalogue.js";
import { burstsOf } from "../metrics/recovery-bursts.js";
import { RecoveryDials } from "../metrics/recovery-crowd.js";
import { RecoveryCurve } from "../metrics/recovery-curve.js";
import { awayWithin, backAfter, figuresOf, type LossFacts } from "../metrics/recovery-figures.js";
import {
  causes,
  decodeLosses,
  eventCause,
  fates,
  type LossRecord,
  type RecoveryPart,
} from "../metrics/recovery-part.js";
import { slowestOf } from "../metrics/recovery-slowest.js";
import type {
  Recovery,
  RecoveryCause,
  RecoveryEpisode,
  RecoveryHint,
  RecoveryPolicy,
} from "../metrics/recovery.js";
import type { FlowPlan, PlanStep } from "../scenario/flow-plan.js";
import type { Plan } from "../scenario/plan.js";

/** Episodes that are told but for the slowest, and points of the curve of each. */
const mostEpisodes = 50;
const curvePoints = 120;
/** Ways to end that are named for a burst. */
const mostEnds = 5;

/** What caused an episode, its losses, and when it began. */
interface Found {
  readonly cause: RecoveryCause;
  readonly at: number;
  readonly losses: readonly LossRecord[];
}

/**
 * What became of lost connections; undefined when nothing was lost, and nothing to be.
 * @param merged is told what of it are metrics
 */
export function recoveryOf(
  { traffic }: Plan,
  finished: readonly Pick<Finished, "flowedFor" | "flow">[],
  merged: Accumulator,
): Recovery | undefined {
  if (traffic.model !== "flow") return undefined;
  const parts = finished.flatMap(({ flow }) => flow?.recovery ?? []);
  const flowedFor = Math.max(0, ...finished.map((worker) => worker.flowedFor));
  const end = new RecoveryEnd(parts, traffic.flow, flowedFor, merged.totals());
  merged.conclude(end.gauges);
  return end.recovery;
}

/** All there is to know of losses when a run is over. */
class RecoveryEnd {
  /** What of it are metrics: by name. */
  readonly gauges: Readonly<Record<string, number>>;
  /** Undefined when nothing was lost, and nothing to be. */
  readonly recovery: Recovery | undefined;
  readonly #losses: readonly LossRecord[];
  readonly #ends: readonly string[];
  readonly #facts: LossFacts;
  readonly #curve: RecoveryCurve;
  readonly #dials: RecoveryDials;
  readonly #flowedFor: number;

  /**
   * @param flowedFor ms for which traffic flowed, warm-up included
   * @param totals of the run's counters
   */
  constructor(
    parts: readonly RecoveryPart[],
    flow: FlowPlan,
    flowedFor: number,
    totals: Readonly<Record<string, number>>,
  ) {
    const { losses, nodes, ends } = together(parts);
    this.#losses = losses;
    this.#ends = ends;
    this.#facts = {
      nodes,
      hasLedger: parts.some(({ hasLedger }) => hasLedger),
      onReconnect:
        flow.onReconnect.length === 0
          ? "nothing"
          : flow.onReconnect.some(verifies)
            ? "verified"
            : "played",
    };
    this.#curve = new RecoveryCurve(losses, parts);
    this.#dials = new RecoveryDials(parts);
    this.#flowedFor = flowedFor;
    const found = [...this.#events(flow), ...this.#bursts()].toSorted((a, b) => a.at - b.at);
    const [users, away] = [sum(parts, (one) => one.userTime), sum(parts, (one) => one.awayTime)];
    const availability = users > 0 ? Math.max(0, 1 - away / users) : undefined;
    const peakPerSecond = this.#dials.peak();
    this.gauges = {
      ...(availability === undefined ? {} : { ws_availability: availability }),
      // Nobody had to dial again: that is a figure as well, which a bound is held against.
      ...(users > 0 || peakPerSecond > 0 ? { ws_reconnect_peak: peakPerSecond } : {}),
      ...gaugesOf(found),
    };
    const unfollowed = sum(parts, (one) => one.unfollowed);
    if (losses.length + unfollowed + found.length === 0) return;
    const told = toldOf(found);
    this.recovery = {
      policy: policyOf(flow),
      ...figuresOf(losses, this.#facts),
      peakPerSecond,
      availability,
      hints: hintsIn(totals),
      episodes: told.map((one) => this.#episode(one)),
      furtherEpisodes: found.length - told.length,
      unfollowed,
    };
  }

  /** The events that came, whether or not they hit anybody. */
  #events({ events }: FlowPlan): Found[] {
    const byCause = new Map<number, LossRecord[]>();
    for (const loss of this.#losses) {
      if (loss.cause < 0) continue;
      const those = byCause.get(loss.cause);
      if (those) those.push(loss);
      else byCause.set(loss.cause, [loss]);
    }
    return events.flatMap(({ at, every, times, over = 0, how, drop }, event) => {
      const rounds = every === undefined ? 1 : times;
      const came = every === undefined ? 1 : Math.ceil((this.#flowedFor - at) / every);
      return Array.from(
        { length: Math.max(0, at < this.#flowedFor ? Math.min(came, rounds ?? Infinity) : 0) },
        (_, round): Found => ({
          cause: {
            kind: "event",
            event: event + 1,
            round: round + 1,
            rounds,
            how,
            share: drop,
            over,
          },
          at: at + round * (every ?? 0),
          losses: byCause.get(eventCause(event, round)) ?? [],
        }),
      );
    });
  }

  #bursts(): Found[] {
    const others = this.#losses.filter(({ cause }) => cause === causes.other);
    return burstsOf(others, (at) => this.#curve.before(at)).map((losses) => ({
      cause: { kind: "losses", ends: this.#endsOf(losses) },
      at: losses[0]!.at,
      losses,
    }));
  }

  #endsOf(losses: readonly LossRecord[]): { what: string; count: number }[] {
    const counts = new Map<number, number>();
    for (const { end } of losses) counts.set(end, (counts.get(end) ?? 0) + 1);
    return [...counts]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, mostEnds)
      .map(([end, count]) => ({ what: this.#ends[end - 1] ?? "", count }));
  }

  #episode({ cause, at, losses }: Found): RecoveryEpisode {
    const over = cause.kind === "event" ? cause.over : 0;
    const end = Math.min(
      losses.reduce((last, loss) => Math.max(last, loss.over), at + over),
      Math.max(at, this.#flowedFor),
    );
    const curve = this.#curve;
    const [open, away] = [curve.time(at, end), awayWithin(this.#losses, at, end)];
    const margin = Math.max(100, (end - at) / 10);
    const from = Math.max(0, at - margin);
    const to = Math.min(Math.max(end, this.#flowedFor), end + margin);
    return {
      cause,
      at,
      took: end - at,
      // An event may come a little late, and some have been opened meanwhile.
      openBefore: curve.before(losses[0]?.at ?? at),
      fewest: curve.fewest(at, end),
      to50: backAfter(losses, 0.5, at),
      to95: backAfter(losses, 0.95, at),
      to100: backAfter(losses, 1, at),
      ...figuresOf(losses, this.#facts),
      peakPerSecond: this.#dials.peak(at, end),
      availability: open + away > 0 ? open / (open + away) : undefined,
      curve: curve.points(from, to, curvePoints),
    };
  }
}

/** Losses in the order of their moments, with the names of all workers in one list of each kind. */
function together(parts: readonly RecoveryPart[]): {
  losses: LossRecord[];
  nodes: readonly string[];
  ends: readonly string[];
} {
  const [nodes, ends] = [new Map<string, number>(), new Map<string, number>()];
  const losses = parts.flatMap((part) => {
    const nodeOf = [0, ...part.nodes.map((name) => numberIn(nodes, name))];
    const endOf = [0, ...part.ends.map((name) => numberIn(ends, name))];
    const own = decodeLosses(part.losses);
    for (const loss of own) {
      loss.from = nodeOf[loss.from] ?? 0;
      loss.to = nodeOf[loss.to] ?? 0;
      loss.end = endOf[loss.end] ?? 0;
    }
    return own;
  });
  losses.sort((a, b) => a.at - b.at);
  return { losses, nodes: [...nodes.keys()], ends: [...ends.keys()] };
}

function numberIn(names: Map<string, number>, name: string): number {
  const number = names.get(name) ?? names.size + 1;
  names.set(name, number);
  return number;
}

/** The first ones, and beside them the slowest of all. */
function toldOf(found: readonly Found[]): readonly Found[] {
  const first = found.slice(0, mostEpisodes);
  if (first.length === found.length) return first;
  const slowest = slowestOf(found, ({ losses, at }) => ({
    cut: losses.length,
    lostForGood: losses.filter(({ fate }) => fate === fates.gaveUp).length,
    to100: backAfter(losses, 1, at),
  }));
  return slowest === undefined || first.includes(slowest) ? first : [...first, slowest];
}

/** How long the slowest of all took; not told as soon as one never came so far. */
function gaugesOf(found: readonly Found[]): Record<string, number> {
  const hit = found.filter(({ losses }) => losses.length > 0);
  const gauges: Record<string, number> = {};
  if (hit.length === 0) return gauges;
  for (const [name, share] of [
    ["ws_recovery_50", 0.5],
    ["ws_recovery_95", 0.95],
    ["ws_recovery_100", 1],
  ] as const) {
    const times = hit.map(({ losses, at }) => backAfter(losses, share, at) ?? Infinity);
    const slowest = times.reduce((most, time) => Math.max(most, time), 0);
    if (slowest < Infinity) gauges[name] = slowest;
  }
  return gauges;
}

function policyOf({ reconnect }: FlowPlan): RecoveryPolicy {
  const hints = reconnect?.hints ?? "honour";
  if (!reconnect) {
    return { kind: "none", base: 0, max: 0, jitter: "none", attempts: 0, resetAfter: 0, hints };
  }
  const { kind, base, max, jitter, attempts, resetAfter } = new Backoff(reconnect);
  const limit = attempts === Infinity ? undefined : attempts;
  return { kind, base, max, jitter, attempts: limit, resetAfter, hints };
}

function hintsIn(totals: Readonly<Record<string, number>>): RecoveryHint[] {
  return (["retry-after", "1012", "1013"] as const).flatMap((hint) => {
    const count = (taken: string): number =>
      totals[seriesKey("ws_reconnect_hints", { hint, taken })] ?? 0;
    const counts = {
      honoured: count("honoured"),
      capped: count("capped"),
      ignored: count("ignored"),
      notUnderstood: count("not-understood") || undefined,
    };
    return Object.values(counts).some((times = 0) => times > 0) ? [{ hint, ...counts }] : [];
  });
}

/** Whether a step, or one within it, holds what comes against something. */
function verifies(step: PlanStep): boolean {
  if (step.kind === "loop") return step.flow.some(verifies);
  if (step.kind === "choose") return step.options.some(({ flow }) => flow.some(verifies));
  if (step.kind === "wait") return !step.optional;
  return step.kind === "ping" || ("expect" in step && step.expect !== undefined);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
