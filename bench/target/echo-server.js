/**
 * Owns the process that every client of the benchmarks talks to: it echoes messages at the cost of a
 * codec and a socket, counts them, and tells its parent over IPC.
 *
 *     echo-server.js [CERTIFICATE.pem KEY.pem]    (with an IPC channel)
 *
 * First it says where it listens; then it answers every question with its counts: `{ nth }` with when
 * that connection was opened, "drop" after having reset all connections, so that none of them is left
 * in TIME_WAIT.
 */
import { readFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { counts, Echo, openedAt } from "./echo.js";

const [certPath, keyPath] = process.argv.slice(2);
const sockets = new Set();
const shared = Buffer.allocUnsafeSlow(64 * 1024);

function keep(socket) {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
}

/**
 * Plain TCP is read into one buffer for all connections, which takes a fifth of the server's CPU off.
 * Node gives that to clients only (`onread`): the accepted handle moves to a socket made like theirs.
 */
function accept(accepted) {
  const { _handle: handle } = accepted;
  accepted._handle = null;
  const onread = {
    buffer: shared,
    callback: (length) => {
      echo.receive(shared, length);
      return true;
    },
  };
  const socket = new Socket({ handle, onread });
  const echo = new Echo(socket, false);
  keep(socket);
  socket.resume();
}

function acceptTls(socket) {
  const echo = new Echo(socket, true);
  socket.on("data", (data) => echo.receive(data, data.length));
  keep(socket);
}

/** Node resets plain TCP only: over TLS it throws. */
function drop(socket) {
  if (certPath) socket.destroy();
  else socket.resetAndDestroy();
}

const server = certPath
  ? createTlsServer(
      { cert: readFileSync(certPath), key: readFileSync(keyPath), noDelay: true },
      acceptTls,
    )
  : createServer({ noDelay: true, pauseOnConnect: true }, accept);

process.on("message", (question) => {
  if (question === "drop") sockets.forEach(drop);
  const nthAt = question.nth && openedAt[question.nth - 1];
  process.send({ ...counts, at: performance.now(), nthAt });
});
process.on("disconnect", () => process.exit());

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const { port } = server.address();
  process.send({ url: `${certPath ? "wss" : "ws"}://127.0.0.1:${port}/` });
});
