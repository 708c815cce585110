/** Shows what becomes of requests when a server is late, silent, rude or gone; and that it adds up. */
import { describe, expect, test } from "vitest";
import { encodeClosePayload } from "../../src/frame/close.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { ClosedLoop } from "../../src/load/closed-loop.js";
import { noTraffic } from "../../src/load/rig.js";
import { texts, usualFlags } from "../scenario/flags.js";
import { frame, linkPair, until, type Pair } from "./pair.js";

function send({ link }: Pair, count = 1): void {
  for (let i = 0; i < count; i++) link.send(performance.now());
  link.flush();
}

function closes({ rig }: Pair): string[] {
  return Object.keys(rig.meter.cut(1, 1000, {}).counters).filter((key) =>
    key.startsWith("ws_close"),
  );
}

/** A moment later than everything written so far. */
const afterAll = (): number => performance.now() + 1;

describe("a broken rule", () => {
  test.each<[string, Buffer, string]>([
    ["a masked frame", encodeFrame({ opcode: 1, mask: 7 }, Buffer.from("x")), "1002"],
    ["a reserved bit", encodeFrame({ opcode: 1, rsv: 4 }, Buffer.from("x")), "1002"],
    ["a reserved opcode", encodeFrame({ opcode: 3 }, Buffer.from("x")), "1002"],
    ["text that is not UTF-8", encodeFrame({ opcode: 1 }, Buffer.of(0xff)), "1007"],
    ["a message beyond the limit", encodeFrame({ opcode: 2 }, Buffer.alloc(101)), "1009"],
    ["a close frame with half a code", encodeFrame({ opcode: 8 }, Buffer.of(3)), "1002"],
  ])(
    "%s is answered with its code, counted, and ends the connection",
    async (_what, bytes, code) => {
      const pair = await linkPair({ connection: { ...usualFlags.connection, maxPayload: "100" } });
      send(pair, 2);
      pair.peer.write(bytes);
      await pair.ended();
      await until(() => pair.ear.said.length === 3);
      expect(pair.link.open).toBe(false);
      expect(pair.ear.said.at(-1)!.payload).toEqual(encodeClosePayload(Number(code)));
      expect(closes(pair)).toEqual([`ws_close{by:client,code:${code}}`]);
      expect(pair.rig.meter.errors()).toMatchObject([{ what: "protocol violation", count: 1 }]);
      expect(pair.fleet.off).toBe(0);
    },
  );

  test("behind a reply that made more due: all of it leaves before the close frame", async () => {
    const pair = await linkPair({ messages: texts("next") });
    pair.rig.traffic = new ClosedLoop(1);
    send(pair);
    pair.feed(Buffer.concat([frame(1, "reply"), frame(3)]));
    await pair.ended();
    // That our end is gone does not mean that the other has read everything yet.
    await until(() => pair.ear.said.length === 3);
    expect(pair.ear.texts()).toEqual(["next", "next", "8:03ea"]);
    expect(closes(pair)).toEqual(["ws_close{by:client,code:1002}"]);
    expect([pair.link.expected, pair.link.answered, pair.fleet.off]).toEqual([2, 1, 0]);
  });

  test("is followed by nothing: what comes after it is not read", async () => {
    const pair = await linkPair();
    send(pair, 3);
    pair.feed(Buffer.concat([frame(1, "a"), frame(3), frame(1, "b")]));
    pair.feed(frame(1, "c"));
    expect(pair.link.answered).toBe(1);
    await pair.ended();
    expect(closes(pair)).toHaveLength(1);
  });
});

describe("a connection that breaks", () => {
  test.each<[string, (pair: Pair) => void, string]>([
    ["reset", ({ peer }) => peer.resetAndDestroy(), "ECONNRESET"],
    ["closed without a close frame", ({ peer }) => peer.end(), "fin"],
  ])("%s is 1006 with its cause, and its requests are disconnected", async (_what, cut, cause) => {
    const pair = await linkPair();
    send(pair, 3);
    await until(() => pair.ear.said.length === 3);
    cut(pair);
    await pair.ended();
    expect(pair.link.open).toBe(false);
    expect(pair.rig.meter.hot).toMatchObject({ ws_msg_expected: 3, ws_msg_disconnected: 3 });
    expect(closes(pair)).toEqual([`ws_close{by:server,cause:${cause},code:1006}`]);
    expect(pair.rig.meter.errors()).toHaveLength(1);
    expect([pair.rig.meter.open, pair.fleet.off]).toEqual([0, 0]);
  });

  test("after our close frame, without the server's own, is 1006 as well", async () => {
    const pair = await linkPair();
    pair.link.close(1000);
    await until(() => pair.ear.said.length === 1);
    pair.peer.end();
    await pair.ended();
    expect(closes(pair)).toEqual(["ws_close{by:client,cause:fin,code:1006}"]);
    expect(pair.rig.meter.errors()).toMatchObject([{ what: "connection broken (1006)", count: 1 }]);
  });

  test.each([
    ["a bare FIN", ({ peer }: Pair) => void peer.end()],
    ["a reset", ({ peer }: Pair) => void peer.resetAndDestroy()],
  ])("by %s keeps the code of a server that sent one", async (_what, cut) => {
    const pair = await linkPair();
    pair.peer.write(frame(8, encodeClosePayload(4001)));
    await until(() => pair.ear.said.length === 1);
    cut(pair);
    await pair.ended();
    expect(closes(pair)).toEqual(["ws_close{by:server,code:4001}"]);
    expect(pair.rig.meter.errors()).toEqual([]);
  });

  test("in the middle of a reply does not count the reply", async () => {
    const pair = await linkPair();
    send(pair);
    pair.peer.end(frame(1, "a whole reply").subarray(0, 6));
    await pair.ended();
    const { hot } = pair.rig.meter;
    expect([hot.ws_msgs_received, hot.ws_msg_answered, hot.ws_msg_disconnected]).toEqual([0, 0, 1]);
  });
});

