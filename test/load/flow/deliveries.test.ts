/** Shows that the ledger tells when there were more streams than it can follow. */
import { expect, test } from "vitest";
import { Deliveries, type StampReceiver } from "../../../src/load/flow/deliveries.js";
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
    damaged: 0,
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
  /** What a threshold is held against. */
  const figure = (metric: string): number | undefined => {
    scope.hot.ws_msg_stamped += 10;
    const merged = new Accumulator();
    merged.add(meter.cut(1, 1000, {}));
    const { aggregate } = parseThreshold("count==0");
    const measured = merged.measured(1000, { scenarios: ["main"], stages: [] });
    return measure(parseMetricSelector(metric), aggregate, measured);
  };
  return { deliveries, receiverOf, hear, figure, hot: scope.hot, meter };
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
