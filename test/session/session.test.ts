/** A session against servers of `ws`: what is said, shown and counted on one connection. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Opcode } from "../../src/frame/opcode.js";
import { makeCertificates } from "../support/certificates.js";
import { requirePythonWebsockets, startPythonEcho } from "../support/python-echo.js";
import { startWsEcho } from "../support/servers.js";
import { rejection, startRaw, switching } from "../dial/raw-server.js";
import { text, watch } from "./parties.js";

const deflate = { perMessageDeflate: { threshold: 0 } };

describe("messages", () => {
  test("go out and come back, with what they were on the wire", async () => {
    await using server = await startWsEcho();
    const { session, messages, received, log, ended } = watch(server.url);
    const upgrade = await session.connect();
    expect(upgrade.response.status).toBe(101);
    expect(session.upgrade).toBe(upgrade);
    await session.send(text("hello"));
    await session.send({ data: Buffer.from([0, 255]), binary: true });
    await received(2);
    expect(messages.map(({ direction, number, binary }) => [direction, number, binary])).toEqual(
      expect.arrayContaining([
        ["out", 1, false],
        ["in", expect.any(Number), true],
      ]),
    );
    const [out, back] = [messages[0]!, messages.find(({ direction }) => direction === "in")!];
    expect(out).toMatchObject({ wire: 11, frames: 1, compressed: false });
    expect(back).toMatchObject({ wire: 7, frames: 1, compressed: false, binary: false });
    expect(back.data.toString()).toBe("hello");
    expect(back.at).toBeGreaterThanOrEqual(out.at);
    expect(messages.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    const end = await session.close(1000, "bye");
    expect(end).toEqual({ code: 1000, reason: "bye", by: "us", clean: true, error: undefined });
    expect(await ended).toBe(end);
    expect(log).toEqual(["connecting", "open", "open!", "closing", "closed", "end"]);
    expect(session.stats.sent).toMatchObject({ messages: 2, bytes: 7, frames: 3 });
    expect(session.stats.received).toMatchObject({ messages: 2, bytes: 7, frames: 3 });
  });

  test("in fragments, both ways", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (peer) => {
      peer.send("one ", { fin: false });
      peer.send("two ", { fin: false });
      peer.ping("between");
      peer.send("three", { fin: true });
    });
    const { session, messages, received, frames, until } = watch(server.url);
    await session.connect();
    await received(1);
    expect(messages[0]).toMatchObject({ frames: 3, wire: 4 + 2 + 4 + 2 + 5 + 2 });
    expect(messages[0]!.data.toString()).toBe("one two three");
    await session.send(text("äöü€", 5));
    await session.send(text("", 3));
    await until(() => messages.filter(({ direction }) => direction === "in").length === 3);
    const sent = messages.filter(({ direction }) => direction === "out");
    expect(sent.map((message) => message.frames)).toEqual([5, 3]);
    expect(messages.at(-2)!.data.toString()).toBe("äöü€");
    const out = frames.filter(({ direction, control }) => direction === "out" && !control);
    expect(out.map(({ opcode, fin, masked }) => [opcode, fin, masked])).toEqual([
      [Opcode.text, false, true],
      ...[1, 2, 3].map(() => [Opcode.continuation, false, true]),
      [Opcode.continuation, true, true],
      [Opcode.text, false, true],
      [Opcode.continuation, false, true],
      [Opcode.continuation, true, true],
    ]);
    const pong = frames.find(({ direction, opcode }) => direction === "out" && opcode === 10);
    expect(pong?.control?.toString()).toBe("between");
  });

  test.each([0, -1, 1.5, 1e9])("cannot have %d fragments", async (fragments) => {
    const { session } = watch("ws://127.0.0.1:1/");
    const error = await rejection(session.send(text("x", fragments)));
    expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
  });

  test("compressed: frames show RSV1, messages their size before and on the wire", async () => {
    await using server = await startWsEcho({ ws: deflate });
    const { session, messages, frames, received } = watch(server.url, {
      compression: { clientMaxWindowBits: true },
    });
    await session.connect();
    expect(session.extensions).toMatch(/^permessage-deflate/);
    const data = "all work and no play ".repeat(500);
    await session.send(text(data, 3));
    const [back] = await received(1);
    expect(back!.data.toString()).toBe(data);
    expect(messages.map(({ compressed }) => compressed)).toEqual([true, true]);
    for (const { wire, data: inflated } of messages) expect(wire).toBeLessThan(inflated.length / 5);
    expect(frames.slice(0, 3).map(({ rsv }) => rsv)).toEqual([4, 0, 0]);
    expect(session.stats.received.compression).toBeLessThan(0.2);
    expect(session.stats.received.wire).toBe(back!.wire);
  });

  test.each([
    [{ serverNoContextTakeover: true, clientNoContextTakeover: true }, /no_context_takeover/],
    [{ serverMaxWindowBits: 9, clientMaxWindowBits: 9 as const }, /server_max_window_bits=9/],
  ])("compressed as %j asks", async (compression, agreed) => {
    await using server = await startWsEcho({ ws: deflate });
    const { session, received } = watch(server.url, { compression });
    await session.connect();
    expect(session.extensions).toMatch(agreed);
    const data = "all work and no play ".repeat(100);
    for (let round = 0; round < 3; round++) await session.send(text(data));
    for (const message of await received(3)) expect(message.data.toString()).toBe(data);
  });

  test("are not compressed where the server does not agree", async () => {
    await using server = await startWsEcho();
    const { session, messages, received } = watch(server.url, { compression: {} });
    await session.connect();
    expect(session.extensions).toBeUndefined();
    await session.send(text("plain"));
    await received(1);
    expect(messages.map(({ compressed }) => compressed)).toEqual([false, false]);
  });

  test("wait for the connection, the preamble before them", async () => {
    await using server = await startWsEcho();
    const { session, received } = watch(server.url, { preamble: [text("login"), text("join")] });
    const sent = Promise.all([session.send(text("one")), session.send(text("two"))]);
    await session.connect();
    await sent;
    const all = await received(4);
    expect(all.map(({ data }) => data.toString())).toEqual(["login", "join", "one", "two"]);
  });

  test("all go before the close, and none after it", async () => {
    await using server = await startWsEcho();
    const { session, messages } = watch(server.url);
    await session.connect();
    const size = 300_000;
    const sends = Array.from({ length: 20 }, () =>
      session.send({ data: Buffer.alloc(size), binary: true }),
    );
    const end = session.close(1000);
    const late = rejection(session.send(text("late")));
    await Promise.all(sends);
    expect(await late).toMatchObject({ code: "WSCTL_ELOST" });
    expect((await end).clean).toBe(true);
    expect(messages.filter(({ direction }) => direction === "out")).toHaveLength(20);
  });

  test("64 MiB pass with bounded memory", async () => {
    await using server = await startWsEcho();
    const { session } = watch(server.url);
    session.removeAllListeners("message");
    const total = 64 * 1024 * 1024;
    let back = 0;
    const allBack = new Promise<void>((resolve) => {
      session.on("message", ({ direction, data }) => {
        if (direction === "out") return;
        back += data.length;
        if (back === total) resolve();
      });
    });
    await session.connect();
    const data = Buffer.alloc(256 * 1024, 7);
    const before = process.memoryUsage().rss;
    let most = 0;
    for (let sent = 0; sent < total; sent += data.length) {
      await session.send({ data, binary: true });
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    await allBack;
    expect((await session.close(1000)).clean).toBe(true);
    expect(session.stats.sent).toMatchObject({ messages: 256, bytes: total });
    // The echo server lives in this process as well, and so does what it has not read yet.
    expect(most).toBeLessThan(200 * 1024 * 1024);
  });

  test("are held up by a pause, and all come after it", async () => {
    await using server = await startWsEcho();
    const peer = once(server.wss, "connection") as Promise<[WebSocket]>;
    const { session, received, messages } = watch(server.url);
    session.pause();
    await session.connect();
    const [socket] = await peer;
    const data = Buffer.alloc(64 * 1024);
    for (let index = 0; index < 400; index++) socket.send(data);
    // Round trips of another session: time enough for what could come, to come.
    const other = watch(server.url);
    await other.session.connect();
    for (let index = 0; index < 20; index++) {
      await other.session.send(text("x"));
      await other.received(index + 1);
    }
    expect(messages).toEqual([]);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    session.resume();
    const all = await received(400);
    expect(all.every((message) => message.data.equals(data))).toBe(true);
  });
});

describe("a listener that answers", () => {
  test("is heard of after what it answers, by listeners before and after it", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (peer) => peer.send("question"));
    const { session } = watch(server.url);
    const told: string[][] = [[], []];
    const tellInto = (list: string[]): void => {
      session.on("message", ({ number, direction, data }) => {
        list.push(`${number} ${direction} ${data.toString()}`);
      });
      session.on("frame", ({ direction }) => list.push(`frame ${direction}`));
    };
    tellInto(told[0]!);
    session.on("message", ({ data, direction }) => {
      if (direction === "in" && data.toString() === "question") void session.send(text("answer"));
    });
    tellInto(told[1]!);
    await session.connect();
    const right = [
      "frame in",
      "1 in question",
      "frame out",
      "2 out answer",
      "frame in",
      "3 in answer",
    ];
    await expect.poll(() => told).toEqual([right, right]);
    await session.close();
  });
});

describe("control frames", () => {
  test("pings are timed, and pongs of the server's pings go out", async () => {
    await using server = await startWsEcho();
    const { session, log, until } = watch(server.url);
    await session.connect();
    await session.ping();
    await session.ping(Buffer.from("two"));
    await until(() => session.stats.rtt.answered === 2);
    expect(session.stats.pings).toBe(2);
    expect(session.stats.rtt.mean).toBeGreaterThanOrEqual(session.stats.rtt.min!);
    expect(session.stats.rtt.max).toBeGreaterThanOrEqual(session.stats.rtt.mean!);
    expect(log).toContain("rtt");
    await session.pong(Buffer.from("for nothing"));
    const long = Buffer.alloc(126);
    expect(await rejection(session.ping(long))).toMatchObject({ code: "WSCTL_EUSAGE" });
    await session.close(1000);
    expect(await rejection(session.ping())).toMatchObject({ code: "WSCTL_EUSAGE" });
  });

  test("a flood of pings in one read is answered, the latest at least, and cuts nothing", async () => {
    await using server = await startWsEcho();
    const { session, frames, until } = watch(server.url);
    server.wss.on("connection", (peer) => {
      for (let index = 1; index <= 500; index++) peer.ping(String(index));
    });
    await session.connect();
    const pongs = () => frames.filter(({ direction }) => direction === "out");
    await until(() => pongs().some(({ control }) => control?.toString() === "500"));
    expect(session.state).toBe("open");
  });
});

describe("auto replies", () => {
  test("answer what matches", async () => {
    await using server = await startWsEcho();
    const heard: string[] = [];
    server.wss.on("connection", (peer) => {
      peer.removeAllListeners("message");
      peer.on("message", (data: Buffer) => {
        heard.push(data.toString());
        if (heard.length === 2) peer.close(4000);
      });
      peer.send("nothing");
      peer.send('{"op":"ping"}');
      peer.ping("p");
    });
    const { session, ended } = watch(server.url, {
      autoReplies: [
        { match: { json: "$.op", equals: "ping" }, send: text("pong") },
        { match: { opcode: "ping" }, send: text("control") },
      ],
    });
    await session.connect();
    expect(await ended).toMatchObject({ code: 4000, by: "them", clean: true });
    expect(heard).toEqual(expect.arrayContaining(["pong", "control"]));
  });
});

describe("the request on the wire", () => {
  test("is just as it was given: order, case, duplicates", async () => {
    const server = await startRaw({ answer: (socket, head) => socket.write(switching(head)) });
    const { session } = watch(server.target.url, {
      compression: { clientMaxWindowBits: true },
      dial: {
        request: {
          headers: [
            ["x-DUP", "1"],
            ["hOST", "example.org"],
            ["X-dup", "2"],
          ],
          subprotocols: ["chat"],
          key: "dGhlIHNhbXBsZSBub25jZQ==",
        },
      },
    });
    const upgrade = await session.connect();
    expect(server.heads).toEqual([
      [
        "GET /chat?a=b HTTP/1.1",
        "hOST: example.org",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: chat",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "x-DUP: 1",
        "X-dup: 2",
        "",
        "",
      ].join("\r\n"),
    ]);
    expect(upgrade.request.bytes.toString("latin1")).toBe(server.heads[0]);
    // Asked for and not chosen is right by RFC 6455 §4.1.
    expect(session.subprotocol).toBeUndefined();
  });
});

test("over TLS", async () => {
  const { server: certificate, ca } = await makeCertificates();
  await using server = await startWsEcho({ tls: certificate });
  const { session, received } = watch(server.url, { dial: { tls: { ca: ca.cert } } });
  const { tls, phases } = await session.connect();
  expect(tls?.authorized).toBe(true);
  expect(phases.tls).toBeGreaterThan(0);
  const data = Buffer.alloc(300_000, "x");
  await session.send({ data, binary: true });
  expect((await received(1))[0]!.data.equals(data)).toBe(true);
  expect((await session.close(1000)).clean).toBe(true);
});

test.runIf(requirePythonWebsockets())("with Python's websockets as the peer", async () => {
  await using server = await startPythonEcho();
  const { session, received, until } = watch(server.url, { compression: {} });
  await session.connect();
  expect(session.extensions).toContain("permessage-deflate");
  await session.send(text("grüße ".repeat(1000), 7));
  await session.send({ data: Buffer.from([1, 2, 3]), binary: true });
  await session.ping();
  const [first, second] = await received(2);
  expect(first!.data.toString()).toBe("grüße ".repeat(1000));
  expect(first!.compressed).toBe(true);
  expect(second).toMatchObject({ binary: true });
  await until(() => session.stats.rtt.answered === 1);
  expect(await session.close(1000)).toMatchObject({ code: 1000, by: "us", clean: true });
});

test("a session is opened once at a time", async () => {
  await using server = await startWsEcho();
  const { session } = watch(server.url);
  expect(session.state).toBe("closed");
  await session.connect();
  expect(await rejection(session.connect())).toMatchObject({ code: "WSCTL_EUSAGE" });
  await session.close(1000);
  await session.connect();
  expect(session.state).toBe("open");
});
