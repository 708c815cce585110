/** Owns the Peer: one client of the test server as its mode sees it, everything counted on the way. */
import type { RawData, WebSocket } from "ws";
import type { Counters } from "./counters.js";

/** One connected client. */
export class Peer {
  /** Set by the mode. */
  onMessage: (data: Buffer, isBinary: boolean) => void = () => {};
  readonly #socket: WebSocket;
  readonly #counters: readonly Counters[];

  /** @param counters all that count for this client: the total's, and its run's */
  constructor(socket: WebSocket, counters: readonly Counters[], closed: (code: number) => void) {
    this.#socket = socket;
    this.#counters = counters;
    for (const each of counters) {
      each.opened++;
      each.open++;
    }
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    // A protocol error is followed by 'close' with its code; there it is counted.
    socket.on("error", () => {});
    socket.on("close", (code) => {
      for (const each of counters) each.closed(code);
      closed(code);
    });
  }

  /** Sends a message; does nothing once the connection is closing. */
  send(data: Buffer, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(data, { binary: isBinary });
    for (const each of this.#counters) {
      each.sent++;
      each.bytesSent += data.length;
    }
  }

  #received(raw: RawData, isBinary: boolean): void {
    // With the default binaryType every message is one Buffer.
    const data = raw as Buffer;
    for (const each of this.#counters) {
      each.received++;
      each.bytesReceived += data.length;
    }
    this.onMessage(data, isBinary);
  }
}
