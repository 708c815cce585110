/** Shows how users live: births, stages, lifetimes, losses, graceful ends; and that sums hold through it. */
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { refusingPort } from "../../dial/raw-server.js";
import { until } from "../pair.js";
import { byId, expecting, json, play, scenario, send, text } from "./stage.js";

const think = (from: number, to = from): PlanStep => ({ name: "think", kind: "think", for: [from, to] });
const listen = (ms: number): PlanStep => ({ name: "listen", kind: "listen", for: ms });
const every = (rate: number, ms: number): PlanStep => ({
  name: "every",
  kind: "every",
  rate,
  for: ms,
  messages: [json({ id: "{{ $seq }}" })],
  expect: undefined,
});
const quick = { kind: "fixed", base: 20 } as const;

describe("a population", () => {
  test("follows its stages, and snapshots are cut where they end", async () => {
    await using server = await startWsEcho();
    let most = 0;
    server.wss.on("connection", () => (most = Math.max(most, server.wss.clients.size)));
    const { totals, finished, snapshots } = await play({
      url: server.url,
      users: 6,
      duration: 450,
      scenarios: [scenario([think(5)], { repeat: "same-socket" })],
      plan: {
        load: {
          kind: "population",
          maxConnections: undefined,
          stages: [
            { name: "up", duration: 150, from: 0, to: 6 },
            { name: "hold", duration: 150, from: 6, to: 6 },
            { name: "down", duration: 150, from: 6, to: 0 },
          ],
        },
      },
    });
    expect(most).toBe(6);
    expect(totals).toMatchObject({ ws_sessions: 6, "ws_close{by:client,code:1000}": 6 });
    expect(finished.flow!.users).toMatchObject({ begun: 6, completed: 6 });
    const stages = snapshots.map(({ stage }) => stage);
    expect(stages.filter((stage) => stage !== undefined)).toEqual([0, 1, 2]);
    expect(new Set(snapshots.map(({ second }) => second)).size).toBe(snapshots.length);
    const sessions = (stage: number): number =>
      snapshots
        .filter((each) => each.stage === stage)
        .reduce((sum, each) => sum + (each.scenarios["main"]!.counters["ws_sessions"] ?? 0), 0);
    expect(sessions(0)).toBeGreaterThanOrEqual(4);
    expect(sessions(2)).toBe(0);
  });

  test("that falls and rises again gives the same indices further lives", async () => {
    await using server = await startWsEcho();
    const { finished } = await play({
      url: server.url,
      users: 2,
      duration: 300,
      scenarios: [scenario([think(5)], { repeat: "same-socket" })],
      plan: {
        load: {
          kind: "population",
          maxConnections: undefined,
          stages: [
            { name: "a", duration: 100, from: 2, to: 2 },
            { name: "b", duration: 100, from: 0, to: 0 },
            { name: "c", duration: 100, from: 2, to: 2 },
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
      snapshots.reduce((sum, { scenarios }) => sum + (scenarios[name]!.counters["ws_msgs_sent"] ?? 0), 0);
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
      const heads: unknown[] = [];
      const said: string[] = [];
      server.wss.on("connection", (socket, request) => {
        heads.push([request.headers["authorization"], request.headers["sec-websocket-protocol"]]);
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
        ["Bearer t1", "v0"],
        ["Bearer t1", "v2"],
        ["Bearer t2", "v1"],
        ["Bearer t2", "v3"],
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

describe("a connection that is lost", () => {
  /** Cuts every connection after so many messages. */
  async function flaky(messages: number) {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      let heard = 0;
      socket.on("message", () => {
        if (++heard === messages) socket.terminate();
      });
    });
    return server;
  }

  test("stays lost without a policy; what was due on it is told as unsent", async () => {
    await using server = await flaky(3);
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      duration: 400,
      flow: [every(100, 10_000)],
      correlate: byId,
    });
    expect(finished.flow!.users).toMatchObject({ begun: 2, lost: 2 });
    // Nobody is left: the run does not wait for its end, but all of its time is reckoned.
    const due = totals["ws_msgs_sent"]! + totals["ws_msg_unsent"]!;
    expect(due).toBeGreaterThan(40);
    expect(due).toBeLessThanOrEqual(80);
    expect(finished.trafficFor).toBeLessThan(400);
    expect(finished.schedule.due).toBe(totals["ws_msgs_sent"]);
  });

  test("is replaced as the policy says, and the flow goes on where it was", async () => {
    await using server = await flaky(5);
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      duration: 500,
      flow: [every(50, 400)],
      correlate: byId,
      plan: { reconnect: quick },
    });
    expect(totals["ws_reconnects"]).toBeGreaterThanOrEqual(2);
    expect(totals["ws_reconnect_attempts"]).toBe(totals["ws_reconnects"]);
    expect(totals["ws_msgs_sent"]! + (totals["ws_msg_unsent"] ?? 0)).toBe(40);
    expect(finished.flow!.users).toMatchObject({ completed: 2, lost: 0 });
  });

  test("greets the server anew: what is to be played on reconnect comes first", async () => {
    const said: string[] = [];
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => {
        const message = (data as Buffer).toString();
        said.push(message);
        if (message === "two") socket.terminate();
        else socket.send(message);
      });
    });
    const { totals, finished } = await play({
      url: server.url,
      flow: [
        send(text("one"), expecting({ text: "one" })),
        send(text("two"), expecting({ text: "two" }), "lost"),
        send(text("three"), expecting({ text: "three" })),
      ],
      plan: {
        reconnect: quick,
        onReconnect: [send(text("resume {{ $lastSeq }}"), expecting({ contains: "resume" }), "resume")],
      },
    });
    expect(said.map((each) => each.replace(/\d/, "n"))).toEqual(["one", "two", "resume n", "three"]);
    expect(finished.flow!.expectations.find(({ step }) => step === "resume")).toMatchObject({
      passed: 1,
    });
    expect(totals["ws_reconnects"]).toBe(1);
  });

  test("is given up after so many attempts", async () => {
    const port = await refusingPort();
    const { totals, finished } = await play({
      url: `ws://127.0.0.1:${port}/`,
      flow: [listen(1000)],
      plan: { reconnect: { kind: "fixed", base: 5, attempts: 3 } },
    });
    expect(totals["ws_connect_failed{reason:refused}"]).toBe(4);
    expect(finished.flow!.users).toEqual({ begun: 1, completed: 0, lost: 1, dropped: 0 });
    expect(finished.opened).toMatchObject({ opened: 0, failure: { code: "WSCTL_EREFUSED" } });
  });
});

describe("a lifetime", () => {
  test("recycles connections without losing a reply", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      users: 3,
      duration: 500,
      flow: [every(100, 400)],
      correlate: byId,
      plan: { lifetime: [60, 90] },
    });
    expect(totals["ws_sessions"]).toBeGreaterThan(6);
    expect(totals["ws_msg_answered"]).toBe(totals["ws_msgs_sent"]);
    expect(totals["ws_reconnects"]).toBeUndefined();
    expect(totals[`ws_close{by:client,code:1000}`]).toBe(totals["ws_sessions"]);
  });
});

