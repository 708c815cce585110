/** Shows what connections do beside their users' flows: heartbeats, profiles, events. */
import { describe, expect, test } from "vitest";
import { Accumulator } from "../../../src/metrics/accumulator.js";
import type { Snapshot } from "../../../src/metrics/snapshot.js";
import { Trend, type TrendSummary } from "../../../src/metrics/trend.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { until } from "../pair.js";
import { expecting, json, play, send, text } from "./stage.js";

const think = (from: number, to = from): PlanStep => ({
  name: "think",
  kind: "think",
  for: [from, to],
});
const listen = (ms: number): PlanStep => ({ name: "listen", kind: "listen", for: ms });
const usual = { readRate: undefined, drop: undefined, mute: false };

/** A trend of all users, whatever their profile. */
function trendOf(snapshots: readonly Snapshot[], name: string): TrendSummary {
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  return merged.trends()[name] ?? new Trend().summary();
}

const quick = { kind: "fixed", base: 20 } as const;

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
      duration: 10_000,
      flow: [listen(10_000)],
      plan: { heartbeat: { ping: 30, timeout: 400, autoReplies: [] } },
    });
    expect(totals["ws_close{by:client,cause:no-pong,code:1006}"]).toBe(1);
    expect(totals["ws_pings_sent"]).toBe(pings);
    expect(trendOf(snapshots, "ws_ping").count).toBeGreaterThan(0);
    // From the last pong to the next ping, and from there on as long as a pong may take.
    const dead = trendOf(snapshots, "ws_dead_detected");
    expect(dead.count).toBe(1);
    expect(dead.max).toBeGreaterThanOrEqual(400);
  });

  test("who goes on talking, or is not read from, has not fallen silent for want of a pong", async () => {
    await using server = await startWsEcho({ ws: { autoPong: false } });
    server.wss.on("connection", (socket) => {
      const beat = setInterval(() => socket.send("still here"), 5);
      socket.on("close", () => clearInterval(beat));
    });
    const heartbeat = { ping: 30, timeout: 400, autoReplies: [] };
    const slow = { ...usual, name: "slow", share: 0.5, readRate: 1 };
    const { totals, snapshots } = await play({
      url: server.url,
      users: 2,
      duration: 10_000,
      flow: [listen(10_000)],
      plan: { heartbeat, profiles: [slow] },
    });
    expect(totals["ws_close{by:client,cause:no-pong,code:1006}"]).toBe(2);
    expect(trendOf(snapshots, "ws_dead_detected").count).toBe(0);
  });

  test("the server's pings are counted, and so is how long it puts up with none being answered", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      let last: NodeJS.Timeout;
      const ping = (): void => {
        socket.ping();
        last = setTimeout(() => socket.terminate(), 600);
      };
      socket.on("pong", () => {
        clearTimeout(last);
        socket.close(1000);
      });
      ping();
    });
    const { totals, snapshots } = await play({
      url: server.url,
      users: 2,
      duration: 10_000,
      flow: [listen(10_000)],
      plan: { profiles: [{ ...usual, name: "mute", share: 0.5, mute: true }] },
    });
    expect(totals).toMatchObject({ ws_pings_received: 2, ws_pongs_sent: 1 });
    const patience = trendOf(snapshots, "ws_pong_patience");
    expect(patience.count).toBe(1);
    expect(patience.max).toBeGreaterThan(400);
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
    let stop = (): void => {};
    server.wss.on("connection", (socket) => {
      for (let i = 0; i < 400; i++) socket.send(Buffer.alloc(64 * 1024));
      setTimeout(() => {
        queued = socket.bufferedAmount;
        stop();
      }, 300);
    });
    const { finished } = await play(
      {
        url: server.url,
        duration: 10_000,
        flow: [listen(10_000)],
        plan: {
          profiles: [{ name: "slow", share: 1, readRate: 1000, drop: undefined, mute: false }],
        },
      },
      {},
      (engine) => (stop = () => engine.stop()),
    );
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
      duration: 600,
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
      const { totals, finished } = await play(
        {
          url: server.url,
          users: 10,
          duration: 10_000,
          flow: [listen(10_000)],
          // In no order: the one that nobody sees comes first here, and last in time.
          plan: {
            reconnect: quick,
            events: [
              { at: 300_000, drop: 1, how },
              { at: 300, drop: 0.3, how },
            ],
          },
        },
        {},
        (engine) => {
          let opened = 0;
          server.wss.on("connection", () => {
            if (++opened === 13) setTimeout(() => engine.stop(), 50);
          });
        },
      );
      expect(totals).toMatchObject({ ws_sessions: 13, ws_reconnects: 3 });
      const cut = "ws_close{by:client,cause:dropped,code:1006}";
      if (how === "close") expect(totals["ws_close{by:client,code:1000}"]).toBe(13);
      else expect(totals[cut]).toBe(3);
      expect(finished.flow!.users.completed).toBe(10);
      await until(() => server.wss.clients.size === 0);
    },
  );
});
