/** Shows how users live: births, stages, what they carry, graceful ends; and that sums hold through it. */
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Engine } from "../../../src/load/engine.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { cut } from "../../../src/scenario/shard.js";
import { startWsEcho } from "../../support/servers.js";
import { byId, expecting, flowPlan, json, play, probe, scenario, send, text } from "./stage.js";

const think = (from: number, to = from): PlanStep => ({
  name: "think",
  kind: "think",
  for: [from, to],
});
const listen = (ms: number): PlanStep => ({ name: "listen", kind: "listen", for: ms });
const every = (rate: number, ms: number): PlanStep => ({
  name: "every",
  kind: "every",
  rate,
  for: ms,
  messages: [json({ id: "{{ $seq }}" })],
  expect: undefined,
});

describe("a population", () => {
  test("follows its stages, and snapshots are cut where they end", async () => {
    await using server = await startWsEcho();
    let most = 0;
    server.wss.on("connection", () => (most = Math.max(most, server.wss.clients.size)));
    const { totals, finished, snapshots } = await play({
      url: server.url,
      users: 6,
      duration: 1200,
      scenarios: [scenario([think(5)], { repeat: "same-socket" })],
      plan: {
        load: {
          kind: "population",
          maxConnections: undefined,
          stages: [
            // Within each all can be dialled, on a busy machine as well.
            { name: "up", duration: 400, from: 0, to: 6 },
            { name: "hold", duration: 400, from: 6, to: 6 },
            { name: "down", duration: 400, from: 6, to: 0 },
          ],
        },
      },
    });
    expect(most).toBe(6);
    expect(totals).toMatchObject({ ws_sessions: 6, "ws_close{by:client,code:1000}": 6 });
    expect(finished.flow!.users).toMatchObject({ begun: 6, completed: 6 });
    const stages = snapshots.map(({ stage }) => stage);
    // On a slow machine a second ends within a stage.
    expect([...new Set(stages)].filter((stage) => stage !== undefined)).toEqual([0, 1, 2]);
    expect(new Set(snapshots.map(({ second }) => second)).size).toBe(snapshots.length);
    const sessions = (stage: number): number =>
      snapshots
        .filter((each) => each.stage === stage)
        .reduce((sum, each) => sum + (each.scenarios["main"]!.counters["ws_sessions"] ?? 0), 0);
    expect(sessions(0)).toBeGreaterThanOrEqual(1);
    expect(sessions(2)).toBe(0);
  });

  test("that falls and rises again gives the same indices further lives", async () => {
    await using server = await startWsEcho();
    const { finished } = await play({
      url: server.url,
      users: 2,
      duration: 1200,
      scenarios: [scenario([think(5)], { repeat: "same-socket" })],
      plan: {
        load: {
          kind: "population",
          maxConnections: undefined,
          stages: [
            { name: "a", duration: 400, from: 2, to: 2 },
            { name: "b", duration: 400, from: 0, to: 0 },
            { name: "c", duration: 400, from: 2, to: 2 },
          ],
        },
      },
    });
    expect(finished.flow!.users).toEqual({ begun: 4, completed: 4, lost: 0, dropped: 0 });
  });

  test("of arrivals, those who find no place are counted", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play({
      url: server.url,
      users: 20,
      duration: 400,
      scenarios: [scenario([listen(10_000)])],
      plan: {
        load: {
          kind: "arrivals",
          maxConnections: 5,
          stages: [{ name: "a", duration: 400, from: 50, to: 50 }],
        },
      },
    });
    expect(finished.flow!.users).toEqual({ begun: 5, completed: 5, lost: 0, dropped: 15 });
    expect(totals["ws_arrivals_dropped"]).toBe(15);
  });

  test("of arrivals with fewer places than workers is refused: some would have none", () => {
    const plan = flowPlan({
      url: "ws://127.0.0.1:1/",
      users: 20,
      plan: {
        load: {
          kind: "arrivals",
          maxConnections: 2,
          stages: [{ name: "a", duration: 400, from: 50, to: 50 }],
        },
      },
    });
    const engines = (workers: number) =>
      cut(20, workers).map((shard) => new Engine(plan, shard, "r", probe, () => {}));
    expect(engines(2)).toHaveLength(2);
    expect(() => engines(3)).toThrow(/maxConnections \(2\) leaves some of the 3 workers/);
  });

  test("dials no faster than it may", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      users: 50,
      duration: 300,
      connectRate: 50,
      flow: [listen(10_000)],
    });
    expect(totals["ws_sessions"]).toBeGreaterThan(3);
    expect(totals["ws_sessions"]).toBeLessThan(25);
  });
});

describe("scenarios", () => {
  test("are shared out by weight, and each has its own figures", async () => {
    await using server = await startWsEcho();
    const { snapshots, totals } = await play({
      url: server.url,
      users: 10,
      scenarios: [
        scenario([send(text("a"), expecting({ text: "a" }))], { name: "one", weight: 9 }),
        scenario([send(text("b")), send(text("b"))], { name: "two", weight: 1 }),
      ],
    });
    const sent = (name: string): number =>
      snapshots.reduce(
        (sum, { scenarios }) => sum + (scenarios[name]!.counters["ws_msgs_sent"] ?? 0),
        0,
      );
    expect([sent("one"), sent("two"), totals["ws_msgs_sent"]]).toEqual([9, 2, 11]);
    expect(snapshots.some(({ counters }) => counters["ws_msgs_sent"] !== undefined)).toBe(false);
  });
});

