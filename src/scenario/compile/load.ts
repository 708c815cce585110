/** Owns resolving the load: stages of either kind, and the constant population that is their sugar. */
import { parseCount, parseDuration, parseRate } from "../../base/quantity.js";
import type { PlanLoad, PlanStage } from "../flow-plan.js";
import type { Scenario } from "../scenario.js";

type Load = NonNullable<NonNullable<Scenario["config"]>["load"]>;

/** The load with every figure resolved. @throws WsctlError WSCTL_EUSAGE */
export function loadOf(load: Load): PlanLoad {
  const { stages, connections = 0, duration = 0, maxConnections } = load;
  if (!stages) {
    const users = parseCount(String(connections));
    const stage = {
      name: "main",
      duration: parseDuration(String(duration)),
      from: users,
      to: users,
    };
    return { kind: "population", stages: [stage], maxConnections: undefined };
  }
  const kind = stages[0]?.arrivalRate === undefined ? "population" : "arrivals";
  let last = 0;
  const resolved = stages.map((stage, index): PlanStage => {
    const { name = `stage ${index + 1}`, arrivalRate, rampTo } = stage;
    const length = parseDuration(String(stage.duration));
    if (kind === "arrivals") {
      const from = parseRate(String(arrivalRate ?? 0));
      const to = rampTo === undefined ? from : parseRate(String(rampTo));
      return { name, duration: length, from, to };
    }
    const from = last;
    last = parseCount(String(stage.connections ?? 0));
    return { name, duration: length, from, to: last };
  });
  return {
    kind,
    stages: resolved,
    maxConnections: maxConnections === undefined ? undefined : parseCount(String(maxConnections)),
  };
}
