/** Shows what becomes of users whose connections are lost, or are recycled: sums hold through it. */
import { describe, expect, test } from "vitest";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { refusingPort } from "../../dial/raw-server.js";
import { byId, expecting, json, play, send, text } from "./stage.js";

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
      duration: 10_000,
      flow: [every(100, 10_000)],
      correlate: byId,
    });
    expect(finished.flow!.users).toMatchObject({ begun: 2, lost: 2 });
    // Nobody is left: the run does not wait for its end, but all of its time is reckoned.
    const due = totals["ws_msgs_sent"]! + totals["ws_msg_unsent"]!;
    expect(due).toBeGreaterThan(1000);
    expect(due).toBeLessThanOrEqual(2000);
    expect(finished.trafficFor).toBeLessThan(10_000);
    expect(finished.schedule.due).toBe(totals["ws_msgs_sent"]);
  });

  test("is replaced as the policy says, and the flow goes on where it was", async () => {
    await using server = await flaky(5);
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      // With time to spare for its connections.
      duration: 5000,
      flow: [every(50, 400)],
      correlate: byId,
      plan: { reconnect: quick },
    });
    expect(totals["ws_reconnects"]).toBeGreaterThanOrEqual(2);
    expect(totals["ws_reconnect_attempts"]).toBeGreaterThanOrEqual(totals["ws_reconnects"]!);
    expect(totals["ws_msgs_sent"]! + (totals["ws_msg_unsent"] ?? 0)).toBe(40);
    expect(finished.flow!.users).toMatchObject({ completed: 2, lost: 0 });
    const sent = totals["ws_msgs_sent"];
    expect(finished.schedule).toEqual({ due: sent, sent });
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
        onReconnect: [
          send(text("resume {{ $lastSeq }}"), expecting({ contains: "resume" }), "resume"),
        ],
      },
    });
    expect(said.map((each) => each.replace(/\d/, "n"))).toEqual([
      "one",
      "two",
      "resume n",
      "three",
    ]);
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

describe("what falls due on connections that the plan ended", () => {
  // By then everybody is there, on a busy machine as well.
  const cut = { at: 500, drop: 1, how: "reset" } as const;

  test("is counted apart while they are dialled again", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      users: 2,
      duration: 1200,
      flow: [every(100, 10_000)],
      correlate: byId,
      plan: { events: [cut], reconnect: { kind: "fixed", base: 200 } },
    });
    expect(totals["ws_reconnects"]).toBe(2);
    expect(totals["ws_msg_unsent"]).toBeGreaterThan(10);
    expect(totals["ws_msg_unsent_planned"]).toBe(totals["ws_msg_unsent"]);
  });

  test("is the plan's to the end where nobody dials again, and so are the users", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      duration: 1000,
      flow: [every(100, 10_000)],
      correlate: byId,
      plan: { events: [cut] },
    });
    expect(finished.flow!.users).toMatchObject({ begun: 2, lost: 2, lostByPlan: 2 });
    expect(totals["ws_msg_unsent"]).toBeGreaterThan(10);
    expect(totals["ws_msg_unsent_planned"]).toBe(totals["ws_msg_unsent"]);
  });

  test("is the target's from the first dial on that it refuses", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", () => server.wss.close());
    await using _ = server;
    const { totals, finished } = await play({
      url: server.url,
      users: 1,
      duration: 1500,
      flow: [every(100, 10_000)],
      correlate: byId,
      plan: { events: [cut], reconnect: { kind: "fixed", base: 200, attempts: 1 } },
    });
    expect(finished.flow!.users).toMatchObject({ begun: 1, lost: 1 });
    expect(finished.flow!.users.lostByPlan).toBeUndefined();
    expect(totals["ws_msg_unsent_planned"]).toBeGreaterThan(5);
    expect(totals["ws_msg_unsent_planned"]).toBeLessThan(totals["ws_msg_unsent"]! - 5);
  });

  test("is none of the plan's where the server cut them", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.once("message", () => socket.terminate()));
    const { totals } = await play({
      url: server.url,
      users: 1,
      duration: 700,
      flow: [every(100, 10_000)],
      correlate: byId,
      plan: { reconnect: { kind: "fixed", base: 100 } },
    });
    expect(totals["ws_msg_unsent"]).toBeGreaterThan(5);
    expect(totals["ws_msg_unsent_planned"]).toBeUndefined();
  });
});
