/** Shows what is told of messages that were sent, and that the other side need not have taken. */
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { startWsEcho } from "../../support/servers.js";
import { startRaw, switching } from "../../dial/raw-server.js";
import { byOrder, expecting, play, scenario, send, text, uncorrelated } from "./stage.js";

const unheard = { reply: false };
const backlog = "ws_msg_unconfirmed{by:client,cause:backlog}";
const flood = scenario([send(text("x".repeat(4096), unheard))], { repeat: "same-socket" });

const unconfirmedOf = (totals: Record<string, number>) =>
  Object.entries(totals).filter(([key]) => key.startsWith("ws_msg_unconfirmed"));

describe("a flow that only sends, to a server that does not read", () => {
  test.concurrent("waits for the socket, and tells what was not taken", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.pause());
    const { totals, snapshots } = await play({
      url: server.url,
      users: 2,
      duration: 300,
      gracefulStop: 50,
      correlate: uncorrelated,
      scenarios: [flood],
    });
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
    server.wss.on("connection", (socket: WebSocket) => {
      socket.removeAllListeners("message");
      socket.on("message", () => heard++);
      socket.pause();
      // Longer than any close frame is waited for that nothing stands before.
      setTimeout(() => socket.resume(), 2600);
    });
    const { totals } = await play({
      url: server.url,
      duration: 200,
      gracefulStop: 4000,
      correlate: uncorrelated,
      scenarios: [flood],
    });
    expect(unconfirmedOf(totals)).toEqual([]);
    expect(totals["ws_close{by:client,code:1000}"]).toBe(1);
    expect(heard).toBe(totals["ws_msgs_sent"]);
  });
});

describe("what is confirmed", () => {
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

  test.concurrent("by an answer: everything up to its request", async () => {
    await using server = await deaf((socket, count) => {
      if (count === 2) socket.send("answer");
    });
    const { totals } = await play({
      url: server.url,
      duration: 200,
      gracefulStop: 50,
      correlate: { ...byOrder, timeout: 100 },
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
      duration: 200,
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
      duration: 400,
      correlate: uncorrelated,
      flow: [send(text("1", unheard)), { name: "listen", kind: "listen", for: 300 }],
      plan: { events: [{ at: 150, drop: 0.5, how: "reset" }] },
    });
    expect(unconfirmedOf(totals)).toEqual([["ws_msg_unconfirmed{by:client,cause:dropped}", 2]]);
  });
});
