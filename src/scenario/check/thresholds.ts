/** Owns holding thresholds against what there is to measure, and against what can be seen. */
import { WsctlError } from "../../base/errors.js";
import { formatDuration, parseDuration } from "../../base/quantity.js";
import type { YamlPath } from "../../base/yaml-source.js";
import {
  checkSelector,
  checkThreshold,
  parseMetricSelector,
  type MetricSelector,
} from "../../metrics/metric-selector.js";
import { cleanTag, isTimedInWarmup, metricOf } from "../../metrics/catalogue.js";
import { parseThreshold } from "../../metrics/threshold.js";
import { loadOf } from "../compile/load.js";
import { listed } from "../users.js";
import { someOf } from "./causes.js";
import type { Checking } from "./checking.js";
import type { Scenario } from "../scenario.js";
import { Measured, type Fault } from "./measured.js";

/** Checks all thresholds. */
export function checkThresholds(checking: Checking): void {
  const { scenario, tell } = checking;
  const measured = new Measured(checking);
  const gone: { readonly path: YamlPath; readonly stage: string }[] = [];
  for (const [metric, given] of Object.entries(scenario.config?.thresholds ?? {})) {
    const path: YamlPath = ["config", "thresholds", metric];
    const { selector, fault } = selectorOf(metric);
    const problem =
      fault ??
      (selector &&
        (measured.partFault(selector) ??
          measured.fault(selector) ??
          untimedFault(selector, scenario)));
    if (problem?.goneStage !== undefined) gone.push({ path, stage: problem.goneStage });
    else if (problem) tell({ path, at: "key", ...problem });
    for (const { item, path: at } of listed(given, path)) {
      const isMap = typeof item !== "string";
      const expression = isMap ? item.threshold : item;
      const place = isMap ? [...at, "threshold"] : at;
      const wrong =
        fault || !selector
          ? thrownBy(() => parseThreshold(expression))
          : thrownBy(() => {
              checkThreshold(selector, parseThreshold(expression));
            });
      if (wrong) tell({ path: place, ...wrong });
    }
  }
  const [first] = gone;
  if (!first) return;
  const stages = new Set(gone.map(({ stage }) => stage));
  const asking = gone.length === 1 ? "this threshold asks" : `${gone.length} thresholds ask`;
  tell({
    path: first.path,
    at: "key",
    message: `${asking} about the ${stages.size === 1 ? "stage" : "stages"} ${someOf(stages)}, and flags took the stages of the file away`,
    hint: "leave -c, -d and --stage out and change config.load instead, or take such thresholds out",
  });
}

/** A time of a stage that is all warm-up, of which none is taken. */
function untimedFault({ metric, tags }: MetricSelector, { config }: Scenario): Fault | undefined {
  const { stages, warmup } = config?.load ?? {};
  if (!stages || warmup === undefined || tags["stage"] === undefined) return undefined;
  if (metricOf(metric)?.kind !== "trend" || isTimedInWarmup(metric)) return undefined;
  let end = 0;
  for (const { name, duration } of loadOf({ stages }).stages) {
    end += duration;
    if (cleanTag(name) !== tags["stage"] || end > parseDuration(String(warmup))) continue;
    return {
      message: `the stage ${tags["stage"]} is over after ${formatDuration(end)}, in the warm-up, in which nothing is timed`,
      hint: "make the warm-up shorter, or ask about a later stage",
    };
  }
  return undefined;
}

/** The metric with its tags, or why there is no such one. */
function selectorOf(text: string): { selector?: MetricSelector; fault?: Fault } {
  try {
    const selector = parseMetricSelector(text);
    checkSelector(selector);
    return { selector };
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return { fault: { message: error.message, hint: error.hint } };
  }
}

function thrownBy(read: () => unknown): { message: string; hint: string | undefined } | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return { message: error.message, hint: error.hint };
  }
}
