/** Owns what a step is called in a dry run, beside its name. */
import { formatCount, formatDuration } from "../../base/quantity.js";
import type { FlowPlan, PlanStep } from "../../scenario/flow-plan.js";

/** By the name of a step: what it does, in few words. */
export function stepWords({ scenarios, onReconnect }: FlowPlan): ReadonlyMap<string, string> {
  const steps = [...scenarios.flatMap(({ flow }) => deep(flow)), ...deep(onReconnect)];
  return new Map(steps.map((step) => [step.name, wordsOf(step)]));
}

function deep(flow: readonly PlanStep[]): PlanStep[] {
  return flow.flatMap((step) => {
    if (step.kind === "loop") return [step, ...deep(step.flow)];
    if (step.kind === "choose") return [step, ...step.options.flatMap((each) => deep(each.flow))];
    return [step];
  });
}

function wordsOf(step: PlanStep): string {
  const { kind } = step;
  if (kind === "listen") return `listen ${formatDuration(step.for)}`;
  if (kind === "every") return `every ${formatCount(step.rate)}/s for ${formatDuration(step.for)}`;
  if (kind === "wait") return `wait at most ${formatDuration(step.expect.within)}`;
  if (kind === "barrier") return `barrier ${step.barrier}`;
  if (kind === "think") {
    const [low, high] = step.for;
    return low === high
      ? `think ${formatDuration(low)}`
      : `think ${formatDuration(low)} to ${formatDuration(high)}`;
  }
  return kind;
}
