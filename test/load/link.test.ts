/** Shows what a link makes of what a server says: replies, pings, closes, and broken rules. */
import { describe, expect, test } from "vitest";
import { encodeClosePayload } from "../../src/frame/close.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { ClosedLoop } from "../../src/load/closed-loop.js";
import type { Recorder } from "../../src/metrics/recorder.js";
import { Trend } from "../../src/metrics/trend.js";
import { texts } from "../scenario/flags.js";
import { frame, linkPair, until, type Pair } from "./pair.js";

const goodbye = (code: number): Buffer => frame(8, encodeClosePayload(code));

/** Sends so many messages, intended now. */
function send({ link }: Pair, count = 1): void {
  for (let i = 0; i < count; i++) link.send(performance.now());
  link.flush();
}

/** The series of that name in the next snapshot, by key. */
function series({ rig }: Pair, name: string): Record<string, number> {
  const { counters } = rig.meter.cut(1, 1000, {});
  return Object.fromEntries(Object.entries(counters).filter(([key]) => key.startsWith(name)));
}

describe("a request", () => {
  test("reaches the server masked, and its answer is matched and timed", async () => {
    const pair = await linkPair({ messages: texts("hello", "world") });
    send(pair, 3);
    await until(() => pair.ear.said.length === 3);
    expect(pair.ear.texts()).toEqual(["hello", "world", "hello"]);
    expect(pair.link.ledger.waiting).toBe(3);
    pair.peer.write(Buffer.concat([frame(1, "hello"), frame(1, "world"), frame(1, "hello")]));
    await until(() => pair.link.answered === 3);
    const { counters, trends } = pair.rig.meter.cut(1, 1000, {});
    expect(counters).toEqual({
      ws_msgs_sent: 3,
      ws_msgs_received: 3,
      ws_payload_sent: 15,
      ws_payload_received: 15,
      ws_bytes_sent: 3 * 11,
      ws_bytes_received: 3 * 7,
      ws_msg_expected: 3,
      ws_msg_answered: 3,
    });
    expect(Object.keys(trends).toSorted()).toEqual([
      "ws_msg_rtt",
      "ws_msg_rtt_sent",
      "ws_schedule_lag",
    ]);
    expect(pair.link.ledger.waiting).toBe(0);
  });

  test("is timed from its intended moment on one clock, from its writing on the other", async () => {
    const pair = await linkPair();
    pair.link.send(performance.now() - 60_000);
    pair.link.flush();
    pair.feed(frame(1, "x"));
    const { ws_msg_rtt, ws_msg_rtt_sent, ws_schedule_lag } = pair.rig.meter.times;
    const p50 = (recorder: Recorder): number =>
      Trend.decode(recorder.take().encoded).percentile(50);
    expect(p50(ws_msg_rtt)).toBeGreaterThanOrEqual(60_000);
    expect(p50(ws_schedule_lag)).toBeGreaterThanOrEqual(59_900);
    expect(p50(ws_msg_rtt_sent)).toBeLessThan(30_000);
  });

  test("gets its answer however the bytes are cut", async () => {
    const bytes = Buffer.concat([frame(1, "äöü"), frame(2, Buffer.alloc(300, 7)), frame(1, "")]);
    for (let cut = 0; cut <= bytes.length; cut += cut < 20 || cut > 300 ? 1 : 37) {
      const pair = await linkPair();
      send(pair, 3);
      if (cut > 0) pair.feed(bytes.subarray(0, cut));
      if (cut < bytes.length) pair.feed(bytes.subarray(cut));
      expect([cut, pair.link.answered, pair.rig.meter.hot.ws_bytes_received]).toEqual([
        cut,
        3,
        bytes.length,
      ]);
      pair.wire.destroy();
    }
  });

  test("gets its answer byte by byte", async () => {
    const pair = await linkPair();
    send(pair, 2);
    const bytes = Buffer.concat([frame(1, "a".repeat(200)), frame(2, "b")]);
    for (const byte of bytes) pair.feed(Buffer.of(byte));
    expect(pair.link.answered).toBe(2);
    expect(pair.rig.meter.hot.ws_payload_received).toBe(201);
  });
});

