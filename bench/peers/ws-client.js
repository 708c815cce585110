/**
 * Owns a closed loop on `ws`, written by hand and tuned: no compression, no check of UTF-8, binary
 * messages as Buffers, one listener for all connections and no closure per message. It records each
 * round trip in the histogram that wsctl records in.
 *
 *     ws-client.js '{"url":…,"connections":…,"size":…,"inFlight":…,"lasts":…}'
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import { Recorder } from "../../dist/metrics/recorder.js";

const { url, ca, connections, size, inFlight, lasts } = JSON.parse(process.argv[2]);

const payload = randomBytes(size);
const recorder = new Recorder();
const options = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  ...(ca ? { ca: readFileSync(ca) } : {}),
};
const binary = { binary: true, compress: false };
let received = 0;
let waiting = 0;
let open = 0;
let isSending = true;

function send(socket) {
  waiting++;
  const slot = socket.sent++ % inFlight;
  socket.sentAt[slot] = performance.now();
  socket.send(payload, binary);
}

/** The listener of all connections; `this` is the socket. */
function onMessage() {
  received++;
  waiting--;
  // The n-th reply answers the n-th send.
  recorder.record(performance.now() - this.sentAt[this.answered++ % inFlight]);
  if (isSending) send(this);
  else if (waiting === 0) finish();
}

function finish() {
  process.stdout.write(`${JSON.stringify({ received, latency: recorder.take() })}\n`, () =>
    process.exit(),
  );
}

const sockets = Array.from({ length: connections }, () => {
  const socket = new WebSocket(url, options);
  socket.sentAt = new Float64Array(inFlight);
  socket.sent = 0;
  socket.answered = 0;
  socket.on("message", onMessage);
  // `ws` turns Nagle's algorithm off as it is: TCP_NODELAY is set on all of its sockets.
  socket.on("open", () => {
    open++;
    if (open === connections) begin();
  });
  return socket;
});

function begin() {
  for (const socket of sockets) for (let i = 0; i < inFlight; i++) send(socket);
  setTimeout(() => (isSending = false), lasts * 1000);
}
