/** Shows `wsctl connect --lens socketio` against the Socket.IO server of npm. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { eventsOf, typed } from "./connect-run.js";

let url = "";
let io: Server;
let heard: unknown[] = [];
let heartbeats = 0;

beforeAll(async () => {
  const server = http.createServer();
  io = new Server(server, { pingInterval: 50 });
  io.engine.on("connection", (socket: { on(event: "heartbeat", listener: () => void): void }) => {
    socket.on("heartbeat", () => heartbeats++);
  });
  io.on("connection", (socket) => {
    socket.on("chat", (...said: unknown[]) => {
      heard.push(said);
      socket.emit("news", { from: "server" }, 7);
    });
    socket.on("sum", (a: number, b: number, done: (sum: number) => void) => done(a + b));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
});
beforeEach(() => {
  heard = [];
  heartbeats = 0;
});
afterAll(async () => io.close());

/** Events may only follow the server's word that the namespace is joined. */
const joining = ["-x", "/"];

test("a pipe joins, and an event goes each way", async () => {
  const args = ["connect", url, "--lens", "socketio", ...joining, "--json", "--until", "/news/"];
  const reply = ["--auto-reply", '/^40/ => chat {"room":"lobby"} "hello"'];
  const { code, stdout, stderr } = await runWsctl([...args, ...reply]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(heard).toEqual([[{ room: "lobby" }, "hello"]]);
  const messages = eventsOf({ stdout }).filter(({ event }) => event === "message");
  expect(messages.map(({ number }) => number)).toEqual(messages.map((_, index) => index + 1));
  const views = messages.map(({ lens }) => lens as { kind: string; title: string; body: unknown });
  const find = (title: RegExp) => views.find((view) => title.test(view.title));
  expect(find(/^← open, a ping every 50/)).toMatchObject({ body: { pingInterval: 50 } });
  expect(find(/^→ connect$/)).toMatchObject({ kind: "request" });
  expect(find(/^← connected \(/)).toMatchObject({ body: { sid: expect.any(String) } });
  expect(find(/^→ chat$/)).toMatchObject({ kind: "event" });
  expect(find(/^← news$/)).toMatchObject({ kind: "event", body: [{ from: "server" }, 7] });
});

test("heartbeats are answered for as long as it lasts", async () => {
  const args = ["connect", url, "--lens", "socketio", ...joining, "--count", "8", "--json"];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([0, ""]);
  expect(heartbeats).toBeGreaterThanOrEqual(4);
  const beats = eventsOf({ stdout })
    .filter(({ event, data }) => event === "message" && (data === "2" || data === "3"))
    .map(({ data }) => data)
    .join("");
  // Each pong stands behind its ping.
  expect(beats).toMatch(/^(?:23){4,}2?$/);
});

test("at the prompt the lens comes with the path; events, and what they are answered with", async () => {
  const { code, stdout } = await typed(
    [url, "--no-history"],
    [
      [/← open/, "//\r"],
      [/← connected \(/, "sum? 20 22\r"],
      [/← ack of sum #0 \(/, 'chat "hello"\r'],
      [/← news/, "\x04"],
    ],
  );
  expect(code).toBe(0);
  expect(heard).toEqual([["hello"]]);
  expect(stdout).toMatch(/← ack of sum #0 \([^)]*\)[^]*42/);
  expect(stdout).toMatch(/← news[^]*"from"/);
});
