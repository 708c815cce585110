/**
 * Owns idle connections by hand: opens so many and holds them, on `ws` or on bare sockets. A hundred
 * handshakes are under way at a time.
 *
 *     idle-client.js sockets|ws URL CONNECTIONS
 */
import { WebSocket } from "ws";
import { bareSockets } from "./bare-sockets.js";

const [kind, url, number] = process.argv.slice(2);
const count = Number(number);
const atOnce = 100;
const noop = () => {};

/** Whatever is open is kept from being collected. */
const kept = kind === "sockets" ? bareSockets(url, count, { atOnce }) : [];

function openNext() {
  if (kept.length === count) return;
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  socket.on("error", noop);
  socket.on("open", openNext);
  kept.push(socket);
}

if (kind === "ws") for (let i = 0; i < Math.min(atOnce, count); i++) openNext();
