/** Owns the cut of a connection: a reset of TCP where that can be had, else its end at once. */
import type { Socket } from "node:net";

/** How long what was written may take to leave before the reset, in ms. */
const leaving = 1000;

/** Cuts it with a TCP reset. TLS cannot be reset, only what carries it. */
export function resetSocket(socket: Socket): void {
  let lowest = socket;
  for (;;) {
    const { _parent: underneath } = lowest as { _parent?: Socket | null };
    if (!underneath) break;
    lowest = underneath;
  }
  try {
    if (!lowest.destroyed) lowest.resetAndDestroy();
  } catch {
    // A Unix socket, or TLS that Node keeps the TCP of to itself.
  }
  socket.destroy();
}

/**
 * The same, once what was written before has left: a reset overtakes what still waits, which the
 * other side would have had without a proxy between.
 */
export function resetAfterWrites(socket: Socket): void {
  if (socket.destroyed || socket.writableLength === 0) {
    resetSocket(socket);
    return;
  }
  const late = setTimeout(() => resetSocket(socket), leaving).unref();
  const check = (): void => {
    if (socket.writableLength > 0 && !socket.destroyed) return;
    clearTimeout(late);
    resetSocket(socket);
  };
  socket.on("drain", check);
  socket.once("close", () => clearTimeout(late));
  // Where little waits, no drain is announced: an empty write calls back behind all the others.
  socket.write("", check);
}
