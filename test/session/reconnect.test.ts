/** A session that is lost and opened again. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Backoff } from "../../src/base/backoff.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";
import { rejection, startRaw, switching } from "../dial/raw-server.js";
import { text, watch } from "./parties.js";

/** A policy that waits next to nothing. */
function soon(more: { attempts?: number; resetAfter?: number } = {}): Backoff {
  return new Backoff({ kind: "exponential", base: 1, max: 4, jitter: "none", ...more });
}

async function nextPeer(server: WsEcho): Promise<WebSocket> {
  const [peer] = (await once(server.wss, "connection")) as [WebSocket];
  return peer;
}

test("the preamble is said again, and what waited is sent", async () => {
  await using server = await startWsEcho();
  const peer = nextPeer(server);
  const { session, log, lost, gaps, messages, received, until } = watch(server.url, {
    reconnect: soon(),
    preamble: [text("login")],
  });
  await session.connect();
  await received(1);
  // Whoever hears of the loss may send at once: it waits for the next connection.
  const sent: Promise<void>[] = [];
  session.once("lost", () => sent.push(session.send(text("queued"))));
  const again = nextPeer(server);
  (await peer).terminate();
  await again;
  await received(3);
  await Promise.all(sent);
  expect(sent).toHaveLength(1);
  expect(messages.filter((m) => m.direction === "out").map((m) => m.data.toString())).toEqual([
    "login",
    "login",
    "queued",
  ]);
  expect(messages.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(lost).toMatchObject([{ code: 1006, clean: false }]);
  expect(gaps).toEqual([{ attempt: 1, delay: 1 }]);
  expect(log).toEqual([
    "connecting",
    "open",
    "open!",
    "waiting",
    "lost",
    "connecting",
    "open",
    "open!",
  ]);
  expect(session.stats).toMatchObject({ connects: 2, gaps: 1 });
  expect(session.stats.away).toBeGreaterThan(0);
  await until(() => session.state === "open");
  expect(await session.close(1000)).toMatchObject({ code: 1000, clean: true });
});

test("queued messages survive, those under way are rejected, and each is one or the other", async () => {
  let heard = 0;
  const stuck = await startRaw({
    answer: (socket, head) => {
      socket.write(switching(head));
      if (stuck.sockets.length === 1) socket.pause();
      else {
        socket.removeAllListeners("data");
        socket.on("data", (bytes: Buffer) => {
          heard += bytes.length;
        });
      }
    },
  });
  const { session, messages, until } = watch(stuck.target.url, { reconnect: soon() });
  await session.connect();
  const data = Buffer.alloc(900_000);
  const outcomes = Promise.allSettled(
    Array.from({ length: 30 }, () => session.send({ data, binary: true })),
  );
  await until(() => messages.length > 1);
  stuck.sockets[0]!.resetAndDestroy();
  const settled = await outcomes;
  const rejected = settled.filter(({ status }) => status === "rejected").length;
  // No more than what is handed over at a time: 1 MiB and the message that passes it.
  expect(rejected).toBeGreaterThan(0);
  expect(rejected).toBeLessThanOrEqual(2);
  expect(session.stats.connects).toBe(2);
  expect(heard).toBeGreaterThan(0);
});

test("a server that opens and hangs up does not reset the backoff", async () => {
  const flapping = await startRaw({
    answer: (socket: Socket, head: string) => socket.end(switching(head)),
  });
  const { session, gaps, ended } = watch(flapping.target.url, {
    reconnect: soon({ attempts: 5 }),
  });
  await session.connect();
  const end = await ended;
  expect(gaps).toEqual([1, 2, 4, 4, 4].map((delay, index) => ({ attempt: index + 1, delay })));
  expect(end).toMatchObject({ code: 1006, clean: false });
  expect(session.stats.connects).toBe(6);
});

test("a connection that held resets it", async () => {
  let left = 4;
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(switching(head));
      if (left-- > 0) socket.end();
    },
  });
  const { session, gaps, until } = watch(server.target.url, {
    reconnect: soon({ attempts: 1, resetAfter: 0 }),
  });
  await session.connect();
  await until(() => session.stats.connects === 5);
  expect(gaps).toEqual(Array.from({ length: 4 }, () => ({ attempt: 1, delay: 1 })));
});

test("jitter is drawn from the given randomness", async () => {
  await using server = await startWsEcho();
  const peer = nextPeer(server);
  const { session, gaps, until } = watch(
    server.url,
    { reconnect: new Backoff({ base: 8, jitter: "full" }) },
    () => 0.25,
  );
  await session.connect();
  (await peer).terminate();
  await until(() => session.stats.connects === 2);
  expect(gaps).toEqual([{ attempt: 1, delay: 2 }]);
});

