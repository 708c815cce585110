/**
 * Owns the Peer: one client of the test server as its mode and the guards see it, everything counted
 * on the way.
 */
import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { encodeFrame } from "../frame/encode.js";
import { Opcode } from "../frame/opcode.js";
import type { Counters } from "./counters.js";

/** So many bytes may wait for a client that is read from. */
const mostBuffered = 1024 * 1024;

/** Payloads of at most so many bytes are copied; Node has room for them at hand. */
const largestInOne = 4000;
const textFrame = { opcode: Opcode.text };
const binaryFrame = { opcode: Opcode.binary };

/** Looks at a message before the mode does; false keeps it from the mode. */
export type Interceptor = (data: Buffer, isBinary: boolean) => boolean;

/** Who a client is, apart from its socket. */
export interface PeerFacts {
  /** 1, 2, 3 … in order of arrival. */
  readonly id: number;
  readonly request: IncomingMessage;
  /** The stream under the WebSocket, if it may be written to directly. */
  readonly wire?: Writable;
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
  /** What `ws` writes to, when nothing has to be compressed and so nothing can be overtaken. */
  readonly #wire: Writable | undefined;
  readonly #counters: readonly Counters[];
  #interceptors: Interceptor[] | undefined;
  #outgoing: Interceptor[] | undefined;
  /** Whether this client is not read from because of what waits for it. */
  #held = false;
  #closed: ((code: number, reason: string) => void)[] = [];

  constructor(socket: WebSocket, facts: PeerFacts) {
    this.#socket = socket;
    this.#wire = socket.extensions === "" ? facts.wire : undefined;
    this.id = facts.id;
    this.run = facts.run;
    this.request = facts.request;
    this.#counters = facts.counters;
    for (const each of this.#counters) each.accepted();
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

  /** Lets `interceptor` look at each message to this client; false keeps it from being sent. */
  interceptOutgoing(interceptor: Interceptor): void {
    (this.#outgoing ??= []).push(interceptor);
  }

  /** Counts a message to this client that a guard gave up. */
  countDropped(): void {
    for (const each of this.#counters) each.dropped++;
  }

  /** Calls `listener` once when the connection is gone, with its close code and reason. */
  onClose(listener: (code: number, reason: string) => void): void {
    this.#closed.push(listener);
  }

  /** Sends a message; does nothing once the connection is closing. */
  send(data: Buffer, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#outgoing) {
      for (const interceptor of this.#outgoing) if (!interceptor(data, isBinary)) return;
      this.#write(data, isBinary);
    } else if (this.#held || this.#socket.bufferedAmount <= mostBuffered) {
      this.#write(data, isBinary);
    } else {
      this.#hold(data, isBinary);
    }
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

  /**
   * A small message leaves as one write of header and payload. `ws` makes two of them, which Node
   * hands to the kernel as a list, and that is dearer than the copy (bench/serve-echo.js).
   */
  #write(data: Buffer, isBinary: boolean): void {
    if (this.#wire === undefined || data.length > largestInOne) {
      this.#socket.send(data, { binary: isBinary });
    } else {
      this.#wire.write(encodeFrame(isBinary ? binaryFrame : textFrame, data));
    }
  }

  /**
   * Who asks and does not read the answers is not read from until it has: its answers would fill
   * the memory. A guard that looks at what is sent has its own way with slow clients.
   */
  #hold(data: Buffer, isBinary: boolean): void {
    this.#held = true;
    this.#socket.pause();
    this.#socket.send(data, { binary: isBinary }, () => {
      this.#held = false;
      this.#socket.resume();
    });
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
      // Whom a guard has closed may go on sending until the close is answered.
      if (!this.open) return;
      for (const interceptor of this.#interceptors) if (!interceptor(data, isBinary)) return;
    }
    this.onMessage(data, isBinary);
  }
}