describe("the end of a life", () => {
  test("lets replies come that are under way, and sends nothing more", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => setTimeout(() => socket.send(data, { binary: false }), 150));
    });
    const { totals, finished } = await play({
      url: server.url,
      duration: 100,
      flow: [send(text("x"), expecting({ text: "x" })), send(text("never"))],
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
      duration: 50,
      gracefulStop: 60,
      flow: [send(text("x"), expecting({ text: "x" }, { within: 60_000 }))],
    });
    expect(totals).toMatchObject({ ws_msg_expected: 2, ws_msg_in_flight: 2 });
    expect(totals["checks{result:fail}"]).toBeUndefined();
  });

  test("stopped by hand: sums hold, and what was to come is not due", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play(
      { url: server.url, users: 3, duration: 3_600_000, flow: [every(50, 3_600_000)], correlate: byId },
      {},
      (engine) => void setTimeout(() => engine.stop(), 200),
    );
    expect(finished.schedule).toEqual({ due: totals["ws_msgs_sent"], sent: totals["ws_msgs_sent"] });
    expect(totals["ws_msg_unsent"]).toBeUndefined();
    expect(finished.openAtEnd).toBeLessThanOrEqual(3);
  });
});

describe("heartbeats", () => {
  test("pings are timed; without a pong the connection counts as dead", async () => {
    await using server = await startWsEcho({ ws: { autoPong: false } });
    let pings = 0;
    server.wss.on("connection", (socket) => {
      socket.on("ping", (data) => {
        if (++pings < 4) socket.pong(data);
      });
    });
    const { totals, snapshots } = await play({
      url: server.url,
      duration: 600,
      flow: [listen(10_000)],
      plan: { heartbeat: { ping: 30, timeout: 60, autoReplies: [] } },
    });
    expect(totals["ws_close{by:client,cause:no-pong,code:1006}"]).toBe(1);
    expect(snapshots.some(({ scenarios }) => scenarios["main"]!.trends["ws_ping"])).toBe(true);
  });

  test("of the application are answered, and are neither replies nor requests", async () => {
    await using server = await startWsEcho();
    const said: string[] = [];
    server.wss.on("connection", (socket) => {
      socket.send('{"op":"hb"}');
      socket.on("message", (data) => said.push((data as Buffer).toString()));
    });
    const { totals } = await play({
      url: server.url,
      flow: [think(50), send(text("x"), expecting({ text: "x" }))],
      plan: {
        heartbeat: {
          ping: undefined,
          timeout: 1000,
          autoReplies: [{ match: { json: "$.op", equals: "hb" }, send: json({ op: "hb-ack" }) }],
        },
      },
    });
    // The server echoes the answer as well: order then takes the echo for unasked.
    expect(said).toEqual(['{"op":"hb-ack"}', "x"]);
    expect(totals).toMatchObject({ ws_auto_replies: 1, ws_msg_expected: 1, ws_msg_answered: 1 });
  });
});