test("attempts that fail are counted, and the last error is told", async () => {
  const server = await startWsEcho();
  const { session, gaps, ended, log } = watch(server.url, { reconnect: soon({ attempts: 3 }) });
  await session.connect();
  const waiting = rejection(once(session, "lost").then(() => session.send(text("never"))));
  await server.close();
  const end = await ended;
  expect(gaps.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect(end).toMatchObject({ code: 1006, error: { code: "WSCTL_EREFUSED" } });
  expect(await waiting).toMatchObject({ message: "not sent: the session is over" });
  expect(log.filter((entry) => entry === "lost")).toHaveLength(1);
  expect(session.state).toBe("closed");
});

test("the first connection is not tried again", async () => {
  await using server = await startWsEcho({ refuse: 503 });
  const { session, gaps } = watch(server.url, { reconnect: soon() });
  expect(await rejection(session.connect())).toMatchObject({ code: "WSCTL_EUPGRADE" });
  expect(gaps).toEqual([]);
  expect(session.state).toBe("closed");
});

test("a close by hand is not undone, whenever it comes", async () => {
  await using server = await startWsEcho();
  const peer = nextPeer(server);
  const { session, ended, until } = watch(server.url, {
    reconnect: new Backoff({ kind: "fixed", base: 1e6 }),
  });
  await session.connect();
  (await peer).close(1012);
  await until(() => session.state === "waiting");
  const end = await session.close(1000);
  expect(end).toMatchObject({ code: 1012, by: "them", clean: true });
  expect(await ended).toBe(end);
  for (const event of ["lost", "waiting"] as const) {
    const other = watch(server.url, { reconnect: soon() });
    const otherPeer = nextPeer(server);
    other.session.once(event, () => void other.session.close(1000));
    await other.session.connect();
    (await otherPeer).terminate();
    await other.ended;
    expect(other.session.state).toBe("closed");
    expect(other.session.stats.connects).toBe(1);
  }
});

test("a pause outlasts the connection", async () => {
  await using server = await startWsEcho();
  server.wss.on("connection", (peer) => peer.send("hello"));
  const peer = nextPeer(server);
  const { session, messages, received, until } = watch(server.url, { reconnect: soon() });
  session.pause();
  await session.connect();
  (await peer).terminate();
  await until(() => session.stats.connects === 1);
  session.resume();
  await until(() => session.stats.connects === 2);
  await received(1);
  expect(messages[0]!.data.toString()).toBe("hello");
});

describe("by hand", () => {
  test("closes what is open, and keeps what waits", async () => {
    await using server = await startWsEcho();
    const closed = nextPeer(server).then(async (peer) => {
      const [code] = (await once(peer, "close")) as [number];
      return code;
    });
    const { session, lost, received, log } = watch(server.url);
    await session.connect();
    const again = session.reconnect();
    const sent = session.send(text("later"));
    const upgrade = await again;
    await sent;
    expect(session.upgrade).toBe(upgrade);
    expect(await closed).toBe(1000);
    expect(lost).toMatchObject([{ code: 1000, by: "us", clean: true }]);
    expect((await received(1))[0]!.data.toString()).toBe("later");
    expect(log.filter((entry) => entry === "open!")).toHaveLength(2);
  });

  test("does not wait for the backoff", async () => {
    await using server = await startWsEcho();
    const peer = nextPeer(server);
    const { session, until } = watch(server.url, {
      reconnect: new Backoff({ kind: "fixed", base: 1e6 }),
    });
    await session.connect();
    (await peer).terminate();
    await until(() => session.state === "waiting");
    await session.reconnect();
    expect(session.state).toBe("open");
  });

  test("ends the session when nothing is there and no policy says to go on", async () => {
    const server = await startWsEcho();
    const { session, ended } = watch(server.url);
    await session.connect();
    const closing = server.close();
    expect(await rejection(session.reconnect())).toMatchObject({ code: "WSCTL_EREFUSED" });
    await closing;
    expect(await ended).toMatchObject({ error: { code: "WSCTL_EREFUSED" } });
  });

  test("is called off by a close", async () => {
    await using server = await startWsEcho();
    const { session } = watch(server.url);
    await session.connect();
    const again = rejection(session.reconnect());
    expect(await rejection(session.reconnect())).toMatchObject({ code: "WSCTL_EUSAGE" });
    expect(await session.close(1000)).toMatchObject({ clean: true });
    expect(await again).toMatchObject({ message: "the session was ended by hand" });
  });
});

test("an auto reply does not go to another connection than its question", async () => {
  const heard: string[] = [];
  let onData: (value: unknown) => void = () => {};
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(switching(head));
      socket.removeAllListeners("data");
      socket.on("data", (bytes: Buffer) => {
        heard.push(bytes.toString("hex"));
        onData(undefined);
      });
      if (server.sockets.length > 1) return;
      socket.write(encodeFrame({ opcode: 1 }, Buffer.from("question")));
      socket.resetAndDestroy();
    },
  });
  const { session, until } = watch(server.target.url, {
    reconnect: soon(),
    autoReplies: [{ match: {}, send: text("answer") }],
  });
  await session.connect();
  await until(() => session.stats.connects === 2);
  const arrived = new Promise((resolve) => {
    onData = resolve;
  });
  await session.send({ data: Buffer.from([0]), binary: true });
  await arrived;
  // The first byte of a text frame is 81, that of a binary one 82.
  expect(heard.map((bytes) => bytes.slice(0, 2))).toEqual(["82"]);
});
