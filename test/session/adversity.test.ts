/** A session against servers that are broken, hostile or gone: what it says of each. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DialError } from "../../src/dial/dial-error.js";
import { UpgradeRefused } from "../../src/dial/refusal.js";
import { UpgradeInvalid } from "../../src/dial/upgrade.js";
import { encodeClosePayload } from "../../src/frame/close.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { startWsEcho } from "../support/servers.js";
import {
  type RawServer,
  refusingPort,
  rejection,
  startRaw,
  switching,
} from "../dial/raw-server.js";
import { text, watch } from "./parties.js";

const frame = (
  opcode: number,
  payload: string | Buffer,
  more: { fin?: boolean; rsv?: number } = {},
) => encodeFrame({ opcode, ...more }, Buffer.from(payload));
const closeFrame = (code: number) => frame(8, encodeClosePayload(code));

/** A server that upgrades, sends these bytes together with its 101, and then does as told. */
function startSpeaking(bytes: Buffer, then?: (socket: Socket) => void): Promise<RawServer> {
  return startRaw({
    answer: (socket, head) => {
      socket.write(Buffer.concat([Buffer.from(switching(head)), bytes]));
      then?.(socket);
    },
  });
}

afterEach(() => {
  vi.useRealTimers();
});

describe("bytes as they come", () => {
  test("frames glued to the 101 are counted once", async () => {
    const server = await startSpeaking(Buffer.concat([frame(1, "first"), frame(9, "p")]));
    const { session, messages, frames, until } = watch(server.target.url);
    await session.connect();
    await until(() => frames.length === 3);
    expect(messages.map(({ data }) => data.toString())).toEqual(["first"]);
    expect(frames.map(({ direction, opcode }) => [direction, opcode])).toEqual([
      ["in", 1],
      ["in", 9],
      ["out", 10],
    ]);
    expect(session.stats.received).toMatchObject({ messages: 1, frames: 2, wire: 10 });
  });

  test("all that is glued to the 101, the close included", async () => {
    const server = await startSpeaking(
      Buffer.concat([frame(1, "hello"), closeFrame(4001)]),
      (socket) => socket.end(),
    );
    const { session, messages, ended } = watch(server.target.url);
    await session.connect();
    expect(await ended).toMatchObject({ code: 4001, by: "them", clean: true, error: undefined });
    expect(messages).toHaveLength(1);
  });

  test("a server that writes byte by byte", async () => {
    const bytes = Buffer.concat([
      frame(1, "ha", { fin: false }),
      frame(9, "mid"),
      frame(0, "llo"),
      frame(2, Buffer.alloc(200, 1)),
      closeFrame(1001),
    ]);
    const server = await startRaw({
      answer: (socket, head) => {
        const all = Buffer.concat([Buffer.from(switching(head)), bytes]);
        let at = 0;
        const next = () => {
          if (at < all.length) socket.write(all.subarray(at, ++at), () => setImmediate(next));
        };
        next();
      },
    });
    const { session, messages, frames, ended } = watch(server.target.url);
    await session.connect();
    expect(await ended).toMatchObject({ code: 1001, by: "them", clean: true });
    expect(messages.map(({ data, frames: count, wire }) => [data.length, count, wire])).toEqual([
      [5, 2, 9],
      [200, 1, 204],
    ]);
    expect(frames.filter(({ direction }) => direction === "in")).toHaveLength(5);
  });
});

