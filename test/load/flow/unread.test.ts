/** Shows what is told of messages that were sent, and that the other side need not have taken. */
import { describe, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { LeanSocket } from "../../../src/load/lean-socket.js";
import type { FlowPlan } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { startRaw, switching } from "../../dial/raw-server.js";
import { byOrder, expecting, play, scenario, send, text, uncorrelated } from "./stage.js";

const unheard = { reply: false };
const backlog = "ws_msg_unconfirmed{by:client,cause:backlog}";
const flood = scenario([send(text("x".repeat(4096), unheard))], { repeat: "same-socket" });

/** Resolves when a connection to that port has been told to wait before writing more. */
async function blockedTo(port: number): Promise<void> {
  const wrote = vi.spyOn(LeanSocket.prototype, "wrote");
  const isOurs = (lean: unknown): boolean =>
    lean instanceof LeanSocket && lean.blocked && lean.socket.remotePort === port;
  await vi.waitFor(() => expect(wrote.mock.contexts.some((lean) => isOurs(lean))).toBe(true), {
    timeout: 20_000,
  });
}

const unconfirmedOf = (totals: Record<string, number>) =>
  Object.entries(totals).filter(([key]) => key.startsWith("ws_msg_unconfirmed"));

/** A server that answers nothing but what `answers` says, least of all a close frame. */
async function deaf(answers: (socket: WebSocket, count: number) => void = () => {}) {
  const server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket) => {
    let heard = 0;
    socket.removeAllListeners("message");
    socket.on("message", () => answers(socket, ++heard));
    // It hears our close frame, and goes without one.
    socket.close = () => {};
    (socket as unknown as { _receiver: NodeJS.EventEmitter })._receiver.removeAllListeners(
      "conclude",
    );
  });
  return server;
}

describe("a flow that only sends, to a server that does not read", () => {
  test.concurrent("waits for the socket, and tells what was not taken", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.pause());
    const { totals, snapshots } = await play(
      {
        url: server.url,
        users: 2,
        duration: 300,
        gracefulStop: 50,
        correlate: uncorrelated,
        scenarios: [flood],
      },
      { closingGrace: 50 },
    );
    expect(totals[backlog]).toBe(totals["ws_msgs_sent"]);
    const queued = Math.max(...snapshots.map(({ gauges }) => gauges["ws_backpressure"]!));
    expect(queued).toBeLessThan(256 * 1024);
    // What blocked it is a part of how late its messages left, and not of the server's time.
    expect(snapshots.some(({ scenarios }) => scenarios["main"]?.trends["ws_schedule_lag"])).toBe(
      true,
    );
  });

  test.concurrent("but reads on within the graceful stop: it has had everything", async () => {
    await using server = await startWsEcho();
    let heard = 0;
    let reader: WebSocket | undefined;
    let stop = (): void => {};
    server.wss.on("connection", (socket: WebSocket) => {
      reader = socket;
      socket.removeAllListeners("message");
      socket.on("message", () => heard++);
      socket.pause();
    });
    // Longer than a busy machine may take to answer, once everything has been read.
    const closingGrace = 500;
    const flooding = play(
      {
        url: server.url,
        duration: 60_000,
        gracefulStop: 20_000,
        correlate: uncorrelated,
        scenarios: [flood],
      },
      { closingGrace },
      // However long a busy machine takes to connect: something has to stand before the close frame.
      (engine) => (stop = () => engine.stop()),
    );
    await blockedTo(server.port);
    stop();
    // As long as any close frame is waited for that nothing stands before.
    await using other = await deaf();
    const quiet = [send(text("1", unheard))];
    const { totals: given } = await play(
      {
        url: other.url,
        duration: 500,
        gracefulStop: 20_000,
        correlate: uncorrelated,
        flow: quiet,
      },
      { closingGrace },
    );
    expect(given["ws_close{by:client,cause:timeout,code:1006}"]).toBe(1);
    reader!.resume();
    const { totals } = await flooding;
    expect(unconfirmedOf(totals)).toEqual([]);
    expect(totals["ws_close{by:client,code:1000}"]).toBe(1);
    expect(heard).toBe(totals["ws_msgs_sent"]);
  });
});

