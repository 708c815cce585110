/**
 * Owns a given rate of nothing: a loop that does nothing but look at the clock. How late it finds that a moment has
 * come is how late anything would be on this machine, whoever wrote it.
 *
 *     clock-client.js '{"rate":…,"lasts":…}'
 */
import { Recorder } from "../../dist/metrics/recorder.js";
import { Trend } from "../../dist/metrics/trend.js";

const { rate, lasts } = JSON.parse(process.argv[2]);
const recorder = new Recorder();
const startAt = performance.now();
const total = Math.round(rate * lasts);
let due = 0;
while (due < total) {
  const now = performance.now();
  for (; due < total; due++) {
    const dueAt = startAt + (due * 1000) / rate;
    if (now < dueAt) break;
    recorder.record(now - dueAt);
  }
}
const lag = Trend.decode(recorder.take().encoded);
process.stdout.write(`${JSON.stringify({ p50: lag.percentile(50), p99: lag.percentile(99) })}\n`);
