/** Shows what of a session becomes lines of a recording, and that it waits for the recorder. */
import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Backoff } from "../../src/index.js";
import type { RecordedMessage, RecordedUpgrade } from "../../src/recording/recorder-options.js";
import { keepSession } from "../../src/session/keep.js";
import { frame, refusingPort, startRaw, switching } from "../e2e/raw-server.js";
import { startWsEcho } from "../support/servers.js";
import { text, watch, type Watched } from "./parties.js";

type Line = Readonly<Record<string, unknown>>;

/** A recorder that keeps what it is told, and is behind when the test says so. */
class FakeTape extends EventEmitter<{ pressure: [isOn: boolean] }> {
  behind = false;
  readonly lines: Line[] = [];

  upgrade({ request, ...rest }: RecordedUpgrade): void {
    this.lines.push({ k: "upgrade", ...rest, headers: Array.isArray(request) });
  }

  message({ payload, ...rest }: RecordedMessage): void {
    this.lines.push({ k: "message", payload: payload.toString("latin1"), ...rest });
  }

  gap(gap: object): void {
    this.lines.push({ k: "gap", ...gap });
  }

  close(close: object): void {
    this.lines.push({ k: "close", ...close });
  }

  press(isOn: boolean): void {
    this.behind = isOn;
    this.emit("pressure", isOn);
  }

  /** Messages that way, without when they were. */
  messages(direction: "in" | "out"): Line[] {
    return this.lines
      .filter((line) => line["direction"] === direction)
      .map(({ at: _at, k: _k, direction: _direction, ...rest }) => rest);
  }
}

const [plain, none] = [
  { rsv1: false, frags: undefined },
  { code: 1006, reason: "" },
];

describe("what is said", () => {
  test("becomes lines: messages with their frames, pings, pongs and the close", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.once("message", () => {
        socket.send("ab", { fin: false });
        socket.send("cde", { fin: true });
        socket.ping("p");
        socket.send(Buffer.of(1, 2), { binary: true });
      });
      socket.on("pong", () => socket.close(4001, "bye"));
    });
    const { session, ended } = watch(`${server.url}room?x=1`);
    const tape = new FakeTape();
    const begun = performance.now();
    const keeping = keepSession(session, tape);
    expect(keeping.isEmpty).toBe(true);
    await session.connect();
    await session.send(text("hello!", 3));
    await ended;
    expect(tape.lines[0]).toMatchObject({
      k: "upgrade",
      status: 101,
      target: "/room?x=1",
      headers: true,
      response: expect.arrayContaining([["Upgrade", "websocket"]]),
      phases: { dns: 0, tls: 0 },
    });
    expect(tape.messages("out")).toEqual([
      { op: 1, payload: "hello!", wire: 24, rsv1: false, frags: [2, 2, 2] },
      { op: 10, payload: "p" },
    ]);
    expect(tape.messages("in")).toEqual([
      { op: 1, payload: "abcde", wire: 9, rsv1: false, frags: [2, 3] },
      { op: 9, payload: "p" },
      { op: 2, payload: "\u0001\u0002", wire: 4, ...plain },
    ]);
    expect(tape.lines.at(-1)).toEqual({ k: "close", by: "server", code: 4001, reason: "bye" });
    const times = tape.lines.flatMap(({ at }) => (at === undefined ? [] : [Number(at)]));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(begun);
    expect(times.at(-1)).toBeLessThanOrEqual(performance.now());
    expect([keeping.isEmpty, keeping.gaps]).toEqual([false, 0]);
  });

  test("is inflated, and what it was on the wire stands beside it", async () => {
    await using server = await startWsEcho({ ws: { perMessageDeflate: { threshold: 0 } } });
    const { session, received } = watch(server.url, { compression: {} });
    const tape = new FakeTape();
    keepSession(session, tape);
    await session.connect();
    for (let index = 0; index < 20; index++) {
      void session.send(text("x".repeat(1000 + index), index % 3 === 0 ? 2 : 1));
    }
    await received(20);
    const [out, back] = [tape.messages("out"), tape.messages("in")];
    expect([out.length, back.length]).toEqual([20, 20]);
    for (const [index, line] of out.entries()) {
      expect(line).toMatchObject({ payload: "x".repeat(1000 + index), rsv1: true });
      const { frags, wire } = line as { frags?: number[]; wire: number };
      expect(wire).toBeLessThan(100);
      expect(frags?.length).toBe(index % 3 === 0 ? 2 : undefined);
      // Each of the two has a header of six bytes.
      if (frags) expect(frags.reduce((sum, size) => sum + size, 12)).toBe(wire);
    }
  });

  test("is kept from the middle on, the upgrade first, where half a message has passed", async () => {
    let peer: Socket | undefined;
    const { url } = await startRaw({
      upgraded: (socket) => {
        peer = socket;
        socket.write(Buffer.concat([Buffer.of(1, 2), Buffer.from("ab")]));
      },
    });
    const { session, frames, until, received } = watch(url);
    await session.connect();
    await until(() => frames.length === 1);
    const tape = new FakeTape();
    keepSession(session, tape);
    expect(tape.lines).toMatchObject([{ k: "upgrade", status: 101, target: "/" }]);
    const fragments = [Buffer.of(0, 1), Buffer.from("c"), Buffer.of(0x80, 1), Buffer.from("d")];
    peer?.write(Buffer.concat([...fragments, Buffer.of(1, 1), Buffer.from("e"), frame(0, "f")]));
    await received(2);
    expect(tape.messages("in")).toEqual([
      { op: 1, payload: "abcd", wire: 10, ...plain },
      { op: 1, payload: "ef", wire: 6, rsv1: false, frags: [1, 1] },
    ]);
  });
});

