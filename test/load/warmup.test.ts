/** Shows that a warm-up is counted and not timed, and that it is cut off to the message. */
import { expect, test } from "vitest";
import { Engine } from "../../src/load/engine.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { conservationOf, unaccounted } from "../../src/metrics/conservation.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";
import { Trend } from "../../src/metrics/trend.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import type { Plan } from "../../src/scenario/plan.js";
import { startWsEcho } from "../support/servers.js";
import { planOf, texts } from "../scenario/flags.js";

const probe = {
  cpu: () => process.cpuUsage().user / 1000,
  rss: () => process.memoryUsage.rss(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

/** Plays it; the snapshots of the warm-up, the others, and what they come to together. */
async function play(plan: Plan, during: (engine: Engine) => void = () => {}) {
  const snapshots: Snapshot[] = [];
  const shard = { index: 0, of: 1, from: 0, to: plan.connections };
  const engine = new Engine(plan, shard, "r", probe, (snapshot) => snapshots.push(snapshot));
  await engine.open(probe.monotonic());
  during(engine);
  await engine.run(probe.monotonic() + 5);
  await engine.close();
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  const finished = engine.finish();
  const totals = merged.totals();
  expect(unaccounted(conservationOf(totals, finished.connectionsOff, undefined))).toEqual([]);
  expect(finished.totals).toEqual(totals);
  expect(new Set(snapshots.map(({ second }) => second)).size).toBe(snapshots.length);
  const [warm, timed] = [true, false].map((is) =>
    snapshots.filter((one) => (one.isWarmup ?? false) === is),
  );
  return { merged, finished, totals, warm: warm!, timed: timed! };
}

/** How many round trips they tell of. */
function timesIn(snapshots: readonly Snapshot[], name: string): number {
  return snapshots
    .flatMap(({ trends, scenarios }) => [trends, ...Object.values(scenarios).map((s) => s.trends)])
    .map((trends) => (trends[name] === undefined ? 0 : Trend.decode(trends[name]).count))
    .reduce((sum, count) => sum + count, 0);
}

function countIn(snapshots: readonly Snapshot[], name: string): number {
  return snapshots.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);
}

const asked: Partial<LoadFlags> = {
  connections: "4",
  totalRate: "200",
  duration: "600ms",
  warmup: "300ms",
  gracefulStop: "2s",
  messages: texts("one"),
};

test("all is counted, and what came in the warm-up is not timed", async () => {
  await using server = await startWsEcho();
  const plan = planOf({ ...asked, targets: [server.url] });
  const { merged, finished, totals, warm, timed } = await play(plan);
  expect(finished.schedule).toEqual({ due: 120, sent: 120 });
  expect(totals).toMatchObject({ ws_msgs_sent: 120, ws_msg_answered: 120 });
  expect(countIn(warm, "ws_msgs_sent")).toBeGreaterThan(0);
  expect(finished.inTraffic.sent).toBe(120 - countIn(warm, "ws_msgs_sent"));
  expect(timesIn(warm, "ws_msg_rtt")).toBe(countIn(warm, "ws_msg_answered"));
  expect(merged.trend("ws_msg_rtt")!.count).toBe(countIn(timed, "ws_msg_answered"));
  expect(merged.trend("ws_schedule_lag")!.count).toBe(countIn(timed, "ws_msgs_sent"));
  expect(merged.inTraffic()["ws_msgs_sent"] ?? 0).toBeLessThanOrEqual(finished.inTraffic.sent);
  expect(finished.flowedFor).toBe(600);
  expect(finished.trafficFor).toBeLessThanOrEqual(300);
  expect(finished.trafficFor).toBeGreaterThan(0);
});

test("how long connections took to open before it is timed", async () => {
  await using server = await startWsEcho();
  const { merged, warm } = await play(planOf({ ...asked, targets: [server.url] }));
  expect(warm.length).toBeGreaterThan(0);
  expect(merged.trend("ws_connecting")!.count).toBe(4);
});

test("virtual users: what they time in the warm-up is in no sum of scenario or stage", async () => {
  await using server = await startWsEcho();
  const plan = planOf({
    ...asked,
    targets: [server.url],
    totalRate: undefined,
    rate: "50",
    messages: texts("{{ $seq }}"),
  });
  expect(plan.traffic.model).toBe("flow");
  const { merged, totals, warm, timed } = await play(plan);
  expect(totals["ws_msg_answered"]).toBeGreaterThan(0);
  expect(timesIn(warm, "ws_msg_rtt")).toBeGreaterThan(0);
  const [scenario] = merged.scenarios(Object.keys(timed.at(-1)!.scenarios), 300);
  for (const trends of [merged.trends(), scenario!.trends]) {
    expect(trends["ws_msg_rtt"]?.count ?? 0).toBe(timesIn(timed, "ws_msg_rtt"));
  }
  const staged = timed.filter(({ stage }) => stage !== undefined);
  const [main] = merged.stages(["main"]);
  expect(main!.trends["ws_msg_rtt"]?.count ?? 0).toBe(timesIn(staged, "ws_msg_rtt"));
  expect(scenario!.totals["ws_msgs_sent"]).toBe(totals["ws_msgs_sent"]);
  // Each second is shown as it was.
  const shown = merged.settle(Infinity).map(({ trends }) => trends["ws_msg_rtt"]?.count ?? 0);
  expect(shown.reduce((sum, count) => sum + count, 0)).toBe(totals["ws_msg_answered"]);
});

test("ended while it warms up: counted, and nothing is timed", async () => {
  await using server = await startWsEcho();
  const plan = planOf({ ...asked, duration: "60s", warmup: "50s", targets: [server.url] });
  const { merged, finished, totals, timed } = await play(plan, (engine) => {
    setTimeout(() => engine.stop(), 100);
  });
  expect(totals["ws_msgs_sent"]).toBeGreaterThan(0);
  expect(finished).toMatchObject({ trafficFor: 0, cpu: 0, loopDelayP99: 0 });
  expect(finished.inTraffic.sent).toBe(0);
  expect(finished.flowedFor).toBeGreaterThan(0);
  // Last answers may come while it drains.
  expect(merged.trend("ws_schedule_lag")?.count ?? 0).toBe(timesIn(timed, "ws_schedule_lag"));
  expect(timesIn(timed, "ws_schedule_lag")).toBe(0);
});
