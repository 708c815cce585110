/** Owns which names the templates of a plan may use, and where their values come from. */
import type { JsonValue } from "../../message/json.js";
import type { Binding, NameScope } from "../../message/value.js";
import type { FlowPlan, PlanStep } from "../../scenario/flow-plan.js";
import type { Names } from "./context.js";

/** The names of a plan. */
export interface PlanNames {
  readonly scope: NameScope;
  /** Values that all users begin with. */
  readonly shared: Names;
}

/**
 * What a step may change is a user's own; it counts as fixed for a connection, since whatever was
 * rendered with it is made anew when it changes. All else among the variables is constant.
 */
export function namesOf(flow: FlowPlan): PlanNames {
  const changed = new Set<string>();
  for (const { flow: steps } of flow.scenarios) collect(steps, changed);
  collect(flow.onReconnect, changed);
  const names = new Map<string, Binding>();
  const shared = new Map<string, JsonValue>(Object.entries(flow.variables));
  for (const [name, value] of shared) names.set(name, { value });
  for (const { name } of flow.feeders) names.set(name, { per: "connection" });
  for (const name of changed) names.set(name, { per: "connection" });
  return { scope: { names }, shared };
}

/** Adds the names that the steps give values to. */
function collect(steps: readonly PlanStep[], into: Set<string>): void {
  for (const step of steps) {
    if (step.kind === "set") for (const name of Object.keys(step.variables)) into.add(name);
    if (step.kind === "capture") for (const { as } of step.captures) into.add(as);
    if ("expect" in step && step.expect) for (const { as } of step.expect.captures) into.add(as);
    if (step.kind === "loop") collect(step.flow, into);
    if (step.kind === "choose") for (const option of step.options) collect(option.flow, into);
  }
}
