/** Owns setting two runs side by side: every figure with its change, and whether it is too much. */
import { catalogue, cleanTag, metricOf, type MetricName } from "./catalogue.js";
import { comparedRecovery, type ComparedRecovery } from "./compared-recovery.js";
import { differenceKinds, differencesOf, type Difference } from "./differences.js";
import { measure, together, type Measured, type MeasuredRun } from "./measure.js";
import { selects } from "./metric-selector.js";
import { isNoticeable } from "./noticeable.js";
import type { RegressGate } from "./regress-gate.js";
import type { RunPart, RunResult } from "./run-result.js";
import { aggregateText, type Aggregate } from "./threshold.js";
import { Trend } from "./trend.js";

/** One figure of both runs; undefined where a run has no such value. */
export interface ComparedFigure {
  readonly metric: string;
  readonly aggregate: Aggregate;
  readonly base: number | undefined;
  readonly now: number | undefined;
  /** `now` less `base`, in the metric's unit. */
  readonly change: number | undefined;
  /** The change as a share of the base; undefined of a base of 0. */
  readonly relative: number | undefined;
  /** Whether the change is one for the worse. */
  readonly isWorse: boolean;
  /** Whether it is more than runs of the same thing differ by anyway: 5 %. */
  readonly isNoticeable: boolean;
}

/** A gate, and how it fared. */
interface GateResult extends ComparedFigure {
  /** As it was written. */
  readonly gate: string;
  readonly ok: boolean;
}

/** Which run is meant. */
export interface ComparedRun {
  /** Where it was read from, as it was named; undefined when it was not read. */
  readonly file: string | undefined;
  readonly id: string;
  readonly startedAt: string;
  /** Milliseconds of traffic. */
  readonly trafficFor: number;
  readonly valid: boolean;
}

/** Two runs side by side. */
export interface Comparison {
  readonly $schema: "wsctl.comparison/1";
  readonly base: ComparedRun;
  readonly now: ComparedRun;
  /** Why the runs may not be comparable, in sentences. */
  readonly warnings: readonly string[];
  /** What differs in machine and plan. */
  readonly differences: readonly Difference[];
  readonly figures: readonly ComparedFigure[];
  /** How they recovered from lost connections; undefined when neither run lost any. */
  readonly recovery?: ComparedRecovery | undefined;
  readonly gates: readonly GateResult[];
  /**
   * `no-evidence`: one of the runs is INVALID, was interrupted or ended by a threshold, so that
   * gates say nothing;
   * `regressed`: a gate failed.
   */
  readonly verdict: "ok" | "regressed" | "no-evidence";
}

/** Of these more is better; of everything else less is. */
const moreIsBetter: ReadonlySet<string> = new Set<MetricName>([
  "ws_sessions",
  "ws_sessions_open",
  "ws_msgs_sent",
  "ws_msgs_received",
  "ws_bytes_sent",
  "ws_bytes_received",
  "ws_payload_sent",
  "ws_payload_received",
  "ws_msg_expected",
  "ws_msg_answered",
  "ws_msg_stamped",
  "ws_msg_delivered",
  "ws_auto_replies",
  "ws_availability",
  "ws_fanout_coverage",
  "ws_session_duration",
  "checks",
]);

const p = (percentile: number): Aggregate => ({ name: "p", percentile });
const plain = (name: "avg" | "count" | "max" | "min" | "rate" | "value"): Aggregate => ({
  name,
  percentile: undefined,
});
const aggregates = {
  counter: [plain("count"), plain("rate")],
  gauge: [plain("value")],
  rate: [plain("rate")],
  trend: [plain("min"), plain("avg"), p(50), p(90), p(95), p(99), p(99.9), plain("max")],
} as const;

/**
 * Sets two runs side by side and holds the newer against the gates.
 * @param files what they were read from
 */
export function compareRuns(
  base: RunResult,
  now: RunResult,
  gates: readonly RegressGate[],
  files?: Readonly<Record<"base" | "now", string>>,
): Comparison {
  const [before, after] = [measuredRun(base), measuredRun(now)];
  const figures = (Object.keys(catalogue) as MetricName[]).flatMap((metric) =>
    aggregates[catalogue[metric].kind].flatMap((aggregate) => {
      const selector = { metric, tags: {} };
      const figure = compared(
        metric,
        aggregate,
        measure(selector, aggregate, before),
        measure(selector, aggregate, after),
      );
      // What never happened in either is not worth a line.
      return (figure.base ?? 0) === 0 && (figure.now ?? 0) === 0 ? [] : [figure];
    }),
  );
  const results = gates.map((gate) => judged(gate, before, after));
  const isEvidence = [base, now].every(
    (run) => run.validity.ok && !run.interrupted && !isAborted(run),
  );
  const differences = differencesOf(base, now);
  return {
    $schema: "wsctl.comparison/1",
    base: about(base, files?.base),
    now: about(now, files?.now),
    warnings: warningsOf(base, now, differences),
    differences,
    figures,
    recovery: comparedRecovery(base.recovery, now.recovery),
    gates: results,
    verdict: verdictOf(isEvidence, results),
  };
}

/** Without gates nothing was asked, and nothing can fail. */
function verdictOf(isEvidence: boolean, gates: readonly GateResult[]): Comparison["verdict"] {
  if (gates.length === 0) return "ok";
  if (!isEvidence) return "no-evidence";
  return gates.every(({ ok }) => ok) ? "ok" : "regressed";
}

function about({ run, validity }: RunResult, file: string | undefined): ComparedRun {
  const { id, startedAt, trafficFor } = run;
  return { file, id, startedAt, trafficFor, valid: validity.ok };
}

