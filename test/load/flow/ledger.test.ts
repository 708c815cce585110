/** Shows that the ledger of stamps adds up: whatever was sent has come, is lost, or is damaged. */
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { byStamp, expecting, play, scenario, send, text, uncorrelated } from "./stage.js";

const stamped = text("{{ $stamp }}");
const burst = (count: number): PlanStep[] => [
  ...Array.from({ length: count }, () => send(stamped)),
  { name: "rest", kind: "think", for: [50, 50] },
];

/** An echo server that answers only what `keeps` says, counted on each connection from 1. */
async function sieve(keeps: (count: number) => boolean) {
  const server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket) => {
    let heard = 0;
    socket.removeAllListeners("message");
    socket.on("message", (data, isBinary) => {
      if (keeps(++heard)) socket.send(data as Buffer, { binary: isBinary });
    });
  });
  return server;
}

describe("what a server swallows is lost", () => {
  test.each([
    ["at the head", (n: number) => n > 3, 3],
    ["at the tail", (n: number) => n <= 10, 10],
    ["altogether", () => false, 20],
  ])("%s", async (_where, keeps, missing) => {
    await using server = await sieve(keeps);
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      duration: 2000,
      gracefulStop: 100,
      correlate: byStamp,
      flow: burst(20),
    });
    expect(totals["ws_msg_stamped"]).toBe(40);
    expect(totals["ws_msg_lost"]).toBe(2 * missing);
    expect(totals["ws_msg_delivered"] ?? 0).toBe(2 * (20 - missing));
    const example = finished.errors.find(({ what }) => what === "stamped messages lost");
    expect(example).toMatchObject({ count: 2 * missing });
    expect(example!.example).toMatch(
      /^first noticed: \d+ before sequence \d+, from user \d to user \d$/,
    );
  });

  test("a gap is seen without correlation as well", async () => {
    await using server = await sieve((n) => n !== 5);
    const { totals } = await play({
      url: server.url,
      duration: 400,
      correlate: uncorrelated,
      scenarios: [
        scenario([
          ...Array.from({ length: 9 }, () => send(text("{{ $stamp }}", { reply: false }))),
          { name: "listen", kind: "listen", for: 200 },
        ]),
      ],
    });
    expect(totals).toMatchObject({ ws_msg_lost: 1, ws_msg_delivered: 8 });
  });
});

describe("what is said and not heard while a connection is lost", () => {
  test.each([
    ["for a time", { kind: "fixed", base: 10 } as const, 5],
    ["for good", undefined, 3],
  ])("is told from losses while connected: %s", async (_what, reconnect, delivered) => {
    await using server = await startWsEcho();
    let connections = 0;
    server.wss.on("connection", (socket: WebSocket) => {
      const isFirst = ++connections === 1;
      let heard = 0;
      socket.removeAllListeners("message");
      socket.on("message", (data, isBinary) => {
        heard++;
        // The 2nd is swallowed; of those after the 4th none comes back before the line is cut.
        if (!isFirst || (heard !== 2 && heard <= 4))
          socket.send(data as Buffer, { binary: isBinary });
        if (isFirst && heard === 7) socket.terminate();
      });
    });
    const { totals, finished } = await play({
      url: server.url,
      duration: 800,
      gracefulStop: 50,
      correlate: byStamp,
      flow: [
        ...Array.from({ length: 7 }, () => send(stamped)),
        { name: "listen", kind: "listen", for: 500 },
        ...Array.from({ length: 2 }, () => send(stamped)),
        { name: "rest", kind: "think", for: [50, 50] },
      ],
      plan: { reconnect },
    });
    expect(totals).toMatchObject({
      ws_msg_delivered: delivered,
      ws_msg_lost: 4,
      "ws_msg_missing{where:connected}": 1,
      "ws_msg_missing{where:reconnect}": 3,
    });
    expect(finished.flow!.delivery).toMatchObject({
      by: "stamp",
      senders: [{ who: "user 0", delivered, lost: 4, missed: 3 }],
      receivers: { known: 1, amiss: 1, worst: [{ who: "user 0 (main)", lost: 4, missed: 3 }] },
      examples: [
        { where: "connected", first: 2, last: 2, count: 1 },
        { where: "reconnect", first: 5, last: 7, count: 3 },
      ],
    });
  });
});

test("answers of the heartbeat have sequences of their own, and no lag", async () => {
  const heard: string[] = [];
  await using server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket) => {
    socket.removeAllListeners("message");
    socket.on("message", (data) => heard.push((data as Buffer).toString()));
    for (let i = 0; i < 3; i++) socket.send("PING");
  });
  const { totals, snapshots } = await play({
    url: server.url,
    duration: 300,
    correlate: uncorrelated,
    flow: [
      { name: "listen", kind: "listen", for: 100 },
      send(text("own {{ $seq }}", { reply: false })),
    ],
    plan: {
      heartbeat: {
        ping: undefined,
        timeout: 1000,
        autoReplies: [{ match: { text: "PING" }, send: text("PONG {{ $seq }}", { reply: false }) }],
      },
    },
  });
  expect(heard).toEqual(["PONG 1", "PONG 2", "PONG 3", "own 1"]);
  expect(totals).toMatchObject({ ws_auto_replies: 3 });
  const lags = snapshots.map(({ scenarios }) => scenarios["main"]?.trends["ws_schedule_lag"]);
  expect(lags.filter((lag) => lag !== undefined)).toHaveLength(1);
});

test("an expectation that is undecided at the end has failed", async () => {
  await using server = await sieve(() => false);
  const { totals, finished } = await play({
    url: server.url,
    duration: 150,
    gracefulStop: 50,
    correlate: uncorrelated,
    flow: [send(text("hello"), expecting({ text: "hello" }, { within: 10_000 }))],
  });
  expect(totals["checks{result:fail}"]).toBe(1);
  expect(finished.flow!.expectations[0]!.example).toMatch(/^undecided/);
});

test("an expectation that is undecided when the run is stopped is left out", async () => {
  await using server = await sieve(() => false);
  const { totals } = await play(
    {
      url: server.url,
      duration: 5000,
      gracefulStop: 50,
      correlate: uncorrelated,
      flow: [send(text("hello"), expecting({ text: "hello" }, { within: 10_000 }))],
    },
    {},
    (engine) => server.wss.on("connection", (s: WebSocket) => s.on("message", () => engine.stop())),
  );
  expect(totals["checks{result:fail}"]).toBeUndefined();
});

test("a ping leaves after what was sent before it, and no late pong answers the next", async () => {
  const order: string[] = [];
  await using server = await sieve(() => false);
  server.wss.on("connection", (socket: WebSocket) => {
    socket.on("message", () => order.push("message"));
    socket.on("ping", (data) => order.push(data.toString()));
  });
  await play({
    url: server.url,
    duration: 1000,
    correlate: uncorrelated,
    flow: [
      send(text("first", { reply: false })),
      { name: "ping", kind: "ping", payload: "p", within: 500 },
      { name: "ping", kind: "ping", payload: "p", within: 500 },
    ],
  });
  expect(order).toEqual(["message", "p 1", "p 2"]);
});