describe("connections", () => {
  test("that are lost leave a gap, and attempts that were refused their answer", async () => {
    let dials = 0;
    const { url } = await startRaw({
      answer: (head) =>
        ++dials === 2
          ? "HTTP/1.1 503 Busy\r\nX-A: b\r\nContent-Length: 0\r\n\r\n"
          : switching(head),
      upgraded: (socket) => {
        if (dials === 1) socket.destroy();
        else if (dials === 3) socket.end(frame(8, Buffer.of(0x03, 0xe8)));
      },
    });
    const reconnect = new Backoff({ kind: "fixed", base: 1, attempts: 5 });
    const { session, until } = watch(url, { reconnect });
    const tape = new FakeTape();
    const keeping = keepSession(session, tape);
    await session.connect();
    await until(() => tape.lines.length >= 6);
    session.terminate();
    expect(tape.lines.slice(0, 6)).toMatchObject([
      { k: "upgrade", status: 101 },
      { k: "close", by: "nobody", ...none },
      {
        k: "upgrade",
        status: 503,
        response: [
          ["X-A", "b"],
          ["Content-Length", "0"],
        ],
      },
      { k: "gap", why: "reconnect", attempt: 2, lasted: expect.any(Number) },
      { k: "upgrade", status: 101 },
      { k: "close", by: "server", code: 1000 },
    ]);
    expect(keeping.gaps).toBe(1);
  });

  test("that were closed to be opened again have a gap without an attempt", async () => {
    await using server = await startWsEcho();
    const { session } = watch(server.url);
    const tape = new FakeTape();
    keepSession(session, tape);
    await session.connect();
    await session.reconnect();
    expect(tape.lines).toMatchObject([
      { k: "upgrade" },
      { k: "close", by: "client", code: 1000 },
      { k: "gap", why: "reconnect", attempt: undefined },
      { k: "upgrade" },
    ]);
  });

  test("that were refused, or opened wrongly, are told; those without an answer are not", async () => {
    const refused = await startRaw({
      answer: () => "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
    });
    const invalid = await startRaw({
      answer: (head) => switching(head, "Sec-WebSocket-Protocol: x"),
    });
    const closed = `ws://127.0.0.1:${await refusingPort()}/`;
    const kept = async (url: string): Promise<[boolean, Line[]]> => {
      const { session } = watch(url);
      const tape = new FakeTape();
      const keeping = keepSession(session, tape);
      await session.connect().catch(() => {});
      return [keeping.isEmpty, tape.lines];
    };
    expect(await kept(refused.url)).toMatchObject([
      false,
      [{ k: "upgrade", status: 403, target: "/", headers: true }],
    ]);
    expect(await kept(invalid.url)).toMatchObject([
      false,
      [
        { k: "upgrade", status: 101 },
        { k: "close", by: "nobody", ...none },
      ],
    ]);
    expect(await kept(closed)).toEqual([true, []]);
  });

  test("that are left are closed by the client; nothing more is heard of them", async () => {
    await using server = await startWsEcho();
    const { session, received } = watch(server.url);
    const tape = new FakeTape();
    const keeping = keepSession(session, tape);
    await session.connect();
    tape.press(true);
    keeping.leave();
    void session.send(text("unheard"));
    await received(1);
    await session.close(1000);
    expect(tape.lines).toMatchObject([{ k: "upgrade" }, { k: "close", by: "client", code: 1000 }]);
    expect(tape.listenerCount("pressure")).toBe(0);
  });

  test("that are cut while somebody waits no longer have ended all the same", async () => {
    await using server = await startWsEcho();
    const { session } = watch(server.url);
    const tape = new FakeTape();
    const keeping = keepSession(session, tape);
    await session.connect();
    session.terminate();
    keeping.stop();
    expect(tape.lines.at(-1)).toEqual({ k: "close", by: "nobody", ...none });
  });
});

