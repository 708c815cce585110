/**
 * Owns a client that waits for the answer to its upgrade: what it says meanwhile is kept, and its
 * leaving noticed.
 */
import type { Socket } from "node:net";
import type { Brake } from "./brake.js";

/** So many bytes are kept; then the client is not read from. */
const mostEarly = 64 * 1024;

/** Listens to a client until it is let go. */
export class WaitingClient {
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly #socket: Socket;
  readonly #brake: Brake;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #keep = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > mostEarly) this.#brake.hold("early");
  };

  /** @param head what came with the request */
  constructor(socket: Socket, head: Buffer, brake: Brake) {
    this.#socket = socket;
    this.#brake = brake;
    const gone = new AbortController();
    this.signal = gone.signal;
    socket.once("close", () => gone.abort());
    if (head.length > 0) this.#keep(head);
    socket.on("data", this.#keep);
  }

  /** Stops listening; hands over what came, to be passed on before anything else. */
  release(): readonly Buffer[] {
    this.#socket.off("data", this.#keep);
    this.#brake.release("early");
    return this.#chunks;
  }
}
