/** Owns what a dry run plays: one user of each scenario, once, without the waiting. */
import type { FlowPlan, PlanScenario, PlanStep } from "../../scenario/flow-plan.js";
import type { Plan } from "../../scenario/plan.js";
import type { Scenario } from "../../scenario/scenario.js";

/** What lasts longer is cut short to so many ms. */
export const longestStep = 3000;
const longestThink = 1000;
const mostRounds = 3;
const mostMessages = 5;
/** By then it has hung. */
const patience = 600_000;

/** The scenario with users that go through their flow once. */
export function playedOnce(scenario: Scenario): Scenario {
  const { flow, scenarios, ...rest } = scenario;
  const users = scenarios ?? (flow ? [{ name: "main", flow }] : []);
  return {
    ...rest,
    scenarios: users.map((user) => Object.assign({}, user, { repeat: "once" as const })),
  };
}

/** The plan of a dry run; a plan without virtual users stays as it is. */
export function dryPlan(plan: Plan): Plan {
  if (plan.traffic.model !== "flow") return plan;
  const scenarios = plan.traffic.flow.scenarios
    .filter(({ weight }) => weight > 0)
    .map((each) => dryScenario(each, plan.correlate.timeout));
  const users = scenarios.length;
  const stage = { name: "dry run", duration: patience, from: users, to: users };
  const flow: FlowPlan = {
    ...plan.traffic.flow,
    load: { kind: "population", stages: [stage], maxConnections: undefined },
    lifetime: undefined,
    scenarios,
    profiles: [],
    events: [],
  };
  const { warmup: _none, ...rest } = plan;
  return {
    ...rest,
    connections: users,
    duration: patience,
    gracefulStop: Math.min(plan.gracefulStop, longestThink),
    thresholds: [],
    traffic: { ...plan.traffic, flow },
  };
}

function dryScenario(scenario: PlanScenario, replyTimeout: number): PlanScenario {
  const flow = scenario.flow.map((step) => dryStep(step, replyTimeout));
  return { ...scenario, weight: 1, flow };
}

function dryStep(step: PlanStep, replyTimeout: number): PlanStep {
  const { kind, name } = step;
  if (kind === "listen") return { ...step, for: Math.min(step.for, longestStep) };
  if (kind === "every") {
    return { ...step, for: Math.min(step.for, longestStep, (mostMessages * 1000) / step.rate) };
  }
  if (kind === "flood") {
    const { messages } = step;
    const expect = step.expect ?? { match: {}, within: patience, captures: [] };
    const flow = messages.map((message): PlanStep => ({
      kind: "send",
      name,
      message,
      // A closed loop goes by replies: without waiting for them there would be none to see.
      expect: message.reply
        ? { ...expect, within: Math.min(expect.within, replyTimeout) }
        : undefined,
    }));
    return { kind: "loop", name, count: mostRounds, over: longestStep, while: undefined, flow };
  }
  if (kind === "think") {
    const [low, high] = step.for;
    return { ...step, for: [Math.min(low, longestThink), Math.min(high, longestThink)] };
  }
  if (kind === "loop") {
    return {
      ...step,
      // One that goes on while something holds would do so for a day.
      count: Math.min(step.count ?? mostRounds, mostRounds),
      over: step.over === undefined ? undefined : Math.min(step.over, longestStep),
      flow: step.flow.map((inner) => dryStep(inner, replyTimeout)),
    };
  }
  if (kind !== "choose") return step;
  const options = step.options.map(({ weight, flow }) => ({
    weight,
    flow: flow.map((inner) => dryStep(inner, replyTimeout)),
  }));
  return { ...step, options };
}
