/** Shows what the ledger makes of stamps that came damaged, and of more streams than it can follow. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  autoReplyStamps,
  Deliveries,
  type StampReceiver,
} from "../../../src/load/flow/deliveries.js";
import { Incoming } from "../../../src/load/flow/incoming.js";
import { Meter } from "../../../src/load/meter.js";
import { stampLength, writeStamp } from "../../../src/message/stamp.js";
import { Accumulator } from "../../../src/metrics/accumulator.js";
import { measure } from "../../../src/metrics/measure.js";
import { parseMetricSelector } from "../../../src/metrics/metric-selector.js";
import { parseThreshold } from "../../../src/metrics/threshold.js";

const run = 7;

/** A ledger that follows so many streams, and one user who listens. */
function ledger(mostStreams: number, byStamp = false) {
  const meter = new Meter(0);
  const scope = meter.scenario("main");
  const facts = { run, users: 100, offset: 0, byStamp, mostStreams };
  const whole = { ...facts, isLedger: true, startedAt: () => 0 };
  const deliveries = new Deliveries(whole, meter);
  const receiverOf = (index: number, stampSeq = 0): StampReceiver => ({
    index,
    scope,
    context: { lastSeq: 0 },
    role: { name: "main" },
    epoch: 1,
    streams: undefined,
    stampSeq,
    stampsBefore: 0,
    hearsItself: true,
  });
  const incoming = new Incoming();
  const hear = (receiver: StampReceiver, sender: number, ...sequences: number[]): void => {
    for (const sequence of sequences) {
      const bytes = Buffer.alloc(stampLength);
      writeStamp(bytes, 0, run, sender, sequence, 0);
      incoming.take(1, bytes, 0, bytes.length);
      deliveries.receive(receiver, incoming, performance.now());
    }
  };
  /** The same, with one bit of one of its bytes changed, or two of them. */
  const hearDamaged = (
    receiver: StampReceiver,
    sender: number,
    sequence: number,
    ...hits: number[]
  ): void => {
    const bytes = Buffer.alloc(stampLength);
    writeStamp(bytes, 0, run, sender, sequence, 1e9 + sequence);
    for (const hit of hits) bytes[hit]! ^= 1;
    incoming.take(1, bytes, 0, bytes.length);
    deliveries.receive(receiver, incoming, performance.now());
  };
  /** What a threshold is held against. */
  const figure = (metric: string): number | undefined => {
    scope.hot.ws_msg_stamped += 10;
    const merged = new Accumulator();
    merged.add(meter.cut(1, 1000, {}));
    const { aggregate } = parseThreshold("count==0");
    const measured = merged.measured(1000, { scenarios: ["main"], stages: [] });
    return measure(parseMetricSelector(metric), aggregate, measured);
  };
  return { deliveries, receiverOf, hear, hearDamaged, figure, hot: scope.hot, meter };
}

test("streams within the limit are followed", () => {
  const { deliveries, receiverOf, hear, figure } = ledger(2);
  const receiver = receiverOf(1);
  hear(receiver, 2, 1, 2, 4);
  hear(receiver, 3, 5, 6);
  deliveries.finish(receiver);
  expect(figure("ws_msg_lost")).toBe(1);
});

test.each(["ws_msg_lost", "ws_msg_lost{scenario:main}", "ws_msg_duplicate", "ws_seq_gap"])(
  "%s has no value once there were too many",
  (metric) => {
    const { deliveries, receiverOf, hear, figure, hot, meter } = ledger(2);
    const receiver = receiverOf(1);
    for (const sender of [2, 3, 4]) hear(receiver, sender, 1, 5, 5);
    deliveries.finish(receiver);
    expect(hot.ws_msg_unfollowed).toBe(3);
    expect(hot.ws_msg_delivered).toBe(2 + 2 + 3);
    expect(figure(metric)).toBeUndefined();
    expect(meter.errors().map(({ what }) => what)).toContain("stamped messages not followed");
  },
);

test("one's own stream that nobody could follow is not taken for lost, nor for whole", () => {
  const { deliveries, receiverOf, hear, figure, hot } = ledger(1, true);
  const [first, second] = [receiverOf(1), receiverOf(2, 5)];
  hear(first, 9, 1, 2);
  deliveries.finish(second);
  expect(hot.ws_msg_lost).toBe(0);
  expect(hot.ws_msg_unfollowed).toBe(1);
  expect(figure("ws_msg_lost")).toBeUndefined();
});

test("places that are free again are used again", () => {
  const { deliveries, receiverOf, hear, hot } = ledger(1);
  for (const index of [1, 2, 3]) {
    const receiver = receiverOf(index);
    hear(receiver, 9, 1, 3);
    deliveries.finish(receiver);
  }
  expect(hot.ws_msg_unfollowed).toBe(0);
  expect(hot.ws_msg_lost).toBe(3);
});