function warningsOf(base: RunResult, now: RunResult, differences: readonly Difference[]): string[] {
  const kinds = differenceKinds.filter((kind) => differences.some((one) => one.kind === kind));
  const last = kinds.at(-1);
  const named = kinds.length > 1 ? `${kinds.slice(0, -1).join(", ")} and ${last}` : last;
  return [
    ...doubtsOf("base", base),
    ...doubtsOf("new", now),
    ...(named === undefined ? [] : [`the runs differ in ${named}`]),
  ];
}

/** Whether a threshold ended the run. */
function isAborted({ thresholds }: RunResult): boolean {
  return thresholds.some(({ aborted }) => aborted);
}

function doubtsOf(name: string, run: RunResult): string[] {
  const { validity, interrupted } = run;
  const doubts: string[] = [];
  if (!validity.ok) {
    const codes = validity.reasons.map(({ code }) => code).join(", ");
    doubts.push(`the ${name} run is INVALID (${codes}): its figures are no evidence`);
  }
  if (interrupted) doubts.push(`the ${name} run was ended before its time`);
  if (isAborted(run)) doubts.push(`the ${name} run was ended by a threshold that failed`);
  return doubts;
}

function compared(
  metric: string,
  aggregate: Aggregate,
  base: number | undefined,
  now: number | undefined,
): ComparedFigure {
  const change = base === undefined || now === undefined ? undefined : now - base;
  const isCount = metricOf(metric)?.kind === "trend" && aggregate.name === "count";
  const sign = isCount || moreIsBetter.has(metric) ? -1 : 1;
  return {
    metric,
    aggregate,
    base,
    now,
    change,
    relative: change === undefined || base === undefined || base === 0 ? undefined : change / base,
    isWorse: change !== undefined && change * sign > 0,
    isNoticeable: isNoticeable(base, change, metricOf(metric)?.unit),
  };
}

function judged(gate: RegressGate, base: MeasuredRun, now: MeasuredRun): GateResult {
  const { selector, aggregate, allowed, text } = gate;
  const before = gated(selector, aggregate, base);
  const after = gated(selector, aggregate, now);
  const figure = compared(selector.metric, aggregate, before, after);
  const worse = figure.isWorse ? Math.abs(figure.change ?? 0) : 0;
  const limit =
    allowed.kind === "absolute" ? allowed.amount : allowed.share * Math.abs(before ?? 0);
  return {
    ...figure,
    gate: text,
    // What cannot be compared has not held.
    ok: figure.change !== undefined && worse <= limit,
  };
}

/** Without those there can be none of these, and that there were none says nothing. */
const causes: Readonly<Partial<Record<MetricName, MetricName>>> = {
  ws_msg_answered: "ws_msg_expected",
  ws_msg_timeout: "ws_msg_expected",
  ws_msg_late: "ws_msg_expected",
  ws_msg_disconnected: "ws_msg_expected",
  ws_msg_in_flight: "ws_msg_expected",
  ws_msg_extra: "ws_msg_expected",
  ws_msg_delivered: "ws_msg_stamped",
  ws_expect_failed: "checks",
};

/** The figure that a gate is about; undefined when it could not have been another. */
function gated(
  selector: RegressGate["selector"],
  aggregate: Aggregate,
  run: MeasuredRun,
): number | undefined {
  const value = measure(selector, aggregate, run);
  const metric = selector.metric as MetricName;
  const cause = Object.hasOwn(causes, metric) ? causes[metric] : undefined;
  if (value !== 0 || cause === undefined) return value;
  return Object.keys(run.totals).some((key) => selects({ metric: cause, tags: {} }, key))
    ? value
    : undefined;
}

/** A stored result as thresholds see it; distributions are unpacked when they are asked for. */
function measuredRun(result: RunResult): MeasuredRun {
  const { scenarios, stages, run } = result;
  const whole = measuredOf({ ...result, span: run.trafficFor });
  const [ofScenarios, ofStages] = [scenarios.map(measuredOf), stages.map(measuredOf)];
  const { profiles = [] } = result;
  const ofProfiles = profiles.map(measuredOf);
  const named = (name: string, parts: readonly RunPart[], all: readonly Measured[]) =>
    together(all.filter((_, index) => cleanTag(parts[index]!.name) === name));
  return {
    ...whole,
    // Nobody has checked the names in gates: one that is nowhere is a mistake.
    hasParts: true,
    // Scenarios go on side by side, and so do profiles.
    scenario: (name) => {
      const part = named(name, scenarios, ofScenarios);
      return part && { ...part, span: run.trafficFor };
    },
    profile: (name) => {
      const part = named(name, profiles, ofProfiles);
      return part && { ...part, span: run.trafficFor };
    },
    stage: (name) => named(name, stages, ofStages),
  };
}

function measuredOf({ totals, inTraffic, trends, span }: Omit<RunPart, "name">): Measured {
  // Each of a trend's figures is asked for by itself.
  const known = new Map<string, Trend | undefined>();
  return {
    totals,
    inTraffic,
    span,
    trend: (passes) => {
      const found = Object.keys(trends).filter(passes);
      const key = JSON.stringify(found);
      if (!known.has(key)) known.set(key, mergedOf(found.map((name) => trends[name]!.hdr)));
      return known.get(key);
    },
  };
}

function mergedOf(encoded: readonly string[]): Trend | undefined {
  const [first, ...rest] = encoded.map((hdr) => () => Trend.decode(hdr));
  const merged = first?.();
  for (const next of rest) merged?.addTrend(next());
  return merged;
}

/** The name of a figure as gates and thresholds write it. */
export function figureName({ metric, aggregate }: ComparedFigure): string {
  return `${metric} ${aggregateText(aggregate)}`;
}
