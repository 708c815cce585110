/** Shows when the n-th reply is still taken for the answer to the n-th send, and when no longer. */
import { describe, expect, test } from "vitest";
import { ClosedLoop } from "../../src/load/closed-loop.js";
import type { Recorder } from "../../src/metrics/recorder.js";
import { Trend } from "../../src/metrics/trend.js";
import { frame, linkPair, type Pair } from "./pair.js";

function send({ link }: Pair, count = 1): void {
  for (let i = 0; i < count; i++) link.send(performance.now());
  link.flush();
}

function hear({ feed }: Pair, count = 1): void {
  for (let i = 0; i < count; i++) feed(frame(1, "reply"));
}

/** Gives up on everything that waits, as if it were so much later. */
function expire({ link }: Pair, later = 0): void {
  const now = performance.now() + later;
  link.expire(now + 1, now);
}

function lost({ link, fleet }: Pair): boolean {
  expect(fleet.pairingLost).toBe(link.pairingLost ? 1 : 0);
  return link.pairingLost;
}

describe("pairing holds", () => {
  test("as long as one reply comes for each request", async () => {
    const pair = await linkPair();
    send(pair, 5);
    hear(pair, 3);
    expect(lost(pair)).toBe(false);
    hear(pair, 2);
    expect(lost(pair)).toBe(false);
  });

  test("through greetings before traffic", async () => {
    const pair = await linkPair();
    hear(pair, 2);
    send(pair, 2);
    hear(pair, 2);
    expect(pair.rig.meter.hot).toMatchObject({ ws_msg_unmatched: 2, ws_msg_answered: 2 });
    expect(lost(pair)).toBe(false);
  });

  test("with a server that stalled, once it has caught up", async () => {
    const pair = await linkPair();
    send(pair, 3);
    expire(pair);
    send(pair);
    hear(pair, 3);
    expect(pair.rig.meter.hot).toMatchObject({ ws_msg_late: 3, ws_msg_answered: 0 });
    hear(pair);
    expect(pair.link.answered).toBe(1);
    expect(lost(pair)).toBe(false);
  });

  test("with a server that says nothing at all: nothing was taken for another's", async () => {
    const pair = await linkPair();
    for (let i = 0; i < 3; i++) {
      send(pair);
      expire(pair);
    }
    expect(pair.link.timedOut).toBe(3);
    expect(lost(pair)).toBe(false);
  });

  test("where nothing is paired", async () => {
    const pair = await linkPair({ rate: "1", correlate: "none" });
    send(pair);
    hear(pair, 3);
    expect(lost(pair)).toBe(false);
  });

  test("whatever comes after our close frame", async () => {
    const pair = await linkPair();
    send(pair);
    void pair.fleet.close(50);
    hear(pair, 3);
    expect(lost(pair)).toBe(false);
    await pair.ended();
  });
});

describe("pairing is lost", () => {
  test("when a request is answered thrice", async () => {
    const pair = await linkPair();
    pair.rig.traffic = new ClosedLoop(1);
    send(pair);
    hear(pair);
    expect(lost(pair)).toBe(false);
    // The second reply is for the next request already, the third comes before it is even written.
    pair.feed(Buffer.concat([frame(1, "b"), frame(1, "c")]));
    expect(lost(pair)).toBe(true);
  });

  test("when something comes unasked in the midst of traffic", async () => {
    const pair = await linkPair();
    send(pair);
    hear(pair, 2);
    expect(pair.rig.meter.hot.ws_msg_unmatched).toBe(1);
    expect(lost(pair)).toBe(true);
    // For good: it cannot be known any more which reply is whose.
    send(pair);
    hear(pair);
    expect(lost(pair)).toBe(true);
  });

  test("when one reply was dropped, so that each that follows is late for the one before", async () => {
    const pair = await linkPair();
    send(pair);
    expire(pair);
    expect(lost(pair)).toBe(false);
    for (let i = 0; i < 3; i++) {
      send(pair);
      hear(pair);
      expire(pair);
    }
    expect(pair.rig.meter.hot).toMatchObject({ ws_msg_late: 3, ws_msg_answered: 0 });
    expect(lost(pair)).toBe(true);
  });
});

describe("a request that timed out", () => {
  const of = (recorder: Recorder): Trend => Trend.decode(recorder.take().encoded);

  test("enters both distributions with the time it waited, on their clocks", async () => {
    const pair = await linkPair();
    const { ws_msg_rtt, ws_msg_rtt_sent } = pair.rig.meter.times;
    pair.link.send(performance.now() - 60_000);
    pair.link.flush();
    send(pair);
    expire(pair, 300_000);
    const [felt, served] = [of(ws_msg_rtt), of(ws_msg_rtt_sent)];
    expect([felt.count, served.count]).toEqual([2, 2]);
    expect(felt.percentile(0)).toBeGreaterThanOrEqual(299_500);
    expect(felt.percentile(100)).toBeGreaterThanOrEqual(359_500);
    expect(served.percentile(0)).toBeGreaterThanOrEqual(299_500);
    expect(served.percentile(100)).toBeLessThan(330_000);
  });

  test("is not counted again when its answer comes late", async () => {
    const pair = await linkPair();
    send(pair, 2);
    expire(pair);
    hear(pair, 2);
    expect(of(pair.rig.meter.times.ws_msg_rtt).count).toBe(2);
    expect(of(pair.rig.meter.times.ws_msg_rtt_sent).count).toBe(2);
  });
});

test("without correlation each send's lateness is told as it leaves, and nothing piles up", async () => {
  const pair = await linkPair({ rate: "1", correlate: "none" });
  for (let i = 0; i < 3; i++) {
    pair.link.send(performance.now() - 60_000);
    pair.link.send(performance.now() - 60_000);
    pair.link.flush();
    expect(pair.link.ledger.waiting).toBe(0);
  }
  const lag = Trend.decode(pair.rig.meter.times.ws_schedule_lag.take().encoded);
  expect(lag.count).toBe(6);
  expect(lag.percentile(0)).toBeGreaterThanOrEqual(59_900);
  expire(pair);
  expect([pair.link.timedOut, pair.link.expected]).toEqual([0, 0]);
});
