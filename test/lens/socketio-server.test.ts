/** Holds the lens socketio against the Socket.IO server of npm, through a client that only knows WebSocket. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { afterEach, expect, test } from "vitest";
import { socketio } from "../../src/lens/socketio.js";
import { Watched } from "./watched.js";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function connected(): Promise<Watched> {
  const server = http.createServer();
  const io = new Server(server, { pingInterval: 50 });
  io.on("connection", (socket) => {
    socket.on("sum", (a: number, b: number, done: (sum: number) => void) => done(a + b));
    socket.on("file", () => {
      socket.emit("file", { name: "a", bytes: Buffer.from([1, 2, 3]) }, Buffer.from([4]));
    });
    socket.on("ask me", () => {
      socket.emit("question", 1, (answer: string) => socket.emit("heard", answer));
    });
  });
  io.of("/closed").use((_socket, next) => next(new Error("not for you")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
  const client = new Watched(socketio, url);
  closing.push(async () => {
    client.close();
    await io.close();
  });
  expect((await client.seen("← open")).body).toMatchObject({ pingInterval: 50 });
  return client;
}

/** Connected to the main namespace, too. */
async function joined(): Promise<Watched> {
  const client = await connected();
  client.say("/");
  expect(await client.seen("← connected")).toMatchObject({
    kind: "response",
    reply: { to: "connect" },
    body: { sid: expect.any(String) },
  });
  return client;
}

test("connects, asks, and matches the acknowledgement", async () => {
  const client = await joined();
  client.say("sum? 2 3");
  expect(await client.seen("← ack of sum #0")).toMatchObject({
    kind: "response",
    reply: { to: "sum #0" },
    body: [5],
  });
});

test("joins attachments", async () => {
  const client = await joined();
  client.say("file");
  const view = await client.seen("← file with 2 attachments, the last 1 B");
  expect(view.body).toEqual([{ name: "a", bytes: { $binary: "AQID" } }, { $binary: "BA==" }]);
});

test("understands that the server asks, and that a namespace is refused", async () => {
  const client = await connected();
  client.say("/closed");
  expect(await client.seen("← connect refused in /closed: not for you")).toMatchObject({
    kind: "error",
    reply: { to: "connect in /closed" },
  });
  client.say("/");
  await client.seen("← connected");
  client.say('"ask me"');
  expect(await client.seen("← question #0")).toMatchObject({ kind: "request", body: [1] });
  client.send(Buffer.from('430["yes"]'));
  expect((await client.seen("← heard")).body).toEqual(["yes"]);
  expect(client.titles).toContainEqual(expect.stringMatching(/^→ ack of question #0 \(/));
});

test("the pong that it owes keeps the connection", async () => {
  const client = await joined();
  for (let count = 0; count < 3; count++) await client.seen("← ping");
  expect(client.titles.filter((title) => title.startsWith("→ pong ("))).toHaveLength(3);
});
