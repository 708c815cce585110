/** Shows what becomes of what is played on a new connection when that one is lost as well. */
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { byId, expecting, json, play, send, text, uncorrelated, type Script } from "./stage.js";

const quick = { kind: "fixed", base: 10 } as const;
const unheard = { reply: false };

/** Cuts connection number n (from 1) when a message holds `cut n`, and answers nothing to `mute`. */
async function cutting() {
  const server = await startWsEcho();
  let connections = 0;
  server.wss.on("connection", (socket: WebSocket) => {
    const number = ++connections;
    socket.removeAllListeners("message");
    socket.on("message", (data) => {
      const message = (data as Buffer).toString();
      if (message.includes(`cut ${number}`)) socket.terminate();
      else if (!message.includes("mute")) socket.send(message);
    });
  });
  return server;
}

describe("an expectation of what is played on a new connection", () => {
  /** Greets with a message that is never answered; the second connection is cut meanwhile. */
  const greeting = (url: string, step: PlanStep): Script => ({
    url,
    duration: 1500,
    gracefulStop: 50,
    correlate: uncorrelated,
    flow: [send(text("cut 1", unheard)), { name: "rest", kind: "think", for: [200, 200] }],
    plan: {
      reconnect: quick,
      onReconnect: [
        send(text("cut 2", unheard), undefined, "hello"),
        step,
        send(text("after", unheard)),
      ],
    },
  });
  const patient = { within: 60_000 };

  test.each<[string, PlanStep]>([
    ["of a send", send(text("mute"), expecting({ text: "ack" }, patient), "ask")],
    [
      "of a wait",
      { name: "ask", kind: "wait", optional: false, expect: expecting({ text: "ack" }, patient) },
    ],
    ["of a ping", { name: "ask", kind: "ping", payload: "", within: 60_000 }],
  ])("%s has failed when that is lost, and is played anew on the next", async (what, step) => {
    await using server = await cutting();
    if (what === "of a ping") server.wss.options.autoPong = false;
    const { totals, finished } = await play(greeting(server.url, step));
    expect(totals["ws_reconnects"]).toBe(2);
    const asked = finished.flow!.expectations.find(({ step: name }) => name === "ask")!;
    // Once with the second connection, and once with the third: undecided at the end.
    expect(asked.passed + asked.failed).toBe(2);
    expect(asked.failed).toBe(2);
    expect(asked.example).toMatch(/^the connection was lost before (it|the pong) came$/);
    expect(totals["ws_expect_failed{scenario:main,step:ask}"]).toBe(2);
  });

  test("that is optional has not failed", async () => {
    await using server = await cutting();
    const { totals } = await play(
      greeting(server.url, {
        name: "ask",
        kind: "wait",
        optional: true,
        expect: expecting({ text: "ack" }, { within: 100 }),
      }),
    );
    expect(totals["ws_reconnects"]).toBe(2);
    expect(totals["checks{result:fail}"]).toBeUndefined();
  });
});

describe("a schedule", () => {
  const every = (name: string, messages: PlanStep & { kind: "every" }): PlanStep => ({
    ...messages,
    name,
  });
  const catchUp = (...texts: string[]): PlanStep =>
    every("catch up", {
      name: "",
      kind: "every",
      rate: 100,
      for: 100,
      messages: texts.map((one) => json({ id: "{{ $seq }}", say: one })),
      expect: undefined,
    });

  test("played on a new connection that is lost: what it sent was due", async () => {
    await using server = await cutting();
    const { totals, finished } = await play({
      url: server.url,
      duration: 1500,
      correlate: byId,
      flow: [send(text("cut 1", unheard)), { name: "rest", kind: "think", for: [100, 100] }],
      plan: {
        reconnect: quick,
        onReconnect: [catchUp("x", "x", "x", "cut 2", "x", "x", "x", "x", "x", "x")],
      },
    });
    const { due, sent } = finished.schedule;
    expect(totals["ws_reconnects"]).toBe(2);
    expect(sent).toBe(totals["ws_msgs_sent"]! - 1);
    expect(sent).toBeGreaterThanOrEqual(14);
    expect(due).toBe(sent);
  });

  test("that fails for want of a value owes what it sent, and nothing else", async () => {
    await using server = await cutting();
    const { totals, finished } = await play({
      url: server.url,
      duration: 1500,
      correlate: byId,
      flow: [
        catchUp("1", "2", "{{ token }}"),
        { name: "c", kind: "capture", captures: [{ json: "$.token", as: "token" }] },
      ],
    });
    expect(finished.schedule).toEqual({ due: 2, sent: 2 });
    expect(totals["ws_step_failed{scenario:main,step:catch up}"]).toBe(1);
    expect(totals["ws_msg_overdue"] ?? 0).toBe(0);
  });
});
