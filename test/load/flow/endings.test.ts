/** Shows that lives and connections end when they are to, whatever the server does meanwhile. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { Tether } from "../../../src/load/flow/tether.js";
import { User } from "../../../src/load/flow/user.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { startRaw, switching } from "../../dial/raw-server.js";
import { frame } from "../pair.js";
import { byId, expecting, json, play, scenario, send, text, uncorrelated } from "./stage.js";

const think = (ms: number): PlanStep => ({ name: "think", kind: "think", for: [ms, ms] });
const listen = (ms: number): PlanStep => ({ name: "listen", kind: "listen", for: ms });
const quick = { kind: "fixed", base: 20 } as const;
const stage = (duration: number, from: number, to = from) => ({ name: "", duration, from, to });

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a life", () => {
  test("ends in time though the server never stops talking", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      const talking = setInterval(() => socket.send("news"), 2);
      socket.on("close", () => clearInterval(talking));
    });
    const { finished } = await play({
      url: server.url,
      users: 40,
      duration: 5500,
      flow: [listen(60_000)],
      correlate: uncorrelated,
      plan: {
        load: {
          kind: "population",
          maxConnections: undefined,
          stages: [stage(200, 40), stage(300, 40, 0), stage(5000, 0)],
        },
      },
    });
    expect(finished.flow!.users).toEqual({ begun: 40, completed: 40, lost: 0, dropped: 0 });
    // Nobody was left: the run did not wait for its end.
    expect(finished.trafficFor).toBeLessThan(4500);
  });

  test("that could not begin before it was over is counted", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.removeAllListeners("message"));
    const { finished, totals } = await play({
      url: server.url,
      duration: 1400,
      // The first life waits for its reply while the second one comes and goes.
      gracefulStop: 400,
      flow: [send(text("x"), expecting({ text: "x" }, { within: 60_000 }))],
      correlate: { by: "order", timeout: 60_000 },
      plan: {
        load: {
          kind: "population",
          maxConnections: undefined,
          stages: [stage(600, 1), stage(100, 0), stage(100, 1), stage(100, 0), stage(500, 1)],
        },
      },
    });
    expect(finished.flow!.users).toEqual({ begun: 2, completed: 2, lost: 0, dropped: 1 });
    expect(totals["ws_arrivals_dropped"]).toBe(1);
  });

  test("that ends while the server is greeted anew owes nothing twice", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      let heard = 0;
      socket.on("message", () => {
        if (++heard === 3) socket.terminate();
      });
    });
    const { finished, totals } = await play({
      url: server.url,
      users: 3,
      duration: 900,
      flow: [
        {
          name: "every",
          kind: "every",
          rate: 50,
          // With time to spare for its connection.
          for: 300,
          messages: [text("x", { reply: false })],
          expect: undefined,
        },
      ],
      plan: { reconnect: quick, onReconnect: [listen(60_000)] },
    });
    const { due, sent } = finished.schedule;
    expect(due).toBe(sent);
    expect(sent + totals["ws_msg_unsent"]!).toBe(45);
    expect(totals["ws_msg_overdue"] ?? 0).toBe(0);
  });

  test("that waits for last replies does not keep the worker busy with what it was at", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => setTimeout(() => socket.send(data, { binary: false }), 800));
    });
    const wake = vi.spyOn(User.prototype, "wake");
    const { totals } = await play({
      url: server.url,
      duration: 500,
      flow: [send(text("x")), think(700)],
    });
    expect(totals["ws_msg_answered"]).toBe(1);
    expect(wake.mock.calls.length).toBeLessThan(40);
  });

  test("that waits for last replies has what was due counted once", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => setTimeout(() => socket.send(data, { binary: false }), 250));
    });
    const { finished, totals } = await play({
      url: server.url,
      users: 5,
      duration: 300,
      flow: [
        {
          name: "every",
          kind: "every",
          rate: 50,
          for: 300,
          messages: [json({ id: "{{ $seq }}" })],
          expect: undefined,
        },
      ],
      correlate: byId,
    });
    const { due, sent } = finished.schedule;
    expect(sent).toBe(totals["ws_msgs_sent"]);
    expect(due).toBe(sent + (totals["ws_msg_overdue"] ?? 0));
  });
});

type Leave = (this: Tether, ...args: Parameters<Tether["leave"]>) => void;

describe("many lives that end in the same millisecond", () => {
  /** Watches how many connections are closed in one turn of the event loop; what it returns says it. */
  const watchLeaving = (): (() => number) => {
    let [turn, inTurn, most] = [0, 0, 0];
    const onTurn = (): void => {
      turn++;
      next = setImmediate(onTurn);
    };
    let next = setImmediate(onTurn);
    let last = -1;
    const real = Object.getOwnPropertyDescriptor(Tether.prototype, "leave")!.value as Leave;
    const leave = vi.spyOn(Tether.prototype, "leave").mockImplementation(function (
      this: Tether,
      ...args
    ) {
      inTurn = turn === last ? inTurn + 1 : 1;
      last = turn;
      most = Math.max(most, inTurn);
      // As long as it takes where the kernel has much to do.
      const until = performance.now() + 0.1;
      while (performance.now() < until);
      real.apply(this, args);
    });
    return () => {
      clearImmediate(next);
      leave.mockRestore();
      return most;
    };
  };

  test("hold up nothing: a few are let go in each turn", async () => {
    await using server = await startWsEcho();
    const mostInTurn = watchLeaving();
    const { finished, totals } = await play({
      url: server.url,
      users: 300,
      duration: 1500,
      flow: [listen(60_000)],
      correlate: uncorrelated,
    });
    // Ten are a millisecond; a turn of this test may fall behind one of theirs.
    expect(mostInTurn()).toBeLessThanOrEqual(22);
    expect(finished.flow!.users).toEqual({ begun: 300, completed: 300, lost: 0, dropped: 0 });
    expect(totals["ws_close{by:client,code:1000}"]).toBe(300);
  });

  test("nor when the run is stopped", async () => {
    await using server = await startWsEcho();
    const mostInTurn = watchLeaving();
    const { finished } = await play(
      { url: server.url, users: 300, duration: 60_000, flow: [listen(60_000)] },
      {},
      (engine) => void setTimeout(() => engine.stop(), 1000),
    );
    // The end of the run lets go of those who are left beside it.
    expect(mostInTurn()).toBeLessThanOrEqual(44);
    expect(finished.flow!.users).toMatchObject({ begun: 300, completed: 300 });
  });

  test("send what was due by then, and nothing after it", async () => {
    await using server = await startWsEcho();
    const mostInTurn = watchLeaving();
    const { finished, totals } = await play({
      url: server.url,
      users: 200,
      duration: 1500,
      flow: [
        {
          name: "every",
          kind: "every",
          rate: 20,
          for: 60_000,
          messages: [json({ id: "{{ $seq }}" })],
          expect: undefined,
        },
      ],
      correlate: byId,
    });
    mostInTurn();
    const { due, sent } = finished.schedule;
    expect([sent, totals["ws_msg_overdue"] ?? 0]).toEqual([due, 0]);
    expect(sent).toBe(totals["ws_msgs_sent"]);
    expect(totals["ws_msg_answered"]).toBe(totals["ws_msg_expected"]);
    // None was due later than a life lasts.
    expect(sent).toBeLessThanOrEqual(200 * 20 * 1.5);
  });
});

