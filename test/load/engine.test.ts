/** Shows a worker's part of a run from the first dial to the last socket, and that its sums hold. */
import { describe, expect, test } from "vitest";
import { Engine, type Finished } from "../../src/load/engine.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { conservationOf, unaccounted } from "../../src/metrics/conservation.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import { startWsEcho } from "../support/servers.js";
import { planOf } from "../scenario/flags.js";

const probe = {
  cpu: () => process.cpuUsage().user / 1000,
  rss: () => process.memoryUsage.rss(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

const short: Partial<LoadFlags> = {
  connections: "4",
  duration: "200ms",
  gracefulStop: "2s",
  messages: ["one", "two"],
};

/** What a worker came to: its snapshots merged, and its last words. */
interface Outcome {
  readonly totals: Record<string, number>;
  readonly finished: Finished;
  readonly snapshots: readonly Snapshot[];
}

async function play(
  flags: Partial<LoadFlags>,
  during: (engine: Engine) => void = () => {},
): Promise<Outcome> {
  const plan = planOf({ ...short, ...flags });
  const snapshots: Snapshot[] = [];
  const shard = { index: 0, of: 1, from: 0, to: plan.connections };
  const engine = new Engine(plan, shard, "r", probe, (snapshot) => snapshots.push(snapshot));
  const { opened } = await engine.open(probe.monotonic());
  expect(opened).toBe(plan.connections);
  during(engine);
  await engine.run(probe.monotonic() + 5);
  await engine.close();
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  return { totals: merged.totals(), finished: engine.finish(), snapshots };
}

function holds({ totals, finished }: Outcome): void {
  expect(unaccounted(conservationOf(totals, finished.connectionsOff, undefined))).toEqual([]);
  // Snapshots are deltas: they must add up to what the worker itself says.
  expect(finished.totals).toEqual(totals);
}

describe("against an echo server", () => {
  test("a closed loop: every request has its answer", async () => {
    await using server = await startWsEcho();
    const outcome = await play({ targets: [server.url], inFlight: 3 });
    const { totals, finished } = outcome;
    holds(outcome);
    expect(totals["ws_msg_answered"]).toBeGreaterThanOrEqual(12);
    expect(totals["ws_msg_answered"]).toBe(totals["ws_msgs_received"]);
    expect(totals).toMatchObject({ ws_sessions: 4, "ws_close{by:client,code:1000}": 4 });
    expect([finished.openAtEnd, finished.errors]).toEqual([4, []]);
    expect(finished.trafficFor).toBe(200);
  });

  test("a given rate: exactly what the schedule has", async () => {
    await using server = await startWsEcho();
    const outcome = await play({ targets: [server.url], totalRate: "500" });
    holds(outcome);
    expect(outcome.totals).toMatchObject({ ws_msgs_sent: 100, ws_msg_answered: 100 });
    expect(outcome.finished.schedule).toEqual({ due: 100, sent: 100 });
  });

  test("listening only: nothing is sent", async () => {
    await using server = await startWsEcho();
    const outcome = await play({ targets: [server.url], rate: "0", messages: [] });
    holds(outcome);
    expect(outcome.totals["ws_msgs_sent"]).toBeUndefined();
    expect(outcome.totals["ws_sessions"]).toBe(4);
  });

  test("stopped early: what was sent is accounted for", async () => {
    await using server = await startWsEcho();
    const flags = { targets: [server.url], duration: "1h", rate: "50" };
    const outcome = await play(flags, (engine) => void setTimeout(() => engine.stop(), 120));
    holds(outcome);
    expect(outcome.finished.trafficFor).toBeLessThan(3_600_000);
    expect(outcome.totals["ws_msgs_sent"]).toBe(outcome.finished.schedule.sent);
  });

  test("a server that goes away in the middle", async () => {
    const server = await startWsEcho();
    let heard = 0;
    server.wss.on("connection", (socket) => {
      socket.on("message", () => {
        if (++heard === 10) void server.close();
      });
    });
    const outcome = await play({ targets: [server.url], totalRate: "200", duration: "1h" });
    holds(outcome);
    const { totals, finished } = outcome;
    expect(finished.openAtEnd).toBe(0);
    // Nothing is left to carry the traffic: the run does not wait for its hour to pass.
    expect(finished.trafficFor).toBeLessThan(3_600_000);
    expect(totals["ws_msgs_sent"]).toBeGreaterThanOrEqual(10);
  });
});

test("snapshots are numbered without holes, and no two share a second", async () => {
  await using server = await startWsEcho();
  const { snapshots } = await play({
    targets: [server.url],
    duration: "1100ms",
    rate: "0",
    messages: [],
  });
  expect(snapshots.length).toBeGreaterThan(1);
  expect(snapshots.map(({ sequence }) => sequence)).toEqual(snapshots.map((_, i) => i));
  expect(new Set(snapshots.map(({ second }) => second)).size).toBe(snapshots.length);
  expect(snapshots.at(-1)!.gauges["ws_sessions_open"]).toBe(0);
});
