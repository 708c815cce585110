/**
 * Owns a given rate by hand: bare sockets of `node:net` and a loop that never rests, with nothing in it
 * but the schedule, the write and the clock. What it cannot keep to, no program on this Node and this
 * machine can: its lag is what others are held against.
 *
 *     spin-client.js '{"url":…,"connections":…,"size":…,"rate":…,"lasts":…}'
 */
import { connect } from "node:net";
import { Recorder } from "../../dist/metrics/recorder.js";
import { Trend } from "../../dist/metrics/trend.js";

const { url, connections, size, rate, lasts } = JSON.parse(process.argv[2]);
const { host, hostname, port } = new URL(url);
const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** A binary message under a mask of zeros: the target takes any. */
const frame = Buffer.alloc(6 + size, 0x41);
frame.writeUInt32BE(0, 2);
frame[0] = 0x82;
frame[1] = 0x80 | size;

const recorder = new Recorder();
const sockets = [];
const total = Math.round(rate * lasts);
let open = 0;
let sent = 0;
let received = 0;
let startAt = NaN;

/** Sends what is due. As wsctl does, it looks between any two reads. */
function sendDue() {
  while (sent < total) {
    const dueAt = startAt + (sent * 1000) / rate;
    const now = performance.now();
    if (!(dueAt <= now)) return;
    recorder.record(now - dueAt);
    sockets[sent % connections].write(frame);
    sent++;
  }
}

function turn() {
  sendDue();
  if (received < total) setImmediate(turn);
  else finish();
}

function finish() {
  const lag = Trend.decode(recorder.take().encoded);
  const [p50, p99] = [lag.percentile(50), lag.percentile(99)];
  process.stdout.write(`${JSON.stringify({ received, p50, p99 })}\n`, () => process.exit());
}

/** The first thing that comes on a connection is the answer to its request. */
function readerOf() {
  let isOpen = false;
  return (bytes) => {
    if (isOpen) {
      received += bytes / (2 + size);
      sendDue();
      return true;
    }
    isOpen = true;
    if (++open === connections) {
      startAt = performance.now();
      turn();
    }
    return true;
  };
}

for (let i = 0; i < connections; i++) {
  const onread = { buffer: shared, callback: readerOf() };
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
  socket.write(request);
  sockets.push(socket);
}