describe("time running out", () => {
  test("a request is given up once, and its answer is late, not an answer to the next", async () => {
    const pair = await linkPair();
    send(pair, 2);
    pair.link.expire(performance.now() - 10_000, performance.now());
    expect(pair.link.timedOut).toBe(0);
    pair.link.expire(afterAll(), performance.now());
    pair.link.expire(afterAll(), performance.now());
    expect([pair.link.timedOut, pair.link.ledger.waiting]).toEqual([2, 0]);
    send(pair);
    pair.feed(Buffer.concat([frame(1, "late"), frame(1, "late"), frame(1, "in time")]));
    expect(pair.rig.meter.hot).toMatchObject({
      ws_msg_expected: 3,
      ws_msg_timeout: 2,
      ws_msg_late: 2,
      ws_msg_answered: 1,
      ws_msg_unmatched: 0,
    });
  });

  test("what a server says unasked is unmatched", async () => {
    const pair = await linkPair();
    pair.feed(frame(1, "news"));
    send(pair);
    pair.feed(Buffer.concat([frame(1, "reply"), frame(1, "more news")]));
    const { hot } = pair.rig.meter;
    expect([hot.ws_msg_unmatched, hot.ws_msg_answered, hot.ws_msgs_received]).toEqual([2, 1, 3]);
  });

  test("without correlation nothing is expected, and lateness is told all the same", async () => {
    const pair = await linkPair({ rate: "1", correlate: "none" });
    send(pair, 2);
    pair.feed(frame(1, "whatever"));
    const { counters, trends } = pair.rig.meter.cut(1, 1000, {});
    expect(counters).toMatchObject({ ws_msgs_sent: 2, ws_msgs_received: 1 });
    expect(counters["ws_msg_expected"]).toBeUndefined();
    expect(Object.keys(trends)).toEqual(["ws_schedule_lag"]);
  });
});

test("first messages are sent once, in order, and expect no reply", async () => {
  const pair = await linkPair({ firstMessages: texts("join", "sub"), messages: texts("x") });
  pair.link.sendFirst();
  send(pair);
  await until(() => pair.ear.said.length === 3);
  expect(pair.ear.texts()).toEqual(["join", "sub", "x"]);
  expect([pair.link.expected, pair.link.rounds]).toEqual([1, 1]);
  expect(pair.rig.meter.hot).toMatchObject({ ws_msgs_sent: 3, ws_payload_sent: 8 });
  expect(pair.rig.meter.hot.ws_bytes_sent).toBe(pair.bytes().length);
});

test("a server that stops reading blocks its link, which says when it may be written to again", async () => {
  const pair = await linkPair({ messages: texts("x".repeat(50_000)) });
  const unblocked: boolean[] = [];
  pair.rig.traffic = {
    ...noTraffic,
    unblocked: (link) => unblocked.push(link.blocked),
  };
  pair.peer.pause();
  for (let i = 0; i < 2000 && !pair.link.blocked; i++) {
    send(pair);
    await new Promise(setImmediate);
  }
  expect(pair.link.blocked).toBe(true);
  expect(pair.rig.meter.backpressure).toBeGreaterThan(0);
  expect(unblocked).toEqual([]);
  pair.peer.resume();
  await until(() => unblocked.length > 0);
  expect(unblocked).toEqual([false]);
  await until(() => pair.ear.said.length === pair.link.rounds);
  expect(new Set(pair.ear.texts()).size).toBe(1);
});