describe("a server that closes, but not its TCP", () => {
  test("does not hold its users for ever, nor keep the worker busy", async () => {
    const server = await startRaw({
      answer: (socket, head) => {
        socket.write(switching(head));
        socket.once("data", () => {
          if (server.sockets.length === 1) socket.write(frame(8, Buffer.from([3, 233])));
          else socket.destroy();
        });
      },
    });
    const wake = vi.spyOn(User.prototype, "wake");
    let wakes = 0;
    const { totals } = await play(
      {
        url: `ws://127.0.0.1:${server.port}/`,
        duration: 60_000,
        gracefulStop: 50,
        flow: [send(text("x")), listen(60_000)],
        correlate: uncorrelated,
        plan: { reconnect: quick, heartbeat: { ping: 30, timeout: 60, autoReplies: [] } },
      },
      {},
      (engine) => {
        const look = setInterval(() => {
          if (server.heads.length < 3) return;
          clearInterval(look);
          wakes = wake.mock.calls.length;
          engine.stop();
        }, 20);
      },
    );
    expect(totals["ws_reconnects"]).toBeGreaterThanOrEqual(1);
    expect(totals["ws_close{by:server,code:1001}"]).toBe(1);
    expect(wakes).toBeLessThan(100);
  });
});

describe("a lifetime", () => {
  test("cuts off no message that is waited for", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => setTimeout(() => socket.send(data, { binary: false }), 20));
    });
    const { totals } = await play({
      url: server.url,
      users: 3,
      duration: 600,
      scenarios: [scenario([send(text("a"), expecting({ text: "a" }))], { repeat: "same-socket" })],
      correlate: uncorrelated,
      plan: { lifetime: [50, 70] },
    });
    expect(totals["ws_sessions"]).toBeGreaterThan(6);
    expect(totals["checks{result:pass}"]).toBe(totals["ws_msgs_sent"]);
    expect(totals["checks{result:fail}"]).toBeUndefined();
  });

  test("holds nothing back meanwhile, and is over with the grace at last", async () => {
    await using server = await startWsEcho();
    const heard: number[] = [];
    server.wss.on("connection", (socket) => {
      const number = heard.push(0) - 1;
      socket.removeAllListeners("message");
      socket.on("message", (data) => {
        heard[number]! += 1;
        setTimeout(() => socket.send(data, { binary: false }), 100);
      });
    });
    const { finished, totals } = await play({
      url: server.url,
      // With time to spare for its connections.
      duration: 5000,
      gracefulStop: 500,
      flow: [
        {
          name: "every",
          kind: "every",
          rate: 50,
          for: 800,
          messages: [json({ id: "{{ $seq }}" })],
          expect: undefined,
        },
      ],
      correlate: byId,
      plan: { lifetime: [100, 100] },
    });
    expect(heard.length).toBeGreaterThanOrEqual(2);
    expect(heard[0]).toBeGreaterThan(12);
    expect(totals["ws_msgs_sent"]! + (totals["ws_msg_unsent"] ?? 0)).toBe(40);
    expect(finished.schedule.due).toBe(totals["ws_msgs_sent"]);
  });
});