describe("what users carry", () => {
  test("a row each, in templates of messages, headers and subprotocols", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "wsctl-"));
    try {
      const file = path.join(folder, "users.csv");
      await writeFile(file, "name,token\nann,t1\nbob,t2\n");
      await using server = await startWsEcho();
      const heads: string[] = [];
      const said: string[] = [];
      server.wss.on("connection", (socket, request) => {
        const { authorization, "sec-websocket-protocol": protocol } = request.headers;
        heads.push(`${authorization} ${protocol}`);
        socket.on("message", (data) => said.push((data as Buffer).toString()));
      });
      await play({
        url: server.url,
        users: 4,
        flow: [send(json({ me: "{{ users.name }}" }), expecting({ json: "$.me" }))],
        connection: {
          headers: [["Authorization", "Bearer {{ users.token }}"]],
          subprotocols: ["v{{ $index }}"],
        },
        plan: {
          feeders: [{ name: "users", path: file, format: "csv", rows: 2, order: "sequence" }],
        },
      });
      expect(heads.toSorted()).toEqual([
        "Bearer t1 v0",
        "Bearer t1 v2",
        "Bearer t2 v1",
        "Bearer t2 v3",
      ]);
      expect(said.toSorted()).toEqual([
        '{"me":"ann"}',
        '{"me":"ann"}',
        '{"me":"bob"}',
        '{"me":"bob"}',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the end of a life", () => {
  test("lets replies come that are under way, and sends nothing more", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => setTimeout(() => socket.send(data, { binary: false }), 700));
    });
    const { totals, finished } = await play({
      url: server.url,
      duration: 500,
      flow: [send(text("x"), expecting({ text: "x" }, { within: 5000 })), send(text("never"))],
    });
    expect(totals).toMatchObject({ ws_msgs_sent: 1, ws_msg_answered: 1, "checks{result:pass}": 1 });
    expect(finished.flow!.users.completed).toBe(1);
  });

  test("does not wait longer than the graceful stop", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.removeAllListeners("message"));
    const { totals } = await play({
      url: server.url,
      users: 2,
      duration: 500,
      gracefulStop: 60,
      flow: [send(text("x"), expecting({ text: "x" }, { within: 60_000 }))],
    });
    expect(totals).toMatchObject({ ws_msg_expected: 2, ws_msg_in_flight: 2 });
    // Nobody will ever know: not to have passed is to have failed.
    expect(totals["checks{result:fail}"]).toBe(2);
  });

  test("stopped by hand: sums hold, and what was to come is not due", async () => {
    await using server = await startWsEcho();
    let stop = (): void => {};
    let heard = 0;
    server.wss.on("connection", (socket) => {
      socket.on("message", () => void (++heard === 20 && stop()));
    });
    const { totals, finished } = await play(
      {
        url: server.url,
        users: 3,
        duration: 3_600_000,
        flow: [every(50, 3_600_000)],
        correlate: byId,
      },
      {},
      (engine) => (stop = () => engine.stop()),
    );
    expect(finished.schedule).toEqual({
      due: totals["ws_msgs_sent"],
      sent: totals["ws_msgs_sent"],
    });
    expect(totals["ws_msg_unsent"]).toBeUndefined();
    expect(finished.openAtEnd).toBeLessThanOrEqual(3);
  });
});

test("stopped while most still wait for their turn to dial, the run ends at once", async () => {
  await using server = await startWsEcho();
  const { finished } = await play(
    { url: server.url, users: 200, duration: 60_000, connectRate: 10, flow: [listen(60_000)] },
    {},
    (engine) => void setTimeout(() => engine.stop(), 100),
  );
  expect(finished.trafficFor).toBeLessThan(10_000);
  expect(finished.flow!.users).toMatchObject({ begun: 200, completed: 200 });
  expect(finished.opened.opened).toBeLessThan(20);
});

test("a dry run's trace tells what each step does", async () => {
  await using server = await startWsEcho();
  const events: string[] = [];
  await play(
    {
      url: server.url,
      flow: [
        send(
          json({ id: 1, t: "\u001b" }),
          expecting({ json: "$.id", equals: 1 }, { captures: [{ json: "$.id", as: "got" }] }),
          "join",
        ),
        {
          name: "gone",
          kind: "wait",
          expect: expecting({ text: "x" }, { within: 5 }),
          optional: false,
        },
      ],
      correlate: byId,
    },
    { trace: ({ what, step, detail }) => events.push(`${what} ${step} ${detail}`.trim()) },
  );
  expect(events.slice(0, 7)).toEqual([
    "opened join",
    "step join",
    'sent join {"id":1,"t":"\\u001b"}',
    "waiting join for the reply",
    'received join {"id":1,"t":"\\u001b"}',
    "matched join",
    "captured join got = 1",
  ]);
  expect(events.some((each) => each.startsWith("failed gone no message matched"))).toBe(true);
});
