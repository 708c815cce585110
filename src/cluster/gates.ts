/** Owns the thresholds of a run: held against what all workers measured, on the way and at the end. */
import { WsctlError } from "../base/errors.js";
import { measure, passes, type MeasuredRun } from "../metrics/measure.js";
import {
  checkThreshold,
  parseMetricSelector,
  type MetricSelector,
} from "../metrics/metric-selector.js";
import type { ThresholdResult } from "../metrics/run-result.js";
import { parseThreshold, type Threshold } from "../metrics/threshold.js";
import type { PlanThreshold } from "../scenario/plan.js";

/** One threshold, read. */
interface Gate {
  readonly plan: PlanThreshold;
  readonly selector: MetricSelector;
  readonly threshold: Threshold;
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

  /**
   * Looks at those that may end the run; says whether one does, once. What has no value yet does
   * not fail: it may still get one.
   * @param run what was measured so far; `span` is the time since the start of traffic
   */
  breaks(run: MeasuredRun): boolean {
    if (this.#broken) return false;
    this.#broken = this.#gates.find(({ plan, selector, threshold }) => {
      if (!plan.abortOnFail || run.span < plan.after) return false;
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
