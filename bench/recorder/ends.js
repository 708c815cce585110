/**
 * Owns the two ends of the loop, in a process of their own: a port that says the same frames again and
 * again until all were said, and one that hears them and says nothing.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { encodeFrame } from "../../dist/frame/encode.js";

const [messages, size] = process.argv.slice(2).map(Number);
const text = JSON.stringify({ id: 4711, op: "tick", price: 1.25, note: "" });
const payload = Buffer.from(text.replace('""', `"${"x".repeat(Math.max(0, size - text.length))}"`));
const frame = encodeFrame({ opcode: 1 }, payload);
const perPiece = Math.max(1, Math.floor(65_536 / frame.length));
const piece = Buffer.concat(Array.from({ length: perPiece }, () => frame));

async function pour(socket) {
  for (let left = messages; left > 0 && !socket.destroyed; left -= perPiece) {
    const bytes = left < perPiece ? piece.subarray(0, left * frame.length) : piece;
    if (!socket.write(bytes)) await once(socket, "drain");
  }
  socket.end();
}

const source = createServer((socket) => {
  socket.on("error", () => {});
  void pour(socket);
});
const sink = createServer((socket) => socket.on("error", () => {}).resume());
for (const server of [source, sink]) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}
process.send({
  source: source.address().port,
  sink: sink.address().port,
  payload: payload.length,
});
process.on("disconnect", () => process.exit());
