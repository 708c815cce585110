/** Owns what a step is called in a dry run, beside its name. */
import { formatCount, formatDuration } from "../../base/quantity.js";
import type { TraceEvent } from "../../load/flow/trace.js";
import type { FlowPlan, PlanStep } from "../../scenario/flow-plan.js";

/** What each step does, in few words: steps of two scenarios may have the same name. */
export class StepWords {
  readonly #byScenario: ReadonlyMap<string, ReadonlyMap<string, string>>;

  /** @param flow undefined when there are no virtual users */
  constructor(flow: FlowPlan | undefined) {
    const { scenarios = [], onReconnect = [] } = flow ?? {};
    this.#byScenario = new Map(
      scenarios.map(({ name, flow: own }) => {
        const steps = [...deep(onReconnect), ...deep(own)];
        return [name, new Map(steps.map((step) => [step.name, wordsOf(step)]))];
      }),
    );
  }

  /** Undefined for what is no step of the plan. */
  of({ scenario, step }: Pick<TraceEvent, "scenario" | "step">): string | undefined {
    return this.#byScenario.get(scenario)?.get(step);
  }
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