describe("a connection that ends otherwise, to a server that", () => {
  const heartbeat = { ping: 200, timeout: 100, autoReplies: [] };
  const heavy = scenario([send(text("x".repeat(65_536), unheard))], { repeat: "same-socket" });
  const floods = { duration: 600, gracefulStop: 50, correlate: uncorrelated, scenarios: [heavy] };
  const hooks = { closingGrace: 50 };

  test.concurrent.each<[string, Partial<FlowPlan>, string]>([
    ["for want of a pong", { heartbeat }, "by:client,cause:backlog"],
    [
      "in an event that resets",
      { events: [{ at: 300, drop: 1, how: "reset" }] },
      "by:client,cause:dropped-backlog",
    ],
    [
      "in an event that falls silent",
      { events: [{ at: 300, drop: 1, how: "silent" }] },
      "by:client,cause:dropped-backlog",
    ],
    [
      "in an event that ends, which the queue never lets it",
      { events: [{ at: 300, drop: 1, how: "fin" }] },
      "by:client,cause:dropped-backlog",
    ],
  ])("does not read: %s", async (_how, plan, tags) => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.pause());
    const { totals } = await play({ ...floods, url: server.url, plan }, hooks);
    expect(unconfirmedOf(totals)).toEqual([
      [`ws_msg_unconfirmed{${tags}}`, totals["ws_msgs_sent"]],
    ]);
  });

  test.concurrent("has read it all, and resets", async () => {
    const server = await startRaw({
      answer: (socket, head) => {
        socket.write(switching(head));
        socket.once("data", () => socket.resetAndDestroy());
      },
    });
    const listen = { name: "listen", kind: "listen", for: 500 } as const;
    const { totals } = await play({
      url: server.target.url,
      flow: [send(text("1", unheard)), listen],
      correlate: uncorrelated,
    });
    expect(unconfirmedOf(totals)).toEqual([["ws_msg_unconfirmed{by:server,cause:ECONNRESET}", 1]]);
  });
});

describe("what is confirmed", () => {
  test.concurrent("by an answer: everything up to its request", async () => {
    await using server = await deaf((socket, count) => {
      if (count === 2) socket.send("answer");
    });
    const { totals } = await play({
      url: server.url,
      duration: 600,
      gracefulStop: 50,
      correlate: { ...byOrder, timeout: 500 },
      flow: [
        send(text("1", unheard)),
        send(text("2"), expecting({ text: "answer" })),
        send(text("3", unheard)),
      ],
    });
    expect(unconfirmedOf(totals)).toEqual([["ws_msg_unconfirmed{by:client,cause:timeout}", 1]]);
  });

  test.concurrent("by a pong: everything before its ping", async () => {
    await using server = await deaf();
    const { totals } = await play({
      url: server.url,
      duration: 500,
      gracefulStop: 50,
      correlate: uncorrelated,
      flow: [
        send(text("1", unheard)),
        send(text("2", unheard)),
        { name: "ping", kind: "ping", payload: "", within: 1000 },
      ],
    });
    expect(unconfirmedOf(totals)).toEqual([]);
  });

  test.concurrent("not by a server that closes, nor by one that vanishes", async () => {
    await using closing = await startWsEcho();
    closing.wss.on("connection", (socket) => socket.on("message", () => socket.close(1001)));
    const listen = { name: "listen", kind: "listen", for: 500 } as const;
    const flow = [send(text("1", unheard)), listen];
    const closed = await play({ url: closing.url, flow, correlate: uncorrelated });
    expect(unconfirmedOf(closed.totals)).toEqual([
      ["ws_msg_unconfirmed{by:server,cause:close}", 1],
    ]);
    const vanishing = await startRaw({
      answer: (socket, head) => {
        socket.write(switching(head));
        socket.once("data", () => socket.end());
      },
    });
    const gone = await play({ url: vanishing.target.url, flow, correlate: uncorrelated });
    expect(unconfirmedOf(gone.totals)).toEqual([["ws_msg_unconfirmed{by:server,cause:fin}", 1]]);
  });

  test.concurrent("not on connections that the run itself cuts", async () => {
    await using server = await startWsEcho();
    const { totals } = await play({
      url: server.url,
      users: 4,
      duration: 1000,
      correlate: uncorrelated,
      flow: [send(text("1", unheard)), { name: "listen", kind: "listen", for: 900 }],
      plan: { events: [{ at: 500, drop: 0.5, how: "reset" }] },
    });
    expect(unconfirmedOf(totals)).toEqual([["ws_msg_unconfirmed{by:client,cause:dropped}", 2]]);
  });
});
