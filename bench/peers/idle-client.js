/**
 * Owns idle connections by hand: opens so many and holds them, on `ws` or on bare sockets that read
 * into one buffer, as lean as `node:net` allows. A hundred handshakes are under way at a time.
 *
 *     idle-client.js sockets|ws URL CONNECTIONS
 */
import { connect } from "node:net";
import { WebSocket } from "ws";

const [kind, url, count] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const atOnce = 100;
const kept = [];
let begun = 0;

const request = `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
const shared = Buffer.allocUnsafeSlow(64 * 1024);
const noop = () => {};

/** A connection is open: the next one may begin. */
function opened() {
  if (begun < Number(count)) open[kind]();
}

/** Without a message to come, the first thing that is read is the answer to the request. */
const onread = {
  buffer: shared,
  callback: () => {
    opened();
    return true;
  },
};

const open = {
  sockets: () => {
    begun++;
    const socket = connect({ host: hostname, port: Number(port), onread, noDelay: true });
    socket.on("error", noop);
    socket.write(request);
    kept.push(socket);
  },
  ws: () => {
    begun++;
    const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
    socket.on("error", noop);
    socket.on("open", opened);
    kept.push(socket);
  },
};

for (let i = 0; i < Math.min(atOnce, Number(count)); i++) open[kind]();
