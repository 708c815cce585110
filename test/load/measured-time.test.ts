/** Shows what is measured of traffic that had a warm-up, had none, or never came to its end. */
import { expect, test } from "vitest";
import { MeasuredTime } from "../../src/load/measured-time.js";

/** Something that counts, and what went to and fro with it. */
function counting() {
  const now = { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0 };
  return { now, time: new MeasuredTime(() => ({ ...now })) };
}

test("without a warm-up it is all of the traffic", () => {
  const { now, time } = counting();
  time.begin(100);
  Object.assign(now, { sent: 5, received: 4, bytesSent: 30, bytesReceived: 20 });
  time.end(100, 250);
  expect(time).toMatchObject({ trafficFor: 250, flowedFor: 250, inTraffic: now });
});

test("what went before the end of the warm-up is left out", () => {
  const { now, time } = counting();
  Object.assign(now, { sent: 7, bytesSent: 70 });
  time.begin(200);
  Object.assign(now, { sent: 10, bytesSent: 100, received: 1 });
  time.end(100, 250);
  expect(time).toMatchObject({
    trafficFor: 150,
    flowedFor: 250,
    inTraffic: { sent: 3, received: 1, bytesSent: 30, bytesReceived: 0 },
  });
});

test("traffic that ended before nothing was measured of", () => {
  const { now, time } = counting();
  now.sent = 7;
  time.end(100, 20);
  expect(time).toMatchObject({ trafficFor: 0, flowedFor: 20, inTraffic: { sent: 0 } });
});
