/** Owns holding thresholds against what there is to measure, and against what can be seen. */
import { WsctlError } from "../../base/errors.js";
import type { YamlPath } from "../../base/yaml-source.js";
import {
  checkSelector,
  checkThreshold,
  parseMetricSelector,
  type MetricSelector,
} from "../../metrics/metric-selector.js";
import { parseThreshold } from "../../metrics/threshold.js";
import type { Problem } from "../mistake.js";
import { listed } from "../users.js";
import type { Checking } from "./checking.js";
import { Measured } from "./measured.js";

type Fault = Omit<Problem, "path">;

/** Checks all thresholds. */
export function checkThresholds(checking: Checking): void {
  const { scenario, tell } = checking;
  const measured = new Measured(checking);
  for (const [metric, given] of Object.entries(scenario.config?.thresholds ?? {})) {
    const path: YamlPath = ["config", "thresholds", metric];
    const { selector, fault } = selectorOf(metric);
    const problem =
      fault ?? (selector && (measured.partFault(selector) ?? measured.fault(selector)));
    if (problem) tell({ path, at: "key", ...problem });
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