test("pongs to a server that pings and never reads do not pile up", async () => {
  const pair = await linkPair();
  pair.peer.pause();
  const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(9, "p".repeat(125))));
  // Far more than what the kernel holds for both ends: 32 MB of pings, and as much in pongs.
  for (let i = 0; i < 500; i++) {
    pair.feed(pings);
    if (i % 20 === 0) await new Promise(setImmediate);
  }
  expect(pair.wire.socket.writableNeedDrain).toBe(true);
  expect(pair.wire.socket.writableLength).toBeLessThan(1024 * 1024);
  // Once it reads, it is answered again.
  pair.peer.resume();
  await until(() => !pair.wire.socket.writableNeedDrain);
  pair.feed(frame(9, "again"));
  await until(() => pair.ear.said.at(-1)?.payload.toString() === "again");
  expect(pair.rig.meter.hot.ws_bytes_sent).toBe(pair.bytes().length);
});

describe("a fleet", () => {
  test("counts what is still unanswered at the end as in flight, and answers to it as no more", async () => {
    const pair = await linkPair();
    send(pair, 5);
    pair.feed(Buffer.concat([frame(1, "1"), frame(1, "2")]));
    expect([pair.fleet.open, pair.fleet.waiting]).toEqual([1, true]);
    const closed = pair.fleet.close(5000);
    await until(() => pair.ear.said.length === 6);
    pair.peer.end(Buffer.concat([frame(1, "3"), frame(8, encodeClosePayload(1000))]));
    await closed;
    expect(pair.rig.meter.hot).toMatchObject({
      ws_msg_expected: 5,
      ws_msg_answered: 2,
      ws_msg_in_flight: 3,
      ws_msg_disconnected: 0,
      ws_msg_unmatched: 0,
      ws_msgs_received: 3,
    });
    expect([pair.fleet.off, pair.fleet.open, pair.fleet.waiting]).toEqual([0, 0, false]);
  });

  test("resets who does not close, and does not wait longer than it has to", async () => {
    const pair = await linkPair();
    await pair.fleet.close(1);
    await pair.ended();
    expect([pair.rig.meter.open, pair.wire.closed]).toEqual([0, true]);
    // That nobody answered our close frame is told.
    expect(closes(pair)).toEqual(["ws_close{by:client,cause:timeout,code:1006}"]);
  });

  test("knows of what was answered that it was taken, of the rest not", async () => {
    const pair = await linkPair();
    send(pair, 5);
    pair.feed(Buffer.concat([frame(1, "1"), frame(1, "2")]));
    await pair.fleet.close(1);
    await pair.ended();
    const { counters } = pair.rig.meter.cut(1, 1000, {});
    expect(counters["ws_msg_unconfirmed{by:client,cause:timeout}"]).toBe(3);
  });

  test.each([
    ["has patience with a queue: who reads it at last has had everything", 10_000],
    ["tells what was queued behind one that is never read", 20],
  ])("%s", async (_what, patience) => {
    const pair = await linkPair({ messages: texts("x".repeat(50_000)) });
    pair.peer.pause();
    for (let i = 0; i < 2000 && !pair.link.blocked; i++) {
      send(pair);
      await new Promise(setImmediate);
    }
    expect(pair.link.blocked).toBe(true);
    const closed = pair.fleet.close(1, patience);
    expect(pair.link.backedUp).toBe(true);
    if (patience > 1000) {
      setTimeout(() => pair.peer.resume(), 50);
      await until(() => pair.ear.said.some(({ opcode }) => opcode === 8));
      pair.peer.end(frame(8, encodeClosePayload(1000)));
    }
    await closed;
    await pair.ended();
    const { counters } = pair.rig.meter.cut(1, 1000, {});
    const cut = counters["ws_msg_unconfirmed{by:client,cause:backlog}"];
    expect(cut).toBe(patience > 1000 ? undefined : pair.link.rounds);
    if (patience > 1000) {
      expect(pair.ear.said.filter(({ opcode }) => opcode !== 8)).toHaveLength(pair.link.rounds);
    }
  });

  test.each([
    ["a full queue", 50_000, "backlog"],
    ["an empty one", 10, "ECONNRESET"],
  ])("of a server that resets: %s is told", async (_what, size, cause) => {
    const pair = await linkPair({ messages: texts("x".repeat(size)) });
    if (cause === "backlog") pair.peer.pause();
    for (let i = 0; i < 2000 && !pair.link.blocked; i++) {
      send(pair);
      await new Promise(setImmediate);
      if (cause !== "backlog") break;
    }
    expect(pair.link.blocked).toBe(cause === "backlog");
    pair.peer.resetAndDestroy();
    await pair.ended();
    const { counters } = pair.rig.meter.cut(1, 1000, {});
    expect(counters[`ws_msg_unconfirmed{by:server,cause:${cause}}`]).toBe(pair.link.rounds);
  });

  test("sees when a connection's own sum does not add up", async () => {
    const pair = await linkPair();
    send(pair, 2);
    pair.link.answered++;
    await pair.fleet.close(1);
    expect(pair.fleet.off).toBe(1);
  });

  test("without connections is closed at once", async () => {
    const pair = await linkPair();
    pair.peer.end();
    await pair.ended();
    await pair.fleet.close(60_000);
    expect(pair.fleet.open).toBe(0);
  });
});