describe("while the recorder is behind", () => {
  /** Lets the machine do as much as twenty messages there and back take. */
  async function twentyRounds(url: string, meanwhile: () => void): Promise<void> {
    const other = watch(url);
    await other.session.connect();
    for (let index = 0; index < 20; index++) {
      meanwhile();
      await other.session.send(text("x"));
      await other.received(index + 1);
    }
    await other.session.close(1000);
  }

  async function pressed(url: string): Promise<{ watched: Watched; tape: FakeTape }> {
    const watched = watch(url);
    const tape = new FakeTape();
    keepSession(watched.session, tape);
    await watched.session.connect();
    tape.press(true);
    return { watched, tape };
  }

  test("nothing is read and nothing sent, whatever else pauses and resumes", async () => {
    await using server = await startWsEcho();
    await using clock = await startWsEcho();
    const heard: string[] = [];
    const connected = once(server.wss, "connection") as Promise<[WebSocket]>;
    const { watched, tape } = await pressed(server.url);
    const { session, messages, received } = watched;
    const [socket] = await connected;
    socket.removeAllListeners("message");
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    for (let index = 0; index < 5; index++) socket.send(`in ${index}`);
    const sent = Promise.all([session.send(text("out 1")), session.send(text("out 2"))]);
    await twentyRounds(clock.url, () => {
      session.pause();
      session.resume();
    });
    expect([messages, heard]).toEqual([[], []]);
    tape.press(false);
    await sent;
    await received(5);
    await session.close(1000);
    expect(heard).toEqual(["out 1", "out 2"]);
    expect(tape.messages("in")).toHaveLength(5);
  });

  test("a close is answered nevertheless, after what waited to be said", async () => {
    await using server = await startWsEcho();
    const { watched, tape } = await pressed(server.url);
    void watched.session.send(text("last"));
    expect(await watched.session.close(1000)).toMatchObject({ code: 1000, clean: true });
    expect(tape.messages("out")).toMatchObject([{ payload: "last" }]);
    expect(tape.lines.at(-1)).toMatchObject({ k: "close", by: "client", code: 1000 });
  });

  test("a connection that is opened then waits from its first byte on", async () => {
    await using server = await startWsEcho();
    await using clock = await startWsEcho();
    server.wss.on("connection", (socket) => socket.send("welcome"));
    const { session, messages, received } = watch(server.url);
    const tape = new FakeTape();
    tape.behind = true;
    keepSession(session, tape);
    await session.connect();
    await twentyRounds(clock.url, () => {});
    expect(messages).toEqual([]);
    tape.press(false);
    await received(1);
    expect(tape.messages("in")).toMatchObject([{ payload: "welcome" }]);
  });
});