describe("profiles", () => {
  test("who reads slowly really does not read", async () => {
    await using server = await startWsEcho();
    let queued = 0;
    server.wss.on("connection", (socket) => {
      for (let i = 0; i < 400; i++) socket.send(Buffer.alloc(64 * 1024));
      setTimeout(() => (queued = socket.bufferedAmount), 250);
    });
    const { finished } = await play({
      url: server.url,
      duration: 400,
      flow: [listen(10_000)],
      plan: {
        profiles: [{ name: "slow", share: 1, readRate: 1000, drop: undefined, mute: false }],
      },
    });
    expect(queued).toBeGreaterThan(1024 ** 2);
    expect(finished.inTraffic.bytesReceived).toBeLessThan(1024 ** 2);
  });

  test("who drops is cut without a close frame, again and again", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      users: 4,
      duration: 400,
      flow: [listen(10_000)],
      plan: {
        reconnect: quick,
        profiles: [{ name: "bad", share: 0.5, readRate: undefined, drop: [50, 60], mute: false }],
      },
    });
    const drops = totals["ws_close{by:client,cause:dropped,code:1006}"]!;
    expect(drops).toBeGreaterThan(2);
    expect(totals["ws_close{by:client,code:1000}"]).toBeGreaterThanOrEqual(2);
    expect(totals["ws_reconnects"]).toBeGreaterThan(2);
  });

  test("who is mute does not answer pings", async () => {
    await using server = await startWsEcho();
    let pongs = 0;
    server.wss.on("connection", (socket) => {
      socket.on("pong", () => pongs++);
      socket.ping("x");
    });
    await play({
      url: server.url,
      users: 4,
      duration: 200,
      flow: [listen(10_000)],
      plan: {
        profiles: [{ name: "mute", share: 0.5, readRate: undefined, drop: undefined, mute: true }],
      },
    });
    expect(pongs).toBe(2);
  });
});

describe("events", () => {
  test.each(["close", "fin", "reset", "silent"] as const)(
    "a share of the connections is cut at once (%s), and comes back",
    async (how) => {
      await using server = await startWsEcho();
      const { totals, finished } = await play({
        url: server.url,
        users: 10,
        duration: 400,
        flow: [listen(10_000)],
        plan: { reconnect: quick, events: [{ at: 100, drop: 0.3, how }] },
      });
      expect(totals).toMatchObject({ ws_sessions: 13, ws_reconnects: 3 });
      const cut = "ws_close{by:client,cause:dropped,code:1006}";
      if (how === "close") expect(totals["ws_close{by:client,code:1000}"]).toBe(13);
      else expect(totals[cut]).toBe(3);
      expect(finished.flow!.users.completed).toBe(10);
      await until(() => server.wss.clients.size === 0);
    },
  );
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
        { name: "gone", kind: "wait", expect: expecting({ text: "x" }, { within: 5 }), optional: false },
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