describe("what cannot be opened", () => {
  test("a refusal keeps its status, headers and body", async () => {
    await using server = await startWsEcho({ refuse: 403 });
    const { session, log } = watch(server.url);
    const error = await rejection(session.connect());
    expect(error).toBeInstanceOf(UpgradeRefused);
    expect((error as UpgradeRefused).response.status).toBe(403);
    expect((error as UpgradeRefused).body.toString()).toBe("refused with 403\n");
    expect(log).toEqual(["connecting", "closed"]);
  });

  test("a redirect is not followed", async () => {
    const server = await startRaw({
      answer: (socket) =>
        socket.end(
          "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        ),
    });
    const error = await rejection(watch(server.target.url).session.connect());
    expect(error).toMatchObject({ code: "WSCTL_EUPGRADE", response: { status: 302 } });
  });

  test("a 101 that breaks RFC 6455", async () => {
    const server = await startRaw({
      answer: (socket, head) => socket.write(switching(head).replace(/Accept: ./, "Accept: !")),
    });
    const error = await rejection(watch(server.target.url).session.connect());
    expect(error).toBeInstanceOf(UpgradeInvalid);
    expect((error as UpgradeInvalid).problems).toMatchObject([{ kind: "accept" }]);
  });

  test("a 101 that breaks RFC 7692", async () => {
    const server = await startRaw({
      answer: (socket, head) =>
        socket.write(
          switching(head).replace(
            /\r\n\r\n$/,
            "\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n\r\n",
          ),
        ),
    });
    const { session } = watch(server.target.url, { compression: {} });
    const error = await rejection(session.connect());
    expect(error).toMatchObject({
      code: "WSCTL_EHANDSHAKE",
      problems: [{ kind: "extensions", source: "RFC 7692 §7.1" }],
    });
    expect(session.state).toBe("closed");
  });

  test("a server that says nothing", async () => {
    const server = await startRaw({ answer: () => {} });
    const { session } = watch(server.target.url, { dial: { timeouts: { upgrade: 20 } } });
    expect(await rejection(session.connect())).toMatchObject({
      code: "WSCTL_ETIMEOUT",
      phase: "upgrade",
    });
  });

  test("a port that nobody listens on; what waited is rejected", async () => {
    const { session } = watch(`ws://127.0.0.1:${await refusingPort()}/`);
    const waiting = rejection(session.send(text("hello")));
    expect(await rejection(session.connect())).toBeInstanceOf(DialError);
    expect(await waiting).toMatchObject({ cause: { code: "WSCTL_EREFUSED" } });
  });

  test("a dial that is given up", async () => {
    const server = await startRaw({ answer: () => {} });
    const { session } = watch(server.target.url);
    const connecting = rejection(session.connect());
    expect(await session.close()).toMatchObject({ code: 1006, clean: false });
    expect(await connecting).toMatchObject({ code: "WSCTL_EABORTED" });
    const { session: other } = watch(server.target.url, {
      dial: { signal: AbortSignal.abort() },
    });
    expect(await rejection(other.connect())).toMatchObject({ code: "WSCTL_EABORTED" });
    expect(other.state).toBe("closed");
  });
});

describe("broken rules", () => {
  const { max } = { max: 100 };
  test.each([
    ["RSV bits", frame(1, "x", { rsv: 2 }), 1002, "RFC 6455 §5.2"],
    ["RSV1 without an extension", frame(1, "x", { rsv: 4 }), 1002, "RFC 6455 §5.2"],
    ["a reserved opcode", frame(3, "x"), 1002, "RFC 6455 §5.2"],
    [
      "a masked frame",
      encodeFrame({ opcode: 1, mask: 7 }, Buffer.from("x")),
      1002,
      "RFC 6455 §5.1",
    ],
    ["a stray continuation", frame(0, "x"), 1002, "RFC 6455 §5.4"],
    [
      "a message inside a message",
      Buffer.concat([frame(1, "x", { fin: false }), frame(1, "y")]),
      1002,
      "RFC 6455 §5.4",
    ],
    ["a fragmented ping", frame(9, "x", { fin: false }), 1002, "RFC 6455 §5.5"],
    ["text that is not UTF-8", frame(1, Buffer.from([0xff])), 1007, "RFC 6455 §8.1"],
    ["a close code of 1 byte", frame(8, "x"), 1002, "RFC 6455 §5.5.1"],
    ["a close code that must not be sent", frame(8, Buffer.from([3, 0xee])), 1002, "RFC 6455 §7.4"],
    ["a message that is too big", frame(2, Buffer.alloc(max + 1)), 1009, "RFC 6455 §10.4"],
  ])("%s", async (_, bytes, code, section) => {
    const server = await startSpeaking(Buffer.concat([frame(1, "ok"), bytes]), (socket) => {
      // Answers the close frame with its end only.
      socket.on("data", (data: Buffer) => {
        if (data[0] === 0x88) socket.end();
      });
    });
    const { session, messages, frames, ended } = watch(server.target.url, { maxPayload: max });
    await session.connect();
    const end = await ended;
    expect(end).toMatchObject({ clean: false, error: { section, closeCode: code } });
    expect(messages.map(({ data }) => data.toString())).toEqual(["ok"]);
    const said = frames.find(({ direction, opcode }) => direction === "out" && opcode === 8);
    expect(said?.control?.readUInt16BE(0)).toBe(code);
  });

  test("what cannot be inflated", async () => {
    const server = await startRaw({
      answer: (socket, head) => {
        socket.write(
          switching(head).replace(
            /\r\n\r\n$/,
            "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
          ),
        );
        socket.write(frame(1, Buffer.alloc(20, 0xff), { rsv: 4 }));
      },
    });
    const { session, ended } = watch(server.target.url, { compression: {} });
    await session.connect();
    const done = ended;
    server.sockets[0]!.on("data", () => server.sockets[0]!.end());
    expect(await done).toMatchObject({ error: { closeCode: 1007, section: "RFC 7692 §7.2.2" } });
  });

  test("a bomb is not inflated beyond the limit", async () => {
    await using server = await startWsEcho({ ws: { perMessageDeflate: { threshold: 0 } } });
    server.wss.on("connection", (peer) => peer.send(Buffer.alloc(4_000_000)));
    const { session, messages, ended } = watch(server.url, { compression: {}, maxPayload: 10_000 });
    await session.connect();
    expect(await ended).toMatchObject({ by: "us", error: { closeCode: 1009 } });
    expect(messages).toEqual([]);
  });

  test("a length in a longer form silences the watch, and loses no message", async () => {
    const long = Buffer.concat([Buffer.from([0x81, 126, 0, 2]), Buffer.from("hi")]);
    const server = await startSpeaking(
      Buffer.concat([long, frame(1, "on"), closeFrame(1000)]),
      (socket) => socket.end(),
    );
    const { session, messages, ended } = watch(server.target.url);
    const told: string[] = [];
    session.on("unseen", ({ message }) => told.push(message));
    await session.connect();
    expect(await ended).toMatchObject({ code: 1000, by: "them", clean: true, error: undefined });
    expect(told).toEqual([expect.stringContaining("the shortest form must be used")]);
    expect(messages.map(({ data }) => data.toString())).toEqual(["hi", "on"]);
  });
});

describe("ends", () => {
  test.each([
    ["a reset", (socket: Socket) => socket.resetAndDestroy(), /broke \(ECONNRESET\)/],
    ["a hang-up", (socket: Socket) => socket.end(), /closed the TCP connection/],
    [
      "half a frame",
      (socket: Socket) => socket.end(Buffer.from([0x81, 5, 0x61])),
      /closed the TCP/,
    ],
  ])("1006 is explained: %s", async (_, act, message) => {
    const server = await startSpeaking(frame(1, "hello"));
    const { session, received, ended } = watch(server.target.url);
    await session.connect();
    await received(1);
    act(server.sockets[0]!);
    const end = await ended;
    expect(end).toMatchObject({ code: 1006, by: undefined, clean: false });
    expect(end.error?.message).toMatch(message);
    expect(session.state).toBe("closed");
  });

  test("half a frame is named", async () => {
    const server = await startSpeaking(Buffer.from([0x81, 5, 0x61]), (socket) => socket.end());
    const { session, ended } = watch(server.target.url);
    await session.connect();
    expect((await ended).error).toMatchObject({
      where: expect.arrayContaining(["it ended in the middle of a frame"]),
    });
  });

  test("a close that is answered by a hang-up", async () => {
    const server = await startSpeaking(Buffer.alloc(0), (socket) => {
      socket.on("data", () => socket.end());
    });
    const { session } = watch(server.target.url);
    await session.connect();
    const end = await session.close(1000);
    expect(end).toMatchObject({ code: 1006, by: "us", clean: false });
    expect(end.error?.message).toMatch(/instead of answering the close frame/);
  });

  test("a close that nobody answers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const server = await startSpeaking(Buffer.alloc(0));
    const { session, frames, until } = watch(server.target.url);
    await session.connect();
    const closing = session.close(1000);
    await until(() => frames.length === 1);
    vi.advanceTimersByTime(4999);
    expect(session.state).toBe("closing");
    vi.advanceTimersByTime(1);
    const end = await closing;
    expect(end).toMatchObject({ code: 1006, by: "us", clean: false });
    expect(end.error?.message).toMatch(/did not answer the close frame within 5.00 s/);
  });

  test("a close behind messages that the server does not take", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const server = await startSpeaking(Buffer.alloc(0), (socket) => socket.pause());
    const { session, messages, until } = watch(server.target.url);
    await session.connect();
    const outcomes = Promise.allSettled(
      Array.from({ length: 40 }, () => session.send({ data: Buffer.alloc(1e6), binary: true })),
    );
    const closing = session.close(1000);
    await until(() => messages.length > 0);
    while (session.state !== "closed") {
      vi.advanceTimersByTime(10_000);
      await new Promise(setImmediate);
    }
    expect((await closing).error?.message).toMatch(/the server takes nothing/);
    expect((await outcomes).some(({ status }) => status === "rejected")).toBe(true);
  });

  test("a reset right after the 101 is one or the other, never neither", async () => {
    const server = await startRaw({
      answer: (socket, head) => socket.write(switching(head), () => socket.resetAndDestroy()),
    });
    for (let round = 0; round < 10; round++) {
      const { session, ended } = watch(server.target.url);
      const outcome = await session.connect().then(
        () => ended,
        (error: unknown) => error,
      );
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(DialError);
      else expect(outcome).toMatchObject({ code: 1006, clean: false });
      expect(session.state).toBe("closed");
    }
  });

  test("a server that keeps the socket after both close frames is cut off", async () => {
    const server = await startSpeaking(Buffer.alloc(0), (socket) => {
      socket.allowHalfOpen = true;
      socket.on("data", () => socket.write(closeFrame(1000)));
    });
    const { session } = watch(server.target.url);
    await session.connect();
    expect(await session.close(1000)).toMatchObject({ code: 1000, by: "us", clean: true });
  });

  test("a close without a code, and codes that must not be sent", async () => {
    await using server = await startWsEcho();
    const { session } = watch(server.url);
    await session.connect();
    expect(await rejection(session.close(1006))).toMatchObject({ code: "WSCTL_EPROTOCOL" });
    expect(await rejection(session.close(1000, "x".repeat(124)))).toBeInstanceOf(Error);
    expect(session.state).toBe("open");
    expect(await session.close()).toMatchObject({ code: 1005, by: "us", clean: true });
  });

  test("terminated by hand, or by the signal: no error, nobody closed", async () => {
    await using server = await startWsEcho();
    const cancel = new AbortController();
    const { session, ended } = watch(server.url, { dial: { signal: cancel.signal } });
    await session.connect();
    cancel.abort();
    expect(await ended).toEqual({
      code: 1006,
      reason: "",
      by: undefined,
      clean: false,
      error: undefined,
    });
  });

  test("what was under way is rejected, not forgotten", async () => {
    const server = await startSpeaking(Buffer.alloc(0), (socket) => {
      socket.removeAllListeners("data");
      socket.pause();
    });
    const { session, until, messages } = watch(server.target.url);
    await session.connect();
    const data = Buffer.alloc(1_000_000);
    const outcomes = Promise.allSettled(
      Array.from({ length: 40 }, () => session.send({ data, binary: true })),
    );
    await until(() => messages.length > 0);
    server.sockets[0]!.resetAndDestroy();
    const rejected = (await outcomes).filter(({ status }) => status === "rejected");
    expect(rejected.length).toBeGreaterThan(0);
    for (const outcome of rejected) {
      expect(outcome).toMatchObject({ reason: { code: "WSCTL_ELOST" } });
    }
  });

  test("a ping that is not answered", async () => {
    const server = await startSpeaking(frame(1, "hello"));
    const { session, ended } = watch(server.target.url, { ping: 20 });
    await session.connect();
    const end = await ended;
    expect(end).toMatchObject({ code: 1006, by: undefined, clean: false });
    expect(end.error?.message).toMatch(/did not answer a ping within 20.0 ms/);
    await once(server.sockets[0]!, "close");
  });

  test("pings that are answered keep it open", async () => {
    await using server = await startWsEcho();
    const { session, until } = watch(server.url, { ping: 5 });
    await session.connect();
    await until(() => session.stats.rtt.answered >= 5);
    expect(session.state).toBe("open");
  });
});
