/** Shows a worker's part of a run from the first dial to the last socket, and that its sums hold. */
import { describe, expect, test } from "vitest";
import { Engine, type Finished } from "../../src/load/engine.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { conservationOf, unaccounted } from "../../src/metrics/conservation.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import { startWsEcho } from "../support/servers.js";
import { planOf, texts } from "../scenario/flags.js";

const probe = {
  cpu: () => process.cpuUsage().user / 1000,
  rss: () => process.memoryUsage.rss(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

const short: Partial<LoadFlags> = {
  connections: "4",
  duration: "200ms",
  gracefulStop: "2s",
  messages: texts("one", "two"),
};

/** What a worker came to: its snapshots merged, and its last words. */
interface Outcome {
  readonly totals: Record<string, number>;
  readonly finished: Finished;
  readonly snapshots: readonly Snapshot[];
  readonly opened: number;
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
  during(engine);
  await engine.run(probe.monotonic() + 5);
  await engine.close();
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  return { totals: merged.totals(), finished: engine.finish(), snapshots, opened };
}

function holds({ totals, finished }: Outcome): void {
  expect(unaccounted(conservationOf(totals, finished.connectionsOff, undefined))).toEqual([]);
  // Snapshots are deltas: they must add up to what the worker itself says.
  expect(finished.totals).toEqual(totals);
}

describe("pairing", () => {
  /** A server that says for the n-th message of a connection how often to answer it. */
  async function answering(times: (n: number) => number) {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      let n = 0;
      socket.removeAllListeners("message");
      socket.on("message", () => {
        for (let i = times(n++); i > 0; i--) socket.send("answer");
      });
    });
    return server;
  }

  test.each<[string, number, (n: number) => number, string]>([
    ["one answer a message", 0, () => 1, "5s"],
    ["three answers a message", 4, () => 3, "5s"],
    ["one answer dropped", 4, (n) => (n === 1 ? 0 : 1), "30ms"],
  ])("with %s is lost on %d connections", async (_what, connections, times, replyTimeout) => {
    await using server = await answering(times);
    const timing = { duration: "300ms", replyTimeout, gracefulStop: "300ms" };
    const outcome = await play({ targets: [server.url], ...timing });
    holds(outcome);
    expect(outcome.finished.pairingLost).toBe(connections);
  });
});

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
    expect(outcome.opened).toBe(4);
  });

  test("a given rate with some refused: what was due there is told as unsent", async () => {
    await using good = await startWsEcho();
    await using bad = await startWsEcho({ refuse: 503 });
    const outcome = await play({ targets: [good.url, bad.url], totalRate: "500" });
    holds(outcome);
    expect(outcome.opened).toBe(2);
    expect(outcome.totals).toMatchObject({ ws_msgs_sent: 50, ws_msg_unsent: 50 });
    expect(outcome.finished.schedule).toEqual({ due: 50, sent: 50 });
    expect(outcome.finished.errors).toMatchObject([{ what: "connection failed: status 503" }]);
  });

  test("a shard of which nothing opened tells all that was due on it as unsent", async () => {
    await using bad = await startWsEcho({ refuse: 503 });
    const outcome = await play({ targets: [bad.url], totalRate: "500", duration: "1h" });
    holds(outcome);
    expect(outcome.opened).toBe(0);
    expect(outcome.totals["ws_msg_unsent"]).toBe(500 * 3600);
    expect(outcome.finished.schedule).toEqual({ due: 0, sent: 0 });
    expect(outcome.finished.trafficFor).toBeLessThan(60_000);
  });

  test("what goes to and fro while opening and draining is left out of the rates", async () => {
    await using server = await startWsEcho();
    // Nothing is answered before the traffic is over, and then all.
    const answers: (() => void)[] = [];
    let over = false;
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", () => {
        if (over) socket.send("answer");
        else answers.push(() => socket.send("answer"));
      });
    });
    const outcome = await play(
      { targets: [server.url], totalRate: "500", firstMessages: texts("join") },
      () => {
        setTimeout(() => {
          over = true;
          for (const answer of answers) answer();
        }, 400);
      },
    );
    const { totals, finished } = outcome;
    expect(totals["ws_msgs_sent"]).toBe(104);
    expect(totals["ws_msgs_received"]).toBe(104);
    expect(finished.inTraffic).toMatchObject({ sent: 100, received: 0, bytesReceived: 0 });
    expect(finished.inTraffic.bytesSent).toBe(100 * 9);
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
    // Ended by the user, what was to come is not due any more.
    expect(outcome.totals["ws_msg_unsent"]).toBeUndefined();
    expect(outcome.finished.schedule.due).toBeLessThan(50 * 4 * 60);
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
    // All of the hour is reckoned: what could not be sent any more was due all the same.
    expect(totals["ws_msgs_sent"]! + totals["ws_msg_unsent"]!).toBe(200 * 3600);
    expect(finished.schedule).toEqual({
      due: totals["ws_msgs_sent"],
      sent: totals["ws_msgs_sent"],
    });
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
