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
  const warm = snapshots.filter(({ phase }) => phase === "warm-up");
  const traffic = snapshots.filter(({ phase }) => phase === "traffic");
  const timed = snapshots.filter(({ phase }) => phase !== "warm-up");
  return { merged, finished, totals, snapshots, warm, traffic, timed };
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
  duration: "1s",
  warmup: "500ms",
  gracefulStop: "2s",
  messages: texts("one"),
};

test("all is counted, and what is due in the warm-up is not timed", async () => {
  await using server = await startWsEcho();
  const plan = planOf({ ...asked, targets: [server.url] });
  const { merged, finished, totals, warm, traffic } = await play(plan);
  expect(finished.schedule).toEqual({ due: 200, sent: 200 });
  expect(totals).toMatchObject({ ws_msgs_sent: 200, ws_msg_answered: 200 });
  expect(countIn(warm, "ws_msgs_sent")).toBeGreaterThan(0);
  expect(timesIn(warm, "ws_msg_rtt")).toBe(countIn(warm, "ws_msg_answered"));
  // What is due in the second half, whenever it leaves: the cut is at the warm-up's end or a little later.
  const timed = merged.trend("ws_schedule_lag")!.count;
  expect(timed).toBeLessThanOrEqual(100);
  expect(timed).toBeGreaterThan(0);
  expect(merged.trend("ws_msg_rtt")!.count).toBe(timed);
  // Every counter is told apart, not just those that the engine knows.
  const inTraffic = merged.inTraffic();
  expect(inTraffic["ws_msgs_sent"]).toBe(finished.inTraffic.sent);
  expect(inTraffic["ws_msg_answered"]).toBe(countIn(traffic, "ws_msg_answered"));
  expect(inTraffic["ws_sessions"]).toBeUndefined();
  expect(finished.inTraffic.sent).toBe(200 - countIn(warm, "ws_msgs_sent"));
  expect(finished.flowedFor).toBe(1000);
  expect(finished.trafficFor).toBeLessThanOrEqual(500);
  expect(finished.trafficFor).toBeGreaterThan(0);
  expect(merged.warmFor).toBeCloseTo(traffic.reduce((sum, { span }) => sum + span, 0));
});

test("an answer that comes after the warm-up to what was due in it is not timed", async () => {
  await using server = await startWsEcho();
  server.wss.on("connection", (socket) => {
    socket.removeAllListeners("message");
    let awake: number | undefined;
    socket.on("message", (data) => {
      awake ??= performance.now() + 2000;
      setTimeout(() => socket.send(data), Math.max(0, awake - performance.now()));
    });
  });
  const plan = planOf({ ...asked, targets: [server.url], duration: "1s", warmup: "500ms" });
  const { merged, warm, totals } = await play(plan);
  expect(totals["ws_msg_answered"]).toBe(200);
  expect(countIn(warm, "ws_msgs_sent")).toBeGreaterThan(0);
  expect(merged.trend("ws_msg_rtt")!.count).toBeLessThanOrEqual(100);
  expect(countIn(warm, "ws_msg_answered")).toBe(0);
});

test("how long connections took to open before it is timed", async () => {
  await using server = await startWsEcho();
  const { merged, warm, snapshots } = await play(planOf({ ...asked, targets: [server.url] }));
  expect(warm.length).toBeGreaterThan(0);
  expect(snapshots[0]!.phase).toBeUndefined();
  expect(merged.trend("ws_connecting")!.count).toBe(4);
});

test("virtual users: what they time in the warm-up is in no sum of scenario or stage", async () => {
  await using server = await startWsEcho();
  const plan = planOf({
    ...asked,
    targets: [server.url],
    totalRate: undefined,
    rate: "50",
    duration: "2s",
    warmup: "1s",
    messages: texts("{{ $seq }}"),
  });
  expect(plan.traffic.model).toBe("flow");
  const { merged, totals, warm, timed } = await play(plan);
  expect(totals["ws_msg_answered"]).toBeGreaterThan(0);
  expect(timesIn(warm, "ws_msg_rtt")).toBeGreaterThan(0);
  const [scenario] = merged.scenarios(Object.keys(timed.at(-1)!.scenarios), 1000);
  for (const trends of [merged.trends(), scenario!.trends]) {
    expect(trends["ws_msg_rtt"]?.count ?? 0).toBe(timesIn(timed, "ws_msg_rtt"));
  }
  const staged = timed.filter(({ stage }) => stage !== undefined);
  const [main] = merged.stages(["main"]);
  expect(main!.trends["ws_msg_rtt"]?.count ?? 0).toBe(timesIn(staged, "ws_msg_rtt"));
  expect(scenario!.totals["ws_msgs_sent"]).toBe(totals["ws_msgs_sent"]);
  // Each second is shown as it was.
  const shown = merged.settle(Infinity).map(({ trends }) => trends["ws_msg_rtt"]?.count ?? 0);
  const all = timesIn(warm, "ws_msg_rtt") + timesIn(timed, "ws_msg_rtt");
  expect(shown.reduce((sum, count) => sum + count, 0)).toBe(all);
  expect(all).toBeLessThanOrEqual(totals["ws_msg_answered"]!);
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
  expect(merged.trend("ws_schedule_lag")).toBeUndefined();
  expect(merged.trend("ws_msg_rtt")).toBeUndefined();
  // Draining is no traffic either: what came of it is the warm-up's.
  expect(countIn(timed, "ws_msgs_received")).toBe(0);
});

test("a stage that ends with the warm-up is cut off with it", async () => {
  await using server = await startWsEcho();
  const plan = planOf({
    ...asked,
    targets: [server.url],
    totalRate: undefined,
    rate: "50",
    stages: ["800ms:4", "800ms:4"],
    warmup: "800ms",
    messages: texts("{{ $seq }}"),
  });
  for (let round = 0; round < 2; round++) {
    const { warm, traffic, merged } = await play(plan);
    expect(new Set(warm.map(({ stage }) => stage))).toEqual(new Set([0]));
    expect(new Set(traffic.map(({ stage }) => stage))).toEqual(new Set([1]));
    const [ramp, hold] = merged.stages(["stage 1", "stage 2"]);
    expect(ramp!.trends["ws_msg_rtt"]).toBeUndefined();
    // Virtual users dial within it, and that is timed.
    const dialled = (of: typeof ramp): number => of!.trends["ws_connecting"]?.count ?? 0;
    expect(dialled(ramp)).toBeGreaterThan(0);
    expect(dialled(ramp) + dialled(hold)).toBe(4);
    expect(hold!.trends["ws_msg_rtt"]!.count).toBeGreaterThan(0);
  }
});