describe("a message that is nested too deeply", () => {
  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;

  test.each(["$.id", "$..id"])("is no reply, and does no harm (%s)", async (response) => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.prependListener("message", () => socket.send(`{"id":${deep}}`));
    });
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      flow: [send(json({ id: "{{ $seq }}" }), expecting({ json: "$.id", equals: 1 })), think(20)],
      correlate: { by: "id", request: "$.id", response, timeout: 1000 },
    });
    expect(totals["ws_msgs_sent"]).toBe(2);
    expect(finished.flow!.users.begun).toBe(2);
    expect(totals["ws_msg_answered"]).toBe(2);
  });

  test("captured: no condition holds of it", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", () => socket.send(`{"id":1,"v":${deep}}`));
    });
    const { totals, finished } = await play({
      url: server.url,
      flow: [
        send(
          json({ id: 1 }),
          expecting({ json: "$.id", equals: 1 }, { captures: [{ as: "v", json: "$.v" }] }),
        ),
        {
          name: "loop",
          kind: "loop",
          count: 3,
          over: undefined,
          while: { variable: "v", operator: "notEquals", operand: 1 },
          flow: [send(json({ id: 2 }))],
        },
      ],
      correlate: byId,
    });
    expect(totals["ws_msgs_sent"]).toBe(1);
    expect(finished.flow!.users.completed).toBe(1);
    // It went on at once.
    expect(finished.trafficFor).toBeLessThan(4000);
  });
});
