/** Shows that what a session answers is bounded, and belongs to the connection that it answers. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Backoff, type SessionOptions, WsctlError } from "../../src/index.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { rejection, startRaw, switching } from "../dial/raw-server.js";
import { startWsEcho } from "../support/servers.js";
import { text, watch, type Watched } from "./parties.js";

const large = { data: Buffer.alloc(100_000), binary: true };

/** Lets the machine do as much as twenty messages there and back take. */
async function twentyRounds(url: string, meanwhile: () => void): Promise<void> {
  const other = watch(url);
  await other.session.connect();
  for (let index = 0; index < 20; index++) {
    meanwhile();
    await other.session.send(text("x"));
    await other.received(index + 1);
  }
}

describe("a server that asks and does not read", () => {
  test.each<[string, Partial<SessionOptions>, (watched: Watched) => void]>([
    ["rules", { autoReplies: [{ match: {}, send: large }] }, () => {}],
    [
      "whoever holds the session",
      {},
      ({ session }) => {
        session.on("message", ({ direction }) => {
          if (direction === "in") session.answer(large);
        });
      },
    ],
  ])(
    "is held up, answered by %s, whatever else pauses and resumes",
    async (_by, options, prepare) => {
      await using server = await startWsEcho();
      const peer = once(server.wss, "connection") as Promise<[WebSocket]>;
      const watched = watch(server.url, options);
      const { session, messages, received } = watched;
      prepare(watched);
      await session.connect();
      const [socket] = await peer;
      socket.removeAllListeners("message");
      let heard = 0;
      socket.on("message", () => heard++);
      socket.pause();
      for (let index = 0; index < 600; index++) socket.send(Buffer.alloc(2000));
      await received(64);
      await twentyRounds(server.url, () => {
        session.pause();
        session.resume();
      });
      expect(messages.filter(({ direction }) => direction === "in").length).toBeLessThan(400);
      socket.resume();
      await received(600);
      await session.close(1000);
      expect(heard).toBe(600);
    },
  );
});

describe("an answer", () => {
  test("does not go to another connection than its question", async () => {
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
      reconnect: new Backoff({ kind: "fixed", base: 1 }),
    });
    session.on("message", ({ direction }) => {
      if (direction === "in") session.answer(text("answer"));
    });
    session.on("lost", () => session.answer(text("late")));
    session.answer(text("early"));
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

  test("goes before what waits", async () => {
    await using server = await startWsEcho();
    const peer = once(server.wss, "connection") as Promise<[WebSocket]>;
    const { session, messages, received } = watch(server.url);
    await session.connect();
    const [socket] = await peer;
    const heard: number[] = [];
    socket.removeAllListeners("message");
    socket.on("message", (data: Buffer) => heard.push(data.length));
    socket.pause();
    const sending = Array.from({ length: 200 }, () => session.send(large));
    socket.send("question");
    await received(1);
    session.answer(text("answer"));
    socket.resume();
    await Promise.all(sending);
    await session.close(1000);
    expect(messages.length).toBe(202);
    expect(heard.indexOf(6)).toBeGreaterThanOrEqual(0);
    expect(heard.indexOf(6)).toBeLessThan(200);
  });

  test("may be made anew each time", async () => {
    await using server = await startWsEcho();
    let count = 0;
    const { session, until, messages } = watch(server.url, {
      autoReplies: [{ match: { contains: "start" }, send: () => text(`answer ${++count}`) }],
    });
    await session.connect();
    await session.send(text("start"));
    await session.send(text("start"));
    const texts = () => messages.map(({ data }) => data.toString());
    // Each is said and comes back, as do the two that ask.
    await until(() => messages.length === 8);
    expect(texts()).toEqual(expect.arrayContaining(["answer 1", "answer 2"]));
  });

  test("that cannot be made ends the connection with its error", async () => {
    await using server = await startWsEcho();
    const error = new WsctlError("WSCTL_EUSAGE", "no such answer");
    const send = () => {
      throw error;
    };
    const { session, ended } = watch(server.url, { autoReplies: [{ match: {}, send }] });
    await session.connect();
    await session.send(text("question"));
    expect(await ended).toMatchObject({ code: 1006, error });
  });
});

test("what has come of an unfinished frame is told", async () => {
  const whole = encodeFrame({ opcode: 2 }, Buffer.alloc(1000));
  let rest: () => void = () => {};
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(Buffer.concat([Buffer.from(switching(head)), whole.subarray(0, 500)]));
      rest = () => socket.write(whole.subarray(500));
    },
  });
  const { session, received } = watch(server.target.url);
  expect([session.received, session.isMidFrame]).toEqual([0, false]);
  await session.connect();
  while (session.received < 500) await new Promise(setImmediate);
  expect([session.received, session.isMidFrame]).toEqual([500, true]);
  rest();
  await received(1);
  expect([session.received, session.isMidFrame]).toEqual([whole.length, false]);
});

test("what the answer left out of a demand for compression is told", async () => {
  const server = await startRaw({
    answer: (socket, head) => {
      const answer = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
      socket.write(`${switching(head).slice(0, -2)}${answer}`);
    },
  });
  const { session } = watch(server.target.url, {
    compression: { serverNoContextTakeover: true, serverMaxWindowBits: 10 },
  });
  await session.connect();
  expect(session.unconfirmed).toEqual(["server_no_context_takeover", "server_max_window_bits"]);
});

test("a heartbeat of more than a timer holds does not beat at once", async () => {
  await using server = await startWsEcho();
  const { session, received } = watch(server.url, { ping: 2 ** 40 });
  await session.connect();
  for (let index = 0; index < 20; index++) {
    await session.send(text("x"));
    await received(index + 1);
  }
  expect(session.stats.pings).toBe(0);
  expect(await rejection(session.connect())).toMatchObject({ code: "WSCTL_EUSAGE" });
});