describe("damage", () => {
  /** What becomes of one message on its way. */
  const fate = fc.record({
    isDropped: fc.boolean(),
    /** Which byte of each copy is damaged, if any. */
    copies: fc.array(fc.option(fc.nat(stampLength - 1)), { minLength: 1, maxLength: 3 }),
  });

  test("one message may be hit twice, and the counts are exact all the same", () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 200 }), fc.nat(2), (fates, others) => {
        const { deliveries, receiverOf, hear, hearDamaged, hot } = ledger(100, true);
        const receiver = receiverOf(1, fates.length);
        const sums = { delivered: 0, lost: 0, corrupt: 0, duplicate: 0 };
        for (const [index, { isDropped, copies }] of fates.entries()) {
          // Others' damaged stamps are nothing to do with one's own.
          for (let other = 0; other < others; other++) {
            hearDamaged(receiver, 2 + other, index + 1, index % stampLength);
          }
          if (isDropped) {
            sums.lost++;
            continue;
          }
          for (const hit of copies) {
            if (hit === null) hear(receiver, 1, index + 1);
            else hearDamaged(receiver, 1, index + 1, hit);
          }
          if (copies.includes(null)) sums.delivered++;
          sums.duplicate += copies.length - 1;
          sums.corrupt += copies.filter((hit) => hit !== null).length;
        }
        deliveries.finish(receiver);
        expect({
          delivered: hot.ws_msg_delivered,
          lost: hot.ws_msg_lost,
          corrupt: hot.ws_msg_corrupt - others * fates.length,
          duplicate: hot.ws_msg_duplicate,
        }).toEqual(sums);
        expect(hot.ws_msg_reordered).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("forgives nothing that was lost in the gap of a reconnect, nor elsewhere", () => {
    const { deliveries, receiverOf, hear, hearDamaged, hot } = ledger(10, true);
    const gone: number[] = [];
    const missed = (count: number): void => void gone.push(count);
    const receiver = { ...receiverOf(1, 300), epoch: 1, missed };
    for (let each = 1; each <= 29; each++) hear(receiver, 1, each);
    receiver.epoch = 3;
    for (let each = 41; each <= 99; each++) hear(receiver, 1, each);
    hearDamaged(receiver, 1, 100, 20);
    // By then that gap has left the window.
    for (let each = 101; each <= 300; each++) hear(receiver, 1, each);
    deliveries.finish(receiver);
    expect(hot.ws_msg_lost).toBe(11);
    expect(gone.reduce((sum, count) => sum + count, 0)).toBe(11);
  });

  test("names the right message: the lost one, not the damaged one", () => {
    for (const hits of [[20], [20, 21]]) {
      const { deliveries, receiverOf, hear, hearDamaged } = ledger(10, true);
      const receiver = receiverOf(1, 300);
      for (let each = 1; each <= 300; each++) {
        if (each === 5) continue;
        if (each === 20) hearDamaged(receiver, 1, each, ...hits);
        else hear(receiver, 1, each);
      }
      deliveries.finish(receiver);
      const { examples } = deliveries.book.part();
      const lost = examples.filter(({ what }) => what === "lost");
      expect(lost).toMatchObject([{ first: 5, last: 5, count: 1 }]);
    }
  });

  test("that leaves nobody to tell which it was is one of the gap that follows at once", () => {
    const { deliveries, receiverOf, hear, hearDamaged, hot } = ledger(10, true);
    const receiver = receiverOf(1, 12);
    hearDamaged(receiver, 1, 1, 5, 20);
    hear(receiver, 1, 2, 3);
    // Copies, before and after what comes whole.
    hearDamaged(receiver, 1, 4, 5, 20);
    hear(receiver, 1, 4);
    hearDamaged(receiver, 1, 4, 5, 20);
    hear(receiver, 1, 5, 8);
    hear(receiver, 9, 1);
    // Whose this one was nobody knows.
    hearDamaged(receiver, 1, 9, 5, 20);
    hear(receiver, 1, 10);
    deliveries.finish(receiver);
    expect(hot.ws_msg_corrupt).toBe(4);
    expect(hot.ws_msg_lost).toBe(2 + 1 + 2);
  });

  test("of another run's stamp, or of an answer that is nobody's, is nobody's", () => {
    const { deliveries, receiverOf, hear, hearDamaged, hot } = ledger(10, true);
    const receiver = receiverOf(1, 5);
    hear(receiver, 1, 1);
    hearDamaged(receiver, 1, autoReplyStamps + 2, 20);
    const bytes = Buffer.alloc(stampLength);
    writeStamp(bytes, 0, run + 1, 1, 2, 0);
    bytes[20]! ^= 1;
    const incoming = new Incoming();
    incoming.take(1, bytes, 0, bytes.length);
    deliveries.receive(receiver, incoming, performance.now());
    hear(receiver, 1, 3, 4, 5);
    deliveries.finish(receiver);
    expect(hot).toMatchObject({ ws_msg_corrupt: 2, ws_msg_lost: 1 });
  });
});

test("the last stamp is the last number only where stamps are the ledger", () => {
  for (const isLedger of [true, false]) {
    const { receiverOf } = ledger(10, true);
    const facts = { run, users: 100, offset: 0, byStamp: true, mostStreams: 10, isLedger };
    const deliveries = new Deliveries({ ...facts, startedAt: () => 0 }, new Meter(0));
    const receiver = receiverOf(1);
    receiver.context.lastSeq = 5000;
    const bytes = Buffer.alloc(stampLength);
    writeStamp(bytes, 0, run, 1, 1, 0);
    const incoming = new Incoming();
    incoming.take(1, bytes, 0, bytes.length);
    deliveries.receive(receiver, incoming, performance.now());
    expect(receiver.context.lastSeq).toBe(isLedger ? 1 : 5000);
  }
});

test("what comes late after a reconnect is told as that, and does not end the gap", () => {
  const { deliveries, receiverOf, hear } = ledger(10);
  const receiver = { ...receiverOf(1), epoch: 1 };
  hear(receiver, 2, 8, 10);
  receiver.epoch = 3;
  hear(receiver, 2, 9, 15);
  deliveries.finish(receiver);
  expect(deliveries.book.part().examples).toMatchObject([
    { what: "reordered", where: "reconnect", first: 9 },
    { what: "lost", where: "reconnect", first: 11, last: 14 },
  ]);
});