describe("a closed loop", () => {
  test("sends the next request as soon as one is answered, in one write per read", async () => {
    const pair = await linkPair({ inFlight: 3 });
    const loop = new ClosedLoop(3);
    pair.rig.traffic = loop;
    loop.start([undefined, pair.link]);
    await until(() => pair.ear.said.length === 3);
    pair.feed(Buffer.concat([frame(1, "a"), frame(1, "b")]));
    await until(() => pair.ear.said.length === 5);
    expect(pair.link.ledger.waiting).toBe(3);
    pair.link.expire(performance.now() + 1, performance.now());
    await until(() => pair.ear.said.length === 8);
    expect([pair.link.timedOut, pair.link.ledger.waiting]).toEqual([3, 3]);
  });

  test("is not started on links that are not open, and ends with them", async () => {
    const pair = await linkPair({ inFlight: 2 });
    const loop = new ClosedLoop(2);
    pair.rig.traffic = loop;
    pair.link.close(1000);
    loop.start([pair.link]);
    loop.freed(pair.link, 1, performance.now());
    expect(pair.link.rounds).toBe(0);
  });
});

describe("pings", () => {
  test("are answered with their payload, and are no messages", async () => {
    const pair = await linkPair();
    pair.peer.write(Buffer.concat([frame(9, "are you there"), frame(9)]));
    await until(() => pair.ear.said.length === 2);
    expect(pair.ear.said.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [10, "are you there"],
      [10, ""],
    ]);
    expect(pair.rig.meter.hot.ws_msgs_received).toBe(0);
    expect(pair.rig.meter.hot.ws_bytes_sent).toBe(pair.bytes().length);
  });

  test("between the fragments of a reply do not break it", async () => {
    const pair = await linkPair();
    send(pair);
    pair.feed(
      Buffer.concat([
        encodeFrame({ opcode: 1, fin: false }, Buffer.from("ab")),
        frame(9, "p"),
        encodeFrame({ opcode: 0 }, Buffer.from("c")),
      ]),
    );
    expect([pair.link.answered, pair.rig.meter.hot.ws_payload_received]).toEqual([1, 3]);
  });

  test("are not answered after our close frame", async () => {
    const pair = await linkPair();
    pair.link.close(1000);
    pair.feed(frame(9, "late"));
    pair.peer.end();
    await pair.ended();
    expect(pair.ear.said.map(({ opcode }) => opcode)).toEqual([8]);
  });
});

describe("the closing handshake", () => {
  test.each([
    ["1001", goodbye(1001), "03e9"],
    ["3000 with a reason", frame(8, encodeClosePayload(3000, "enough")), "0bb8"],
    ["no code", frame(8), ""],
  ])("by the server with %s is answered with the same code", async (_what, close, echoed) => {
    const pair = await linkPair();
    pair.peer.end(close);
    await pair.ended();
    expect(pair.ear.texts()).toEqual([`8:${echoed}`]);
    const code = echoed === "" ? 1005 : Number.parseInt(echoed, 16);
    expect(series(pair, "ws_close")).toEqual({ [`ws_close{by:server,code:${code}}`]: 1 });
    expect(pair.rig.meter.errors()).toEqual([]);
  });

  test("by the server keeps its code though TCP is reset afterwards", async () => {
    const pair = await linkPair();
    pair.peer.write(goodbye(1001));
    await until(() => pair.ear.said.length === 1);
    pair.peer.resetAndDestroy();
    await pair.ended();
    expect(series(pair, "ws_close")).toEqual({ "ws_close{by:server,code:1001}": 1 });
  });

  test("by us is sent once, and counted as ours", async () => {
    const pair = await linkPair();
    pair.link.close(1000);
    pair.link.close(1000);
    await until(() => pair.ear.said.length === 1);
    pair.peer.end(goodbye(1000));
    await pair.ended();
    expect(pair.ear.texts()).toEqual(["8:03e8"]);
    expect(series(pair, "ws_close")).toEqual({ "ws_close{by:client,code:1000}": 1 });
  });

  test("puts nothing after the close frame, and loses nothing that was made due before it", async () => {
    const pair = await linkPair({ inFlight: 1, messages: texts("next") });
    pair.rig.traffic = new ClosedLoop(1);
    send(pair);
    // The reply frees a place, so that a request is due in the very read that brings the close.
    pair.feed(Buffer.concat([frame(1, "reply"), goodbye(1000)]));
    pair.peer.end();
    await pair.ended();
    expect(pair.ear.texts()).toEqual(["next", "next", "8:03e8"]);
    expect(pair.fleet.off).toBe(0);
    const { hot } = pair.rig.meter;
    expect([hot.ws_msg_expected, hot.ws_msg_answered, hot.ws_msg_disconnected]).toEqual([2, 1, 1]);
  });
});
