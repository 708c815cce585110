/**
 * Owns bare sockets: WebSockets opened by hand on `node:net` that read into one buffer, as lean as Node's
 * public interface allows. What is built on nothing else is what a program on this Node can come to.
 */
import { connect } from "node:net";

const shared = Buffer.allocUnsafeSlow(64 * 1024);
const mostShort = 125;

/** A binary message of so many bytes under a mask of zeros; any server takes it. */
export function maskedFrame(size) {
  if (size > mostShort) throw new Error(`a short frame holds ${mostShort} bytes, not ${size}`);
  const frame = Buffer.alloc(6 + size, 0x41);
  frame.writeUInt32BE(0, 2);
  frame[0] = 0x82;
  frame[1] = 0x80 | size;
  return frame;
}

/**
 * Opens so many connections.
 * @param {string} url
 * @param {number} count
 * @param {object} watch
 * @param {number} [watch.atOnce] how many handshakes may be under way; all unless told
 * @param {() => void} [watch.ready] called when all are open
 * @param {(index: number, bytes: number) => void} [watch.received] called for what comes on one then
 * @returns {import("node:net").Socket[]} those that were begun, in their order
 */
export function bareSockets(url, count, { atOnce = count, ready, received }) {
  const { host, hostname, port } = new URL(url);
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  const sockets = [];
  let open = 0;
  function begin() {
    const index = sockets.length;
    let isOpen = false;
    const callback = (bytes) => {
      if (isOpen) {
        received?.(index, bytes);
        return true;
      }
      // Without a message to come, the first thing that is read is the answer to the request.
      isOpen = true;
      if (sockets.length < count) begin();
      if (++open === count) ready?.();
      return true;
    };
    const onread = { buffer: shared, callback };
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
    socket.on("error", () => {});
    socket.write(request);
    sockets.push(socket);
  }
  for (let i = 0; i < Math.min(atOnce, count); i++) begin();
  return sockets;
}
