/**
 * Owns an echo server that costs as little as may be: bare TCP, no message looked at, all frames of
 * a read answered in one write. It is only for clients that send whole frames of less than 64 KiB.
 * Its first line says where it listens; it ends when its input does.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:net";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Answers the upgrade; the rest of what came is frames. */
function upgrade(socket, head) {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)[1];
  const accept = createHash("sha1").update(`${key}${guid}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

/** What {@link unmask} found; filled anew each time. */
const found = { from: 0, to: 0, closed: false };

/**
 * Turns a client's frames into a server's, in place: `found.from` bytes were whole frames, and the
 * answer to them is the first `found.to`.
 */
function unmask(bytes) {
  const end = bytes.length;
  let [from, to] = [0, 0];
  found.closed = false;
  while (end - from >= 6 && !found.closed) {
    let length = bytes[from + 1] & 0x7f;
    let at = from + 2;
    if (length === 126) {
      if (end - from < 8) break;
      length = (bytes[at] << 8) | bytes[at + 1];
      at += 2;
    }
    if (end - at - 4 < length) break;
    found.closed = (bytes[from] & 0x0f) === 8;
    bytes[to] = bytes[from];
    bytes[to + 1] = bytes[from + 1] & 0x7f;
    if (at - from === 4) {
      bytes[to + 2] = bytes[from + 2];
      bytes[to + 3] = bytes[from + 3];
    }
    to += at - from;
    const [k0, k1, k2, k3] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    at += 4;
    from = at + length;
    for (; from - at >= 4; at += 4, to += 4) {
      bytes[to] = bytes[at] ^ k0;
      bytes[to + 1] = bytes[at + 1] ^ k1;
      bytes[to + 2] = bytes[at + 2] ^ k2;
      bytes[to + 3] = bytes[at + 3] ^ k3;
    }
    if (at < from) bytes[to++] = bytes[at++] ^ k0;
    if (at < from) bytes[to++] = bytes[at++] ^ k1;
    if (at < from) bytes[to++] = bytes[at] ^ k2;
  }
  found.from = from;
  found.to = to;
}

const server = createServer({ noDelay: true }, (socket) => {
  let isOpen = false;
  let rest;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    let bytes = rest ? Buffer.concat([rest, data]) : data;
    if (!isOpen) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) {
        rest = bytes;
        return;
      }
      isOpen = true;
      upgrade(socket, bytes.toString("latin1", 0, end));
      bytes = bytes.subarray(end + 4);
    }
    unmask(bytes);
    const { from, to, closed } = found;
    rest = from < bytes.length ? Buffer.from(bytes.subarray(from)) : undefined;
    if (to > 0) socket.write(bytes.subarray(0, to));
    if (closed) socket.end();
  });
});

server.listen(0, "127.0.0.1", () =>
  process.stdout.write(`${JSON.stringify({ url: `ws://127.0.0.1:${server.address().port}/` })}\n`),
);
process.stdin.resume().on("end", () => process.exit());
