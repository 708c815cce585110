/**
 * Owns a closed loop on bare sockets: what comes is counted by its bytes and answered with the next
 * message. It checks nothing, pairs nothing and records nothing.
 *
 *     bare-client.js '{"url":…,"connections":…,"size":…,"inFlight":…,"lasts":…}'
 */
import { bareSockets, maskedFrame } from "./bare-sockets.js";

const { url, connections, size, inFlight, lasts } = JSON.parse(process.argv[2]);
const frame = maskedFrame(size);
const answerSize = 2 + size;
/** Bytes of an answer that is not whole, of each connection. */
const left = new Uint32Array(connections);
/** What is due after one read leaves in one write. */
const frames = Array.from({ length: inFlight + 1 }, (_, count) =>
  Buffer.concat(Array.from({ length: count }, () => frame)),
);
let received = 0;
let waiting = connections * inFlight;
let isSending = true;
/** It ends so many seconds after its time, whatever has come by then. */
const patience = 5;

const sockets = bareSockets(url, connections, {
  ready: () => {
    for (const socket of sockets) socket.write(frames[inFlight]);
    setTimeout(() => (isSending = false), lasts * 1000);
    setTimeout(finish, (lasts + patience) * 1000);
  },
  received: (index, bytes) => {
    const all = left[index] + bytes;
    const count = Math.floor(all / answerSize);
    left[index] = all - count * answerSize;
    received += count;
    if (isSending) {
      if (count > 0) sockets[index].write(frames[count]);
      return;
    }
    waiting -= count;
    if (waiting === 0) finish();
  },
});

function finish() {
  process.stdout.write(`${JSON.stringify({ received })}\n`, () => process.exit());
}
