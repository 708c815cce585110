/**
 * Owns the Peer: one client of the test server as its mode and the guards see it, everything counted
 * on the way.
 */
import type { IncomingMessage } from "node:http";
import type { RawData, WebSocket } from "ws";
import type { Counters } from "./counters.js";

/** Looks at a message before the mode does; false keeps it from the mode. */
export type Interceptor = (data: Buffer, isBinary: boolean) => boolean;

/** Who a client is, apart from its socket. */
export interface PeerFacts {
  /** 1, 2, 3 … in order of arrival. */
  readonly id: number;
  readonly request: IncomingMessage;
  /** All that count for this client: the total's, and its run's. */
  readonly counters: readonly Counters[];
  /** The run of `wsctl load` that it belongs to. */
  readonly run: string | undefined;
}

/** One connected client. */
export class Peer {
  readonly id: number;
  readonly run: string | undefined;
  readonly request: IncomingMessage;
  /** Set by the mode. */
  onMessage: (data: Buffer, isBinary: boolean) => void = () => {};
  /** Set by the server for its own records; called before the mode is. */
  onTraffic: ((direction: "in" | "out", data: Buffer, isBinary: boolean) => void) | undefined;
  readonly #socket: WebSocket;
  readonly #counters: readonly Counters[];
  #interceptors: Interceptor[] | undefined;
  #closed: ((code: number, reason: string) => void)[] = [];

  constructor(socket: WebSocket, facts: PeerFacts) {
    this.#socket = socket;
    this.id = facts.id;
    this.run = facts.run;
    this.request = facts.request;
    this.#counters = facts.counters;
    for (const each of this.#counters) {
      each.opened++;
      each.open++;
    }
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    // A protocol error is followed by 'close' with its code; there it is counted.
    socket.on("error", () => {});
    socket.on("close", (code, reason) => {
      for (const each of this.#counters) each.closed(code);
      for (const listener of this.#closed) listener(code, reason.toString());
    });
  }

  /** Whether messages can still be sent. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes queued for this client and not yet taken by the kernel. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  /** The subprotocol that was agreed; empty if none. */
  get subprotocol(): string {
    return this.#socket.protocol;
  }

  /** The socket itself, for what only guards of heartbeats need: ping, pong, terminate. */
  get socket(): WebSocket {
    return this.#socket;
  }

  /** Lets `interceptor` look at each message before the mode, in order of registration. */
  intercept(interceptor: Interceptor): void {
    (this.#interceptors ??= []).push(interceptor);
  }

  /** Calls `listener` once when the connection is gone, with its close code and reason. */
  onClose(listener: (code: number, reason: string) => void): void {
    this.#closed.push(listener);
  }

  /** Sends a message; does nothing once the connection is closing. */
  send(data: Buffer, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(data, { binary: isBinary });
    for (const each of this.#counters) {
      each.sent++;
      each.bytesSent += data.length;
    }
    this.onTraffic?.("out", data, isBinary);
  }

  /** Sends a value as JSON text. */
  sendJson(value: unknown): void {
    this.send(Buffer.from(JSON.stringify(value)), false);
  }

  /** Begins the closing handshake. */
  close(code: number, reason = ""): void {
    this.#socket.close(code, reason);
  }

  #received(raw: RawData, isBinary: boolean): void {
    // With the default binaryType every message is one Buffer.
    const data = raw as Buffer;
    for (const each of this.#counters) {
      each.received++;
      each.bytesReceived += data.length;
    }
    this.onTraffic?.("in", data, isBinary);
    if (this.#interceptors) {
      for (const interceptor of this.#interceptors) if (!interceptor(data, isBinary)) return;
    }
    this.onMessage(data, isBinary);
  }
}
