/** Shows that stamped messages count until the very end of a connection, who closes it notwithstanding. */
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Accumulator } from "../../../src/metrics/accumulator.js";
import { measure, passes } from "../../../src/metrics/measure.js";
import { parseMetricSelector } from "../../../src/metrics/metric-selector.js";
import { parseThreshold } from "../../../src/metrics/threshold.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { byStamp, play, scenario, send, text, type Outcome } from "./stage.js";

const stamped = text("{{ $stamp }}");
const reconnect: PlanStep = { name: "again", kind: "reconnect" };
const every = (rate: number, ms: number): PlanStep => ({
  name: "every",
  kind: "every",
  rate,
  for: ms,
  messages: [stamped],
  expect: undefined,
});

/** An echo whose answers leave after `ms`, though a close frame may have come meanwhile. */
async function slow(ms: number, keeps: (count: number) => boolean = () => true) {
  const server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket) => {
    let heard = 0;
    const due: Buffer[] = [];
    const say = () => due.splice(0).forEach((data) => socket.send(data, { binary: false }));
    socket.removeAllListeners("message");
    socket.on("message", (data) => {
      if (!keeps(++heard)) return;
      due.push(data as Buffer);
      setTimeout(say, ms);
    });
    // What is due leaves before its own close frame, and after ours.
    const receiver = (socket as unknown as { _receiver: NodeJS.EventEmitter })._receiver;
    receiver.prependListener("conclude", say);
  });
  return server;
}

function lostOf({ snapshots }: Outcome): { value: number | undefined; ok: boolean } {
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  const run = merged.measured(1000, { scenarios: ["main"], stages: ["hold"] });
  const selector = parseMetricSelector("ws_msg_lost");
  const threshold = parseThreshold("count==0");
  const value = measure(selector, threshold.aggregate, run);
  return { value, ok: passes(selector, threshold, value) };
}

describe("what comes after our close frame", () => {
  test("of a step that closes is delivered, though its request was given up", async () => {
    await using server = await slow(60_000);
    const outcome = await play({
      url: server.url,
      users: 2,
      correlate: byStamp,
      flow: [
        ...Array.from({ length: 5 }, () => send(stamped)),
        { name: "close", kind: "close", code: 1000, reason: "" },
      ],
    });
    expect(outcome.totals).toMatchObject({
      ws_msg_stamped: 10,
      ws_msg_delivered: 10,
      ws_msg_disconnected: 10,
      ws_msgs_received: 10,
    });
    expect(outcome.totals["ws_msg_answered"]).toBeUndefined();
    expect(lostOf(outcome)).toEqual({ value: 0, ok: true });
  });

  test("at the end of the run as well", async () => {
    await using server = await slow(60_000);
    const outcome = await play({
      url: server.url,
      duration: 500,
      gracefulStop: 30,
      correlate: { ...byStamp, timeout: 5000 },
      flow: [send(stamped), send(stamped), { name: "l", kind: "listen", for: 1000 }],
    });
    expect(outcome.totals).toMatchObject({ ws_msg_in_flight: 2, ws_msg_delivered: 2 });
    expect(lostOf(outcome)).toEqual({ value: 0, ok: true });
  });

  test("of a step that reconnects, again and again: nothing is lost", async () => {
    await using server = await slow(20);
    const outcome = await play({
      url: server.url,
      users: 4,
      duration: 900,
      correlate: byStamp,
      scenarios: [scenario([every(50, 150), reconnect], { repeat: "same-socket" })],
    });
    const { totals } = outcome;
    expect(totals["ws_sessions"]).toBeGreaterThanOrEqual(12);
    expect(totals["ws_msg_disconnected"]).toBeGreaterThan(0);
    expect(totals["ws_msg_delivered"]).toBe(totals["ws_msg_stamped"]);
    expect(lostOf(outcome)).toEqual({ value: 0, ok: true });
  });
});

describe("a server that swallows", () => {
  test("everything fails a threshold, with the number of what is lost", async () => {
    await using server = await slow(0, () => false);
    const outcome = await play({
      url: server.url,
      users: 2,
      gracefulStop: 50,
      correlate: { ...byStamp, timeout: 50 },
      flow: [every(50, 100)],
    });
    expect(outcome.totals["ws_msg_delivered"]).toBeUndefined();
    expect(lostOf(outcome)).toEqual({ value: 10, ok: false });
  });

  test("what we said right before a reconnect loses that", async () => {
    await using server = await slow(0, (count) => count !== 3);
    const outcome = await play({
      url: server.url,
      duration: 1500,
      correlate: { ...byStamp, timeout: 50 },
      flow: [...Array.from({ length: 3 }, () => send(stamped)), reconnect, send(stamped)],
    });
    expect(lostOf(outcome)).toEqual({ value: 1, ok: false });
  });
});
