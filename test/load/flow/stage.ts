/** Owns plays of virtual users under test: a plan of a few steps, a worker in this process. */
import { expect } from "vitest";
import { Engine, type Finished } from "../../../src/load/engine.js";
import type { Hooks } from "../../../src/load/flow/world.js";
import { Accumulator } from "../../../src/metrics/accumulator.js";
import { conservationOf, unaccounted } from "../../../src/metrics/conservation.js";
import type { Snapshot } from "../../../src/metrics/snapshot.js";
import type {
  FlowPlan,
  PlanExpectation,
  PlanScenario,
  PlanSend,
  PlanStep,
} from "../../../src/scenario/flow-plan.js";
import type { JsonValue } from "../../../src/message/json.js";
import type { MatchSpec } from "../../../src/message/matcher.js";
import type { Correlate, Plan } from "../../../src/scenario/plan.js";
import { planOf } from "../../scenario/flags.js";

/** The clocks of this process. */
export const probe = {
  cpu: () => process.cpuUsage().user / 1000,
  rss: () => process.memoryUsage.rss(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

/** A JSON message. */
export function json(template: JsonValue, more: Partial<PlanSend> = {}): PlanSend {
  return { opcode: 1, payload: { kind: "json", template }, fragments: 1, reply: true, ...more };
}

/** A text message. */
export function text(template: string, more: Partial<PlanSend> = {}): PlanSend {
  return { opcode: 1, payload: { kind: "text", template }, fragments: 1, reply: true, ...more };
}

/** An expectation. */
export function expecting(match: MatchSpec, more: Partial<PlanExpectation> = {}): PlanExpectation {
  return { match, within: 1000, captures: [], ...more };
}

/** A step that sends. */
export function send(message: PlanSend, expectation?: PlanExpectation, name = "send"): PlanStep {
  return { name, kind: "send", message, expect: expectation };
}

/** A scenario of those steps. */
export function scenario(
  flow: readonly PlanStep[],
  more: Partial<PlanScenario> = {},
): PlanScenario {
  return { name: "main", weight: 1, repeat: "once", audience: undefined, flow, ...more };
}

/** What a play is made of. */
export interface Script {
  readonly url: string | readonly string[];
  readonly flow?: readonly PlanStep[];
  readonly scenarios?: readonly PlanScenario[];
  readonly users?: number;
  readonly duration?: number;
  readonly correlate?: Correlate;
  readonly plan?: Partial<FlowPlan>;
  readonly connection?: Partial<Plan["connection"]>;
  readonly gracefulStop?: number;
  readonly connectRate?: number;
}

/** By JSON's `id`. */
export const byId: Correlate = { by: "id", request: "$.id", response: "$.id", timeout: 1000 };
export const byOrder: Correlate = { by: "order", timeout: 1000 };
export const uncorrelated: Correlate = { by: "none", timeout: 1000 };
export const byStamp: Correlate = { by: "stamp", timeout: 1000 };

/** The plan of a script: a constant population. */
export function flowPlan(script: Script): Plan {
  const { users = 1, duration = 5000 } = script;
  const base = planOf({ targets: typeof script.url === "string" ? [script.url] : script.url });
  const flow: FlowPlan = {
    seed: 7,
    load: {
      kind: "population",
      stages: [{ name: "hold", duration, from: users, to: users }],
      maxConnections: undefined,
    },
    lifetime: undefined,
    scenarios: script.scenarios ?? [scenario(script.flow ?? [])],
    variables: {},
    feeders: [],
    reconnect: undefined,
    onReconnect: [],
    heartbeat: { ping: undefined, timeout: 1000, autoReplies: [] },
    profiles: [],
    events: [],
    ...script.plan,
  };
  return {
    ...base,
    connection: { ...base.connection, ...script.connection },
    connections: users,
    connectRate: script.connectRate ?? 100_000,
    traffic: { model: "flow", judgedAs: "closed", pacer: "timer", flow },
    duration,
    gracefulStop: script.gracefulStop ?? 1000,
    messages: [],
    correlate: script.correlate ?? byOrder,
  };
}

/** What a play came to. */
export interface Outcome {
  readonly totals: Record<string, number>;
  readonly finished: Finished;
  readonly snapshots: readonly Snapshot[];
}

/** Plays a script to its end; sums must hold. */
export async function play(
  script: Script,
  hooks: Hooks = {},
  during: (engine: Engine) => void = () => {},
): Promise<Outcome> {
  const plan = flowPlan(script);
  const snapshots: Snapshot[] = [];
  const shard = { index: 0, of: 1, from: 0, to: plan.connections };
  const engine = new Engine(plan, shard, "r", probe, (snapshot) => snapshots.push(snapshot), hooks);
  const { opened } = await engine.open(probe.monotonic());
  expect(opened).toBe(0);
  during(engine);
  await engine.run(probe.monotonic());
  await engine.close();
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  const totals = merged.totals();
  const finished = engine.finish();
  expect(unaccounted(conservationOf(totals, finished.connectionsOff, undefined))).toEqual([]);
  // Snapshots are deltas: they must add up to what the worker itself says.
  expect(finished.totals).toEqual(totals);
  return { totals, finished, snapshots };
}
