/**
 * Owns a given rate on bare sockets, in a loop that never rests, with nothing in it but the schedule, the
 * write and the clock. What lag is left is Node's and the machine's: others are
 * held against that.
 *
 *     spin-client.js '{"url":…,"connections":…,"size":…,"rate":…,"lasts":…,"warmUp":…}'
 */
import { Recorder } from "../../dist/metrics/recorder.js";
import { Trend } from "../../dist/metrics/trend.js";
import { bareSockets, maskedFrame } from "./bare-sockets.js";

const { url, connections, size, rate, lasts, warmUp } = JSON.parse(process.argv[2]);
const frame = maskedFrame(size);
const answerSize = 2 + size;
const recorder = new Recorder();
const total = Math.round(rate * lasts);
/** What goes before is not timed. */
const firstTimed = Math.round(rate * warmUp);
let sent = 0;
let receivedBytes = 0;
let startAt = NaN;
/** It ends so many seconds after its time, whatever has come by then. */
const patience = 5;

const sockets = bareSockets(url, connections, {
  ready: () => {
    startAt = performance.now();
    setTimeout(finish, (lasts + patience) * 1000);
    turn();
  },
  received: (_index, bytes) => {
    receivedBytes += bytes;
    // As wsctl does, it looks between any two reads.
    sendDue();
  },
});

function sendDue() {
  while (sent < total) {
    const dueAt = startAt + (sent * 1000) / rate;
    const now = performance.now();
    if (now < dueAt) return;
    if (sent >= firstTimed) recorder.record(now - dueAt);
    sockets[sent % connections].write(frame);
    sent++;
  }
}

function turn() {
  sendDue();
  if (receivedBytes < total * answerSize) setImmediate(turn);
  else finish();
}

function finish() {
  const lag = Trend.decode(recorder.take().encoded);
  const received = Math.floor(receivedBytes / answerSize);
  const figures = { received, p50: lag.percentile(50), p99: lag.percentile(99) };
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
}
