/** Owns the thresholds of a run: held against what all workers measured, on the way and at the end. */
import { WsctlError } from "../base/errors.js";
import { catalogue, type MetricName } from "../metrics/catalogue.js";
import { measure, passes, type MeasuredRun } from "../metrics/measure.js";
import {
  checkThreshold,
  parseMetricSelector,
  type MetricSelector,
} from "../metrics/metric-selector.js";
import type { ThresholdResult } from "../metrics/run-result.js";
import { boundIn, parseThreshold, type Threshold } from "../metrics/threshold.js";
import type { PlanThreshold } from "../scenario/plan.js";

/** One threshold, read. */
interface Gate {
  readonly plan: PlanThreshold;
  readonly selector: MetricSelector;
  readonly threshold: Threshold;
}

/** What is measured while connections are being opened. */
const ofOpening: ReadonlySet<string> = new Set<MetricName>([
  "ws_connect_failed",
  "ws_connecting",
  "ws_sessions",
]);

/** What the lag of the generator would be taken for. */
const latencies: ReadonlySet<string> = new Set<MetricName>([
  "ws_msg_rtt",
  "ws_msg_rtt_sent",
  "ws_delivery",
  "ws_fanout_first",
  "ws_fanout_median",
  "ws_fanout_last",
  "ws_fanout_spread",
]);

/** Of opening alone there are figures then, and too few is no reason to end: more are to come. */
function isOfOpening({ selector, threshold: { aggregate, operator, bound } }: Gate): boolean {
  if (!ofOpening.has(selector.metric)) return false;
  return aggregate.name !== "count" || isCeiling(operator, bound);
}

/** Whether a count that only grows can never keep to it again; that it be none is such a bound. */
function isCeiling(operator: Threshold["operator"], bound: string): boolean {
  return operator === "<" || operator === "<=" || (operator === "==" && Number(bound) === 0);
}

/** The thresholds of one run. */
export class Gates {
  readonly #gates: readonly Gate[];
  #broken: PlanThreshold | undefined;

  /** @throws WsctlError WSCTL_EUSAGE when one cannot be used */
  constructor(thresholds: readonly PlanThreshold[]) {
    this.#gates = thresholds.map((plan) => read(plan));
  }

  /** Whether one of them ended the run. */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Whether any of them may end the run before its time. */
  get mayAbort(): boolean {
    return this.#gates.some(({ plan }) => plan.abortOnFail);
  }

  /** The tightest bound, in ms, that one of them puts on a latency; undefined where none does. */
  get tightestLatency(): number | undefined {
    const bounds = this.#gates
      .filter(({ selector, threshold }) => {
        const isLatency = latencies.has(selector.metric) && threshold.aggregate.name !== "count";
        return isLatency && threshold.operator.startsWith("<");
      })
      .map(({ threshold: { bound, aggregate } }) =>
        boundIn(bound, aggregate, catalogue.ws_msg_rtt),
      );
    return bounds.length === 0 ? undefined : Math.min(...bounds);
  }

  /**
   * Looks at those that may end the run; says whether one does, once. What has no value yet does
   * not fail: it may still get one.
   * @param run what was measured so far
   * @param elapsed ms since the start of traffic, or before that of the run
   * @param isOpening whether connections are still being opened
   */
  breaks(run: MeasuredRun, elapsed: number, isOpening: boolean): boolean {
    if (this.#broken) return false;
    this.#broken = this.#gates.find((gate) => {
      const { plan, selector, threshold } = gate;
      if (!plan.abortOnFail || elapsed < plan.after) return false;
      if (isOpening && !isOfOpening(gate)) return false;
      const actual = measure(selector, threshold.aggregate, run);
      return actual !== undefined && !passes(selector, threshold, actual);
    })?.plan;
    return this.#broken !== undefined;
  }

  /** How the run fared against each. */
  results(run: MeasuredRun): ThresholdResult[] {
    return this.#gates.map(({ plan, selector, threshold }) => {
      const actual = measure(selector, threshold.aggregate, run);
      const aborted = plan === this.#broken;
      return {
        metric: plan.metric,
        expression: plan.expression,
        // One that ended the run has failed, whatever draining brought after that.
        ok: !aborted && passes(selector, threshold, actual),
        actual,
        aborted,
        place: plan.place,
      };
    });
  }
}

function read(plan: PlanThreshold): Gate {
  try {
    const selector = parseMetricSelector(plan.metric);
    const threshold = parseThreshold(plan.expression);
    checkThreshold(selector, threshold);
    return { plan, selector, threshold };
  } catch (error) {
    if (!(error instanceof WsctlError) || plan.place === undefined) throw error;
    throw new WsctlError(error.code, error.message, {
      hint: error.hint,
      where: [plan.place, ...error.where],
    });
  }
}
