/** Owns holding thresholds against what there is to measure, and against what can be seen. */
import { nearest } from "../../base/nearest.js";
import { WsctlError } from "../../base/errors.js";
import type { YamlPath } from "../../base/yaml-source.js";
import { safeLine } from "../../base/safe-text.js";
import { catalogue, metricOf } from "../../metrics/catalogue.js";
import { checkThreshold, parseMetricSelector } from "../../metrics/metric-selector.js";
import { parseThreshold } from "../../metrics/threshold.js";
import type { Problem } from "../mistake.js";
import { isStamped } from "../reply.js";
import type { Scenario } from "../scenario.js";
import { listed, usersOf } from "../users.js";
import type { Checking } from "./checking.js";

/** What only stamps can see. */
const stampOnly = /^ws_(?:msg_(?:lost|duplicate|reordered|corrupt)|seq_gap|fanout_.*)$/;

/** What needs replies that are matched to sends. */
const matchedOnly = /^ws_msg_(?:rtt|rtt_sent|answered|timeout|late)$/;

/** Checks all thresholds. */
export function checkThresholds({ scenario, tell }: Checking): void {
  for (const [metric, given] of Object.entries(scenario.config?.thresholds ?? {})) {
    const path: YamlPath = ["config", "thresholds", metric];
    const problem = selectorProblem(metric, scenario);
    if (problem) tell({ path, at: "key", ...problem });
    for (const { item, path: at } of listed(given, path)) {
      const isMap = typeof item !== "string";
      const expression = isMap ? item.threshold : item;
      const place = isMap ? [...at, "threshold"] : at;
      const wrong = problem
        ? thrownBy(() => parseThreshold(expression))
        : thrownBy(() => checkThreshold(parseMetricSelector(metric), parseThreshold(expression)));
      if (wrong) tell({ path: place, ...wrong });
    }
  }
}

/** What is wrong with the metric itself. */
function selectorProblem(text: string, scenario: Scenario): Omit<Problem, "path"> | undefined {
  const by = scenario.config?.correlate?.by ?? "none";
  const scenarios = usersOf(scenario).map(({ name }) => name);
  let metric: string;
  let tags: Readonly<Record<string, string>>;
  try {
    ({ metric, tags } = parseMetricSelector(text));
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return { message: error.message, hint: error.hint };
  }
  if (!metricOf(metric)) {
    const guess = nearest(metric, Object.keys(catalogue));
    return {
      message: `there is no metric "${safeLine(metric, 60)}"`,
      hint: guess ? `did you mean ${guess}?` : "names begin with ws_ or wsctl_, as in the report",
    };
  }
  const named = tags["scenario"];
  if (named !== undefined && !scenarios.includes(named)) {
    const guess = nearest(named, scenarios);
    return {
      isDerived: true,
      message: `there is no scenario "${named}"`,
      hint: guess ? `did you mean ${guess}?` : `there are ${scenarios.join(", ")}`,
    };
  }
  if (stampOnly.test(metric) && (by === "order" || !isStamped(scenario))) {
    return {
      isDerived: true,
      message:
        by === "order"
          ? `by: order cannot see ${metric}: it takes the next reply for the one that is missing`
          : `${metric} is seen by stamps only, and no message holds one`,
      hint: "say correlate: { by: stamp }, and put {{ $stamp }} into the messages",
    };
  }
  if (matchedOnly.test(metric) && by === "none") {
    return {
      isDerived: true,
      message: `${metric} needs replies that are matched to sends, and nothing is correlated`,
      hint: "say how replies find their sends: correlate: { by: id, request: $.id }",
    };
  }
  return undefined;
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
