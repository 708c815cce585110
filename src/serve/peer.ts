/**
 * Owns the Peer: one client of the test server as its mode and the guards see it, everything counted
 * on the way.
 */
import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { encodeFrame } from "../frame/encode.js";
import { Opcode } from "../frame/opcode.js";
import type { FaultLine } from "../faults/fault-set.js";
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
  /** Set by the server; told of what a mode or a guard threw, once. */
  onFailure: ((error: unknown) => void) | undefined;
  /** Set by the server: the faults that what is sent passes through. */
  line: FaultLine | undefined;
  /** Set by a guard that bounds what waits for this client: it is read from whatever waits. */
  boundedByGuard = false;
  readonly #socket: WebSocket;
  /** What `ws` writes to, when nothing has to be compressed and so nothing can be overtaken. */
  readonly #wire: Writable | undefined;
  readonly #counters: readonly Counters[];
  #interceptors: Interceptor[] | undefined;
  #outgoing: Interceptor[] | undefined;
  /** Whether this client is not read from because of what waits for it. */
  #held = false;
  /** How many want that it is not read from, and how often that began. */
  #stops = 0;
  #pauses = 0;
  #muted = false;
  #failed = false;
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
    return !this.#muted && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes queued for this client, held back by faults or not yet taken by the kernel. */
  get buffered(): number {
    const { bufferedAmount } = this.#socket;
    return this.line ? bufferedAmount + this.line.held : bufferedAmount;
  }

  /** How often it came to be not read from: while it is not, its pongs are not seen. */
  get pauses(): number {
    return this.#pauses;
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

  /**
   * Sends an answer; does nothing once the connection is closing. Who asks and does not read the
   * answers is not read from until it has: its answers would fill the memory.
   */
  send(data: Buffer, isBinary: boolean): void {
    if (!this.#lets(data, isBinary)) return;
    if (this.#held || this.boundedByGuard || this.buffered <= mostBuffered) {
      this.#write(data, isBinary);
    } else {
      this.#hold(data, isBinary);
    }
    this.#sent(data, isBinary);
  }

  /**
   * Sends what the client did not ask for, and so could not stop by being read from less: it is for
   * the caller to bound what waits.
   */
  push(data: Buffer, isBinary: boolean): void {
    if (!this.#lets(data, isBinary)) return;
    this.#write(data, isBinary);
    this.#sent(data, isBinary);
  }

  /** The same, in frames that hold so many bytes of it each. */
  pushInParts(data: Buffer, isBinary: boolean, sizes: readonly number[]): void {
    if (!this.#lets(data, isBinary)) return;
    let at = 0;
    for (const [index, size] of sizes.entries()) {
      const fin = index === sizes.length - 1;
      this.#socket.send(data.subarray(at, at + size), { binary: isBinary, fin });
      at += size;
    }
    this.#sent(data, isBinary);
  }

  /** Sends a value as JSON text. */
  sendJson(value: unknown): void {
    this.send(Buffer.from(JSON.stringify(value)), false);
  }

  /** Begins the closing handshake. */
  close(code: number, reason = ""): void {
    this.#socket.close(code, reason);
  }

  /** From now on nothing is sent, nor counted as sent; the connection stays as it is. */
  mute(): void {
    this.#muted = true;
  }

  /** Stops reading from the client; it is read from again when all who did so have called back. */
  stopReading(): () => void {
    if (this.#stops++ === 0) {
      this.#pauses++;
      this.#socket.pause();
    }
    let stopped = true;
    return () => {
      if (!stopped) return;
      stopped = false;
      if (--this.#stops === 0) this.#socket.resume();
    };
  }

  /** What serves this client has thrown: that ends the client with 1011, and nobody else. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.onFailure?.(error);
    this.close(1011, "internal error");
  }

  #lets(data: Buffer, isBinary: boolean): boolean {
    if (!this.open) return false;
    return this.#outgoing?.every((interceptor) => interceptor(data, isBinary)) ?? true;
  }

  #sent(data: Buffer, isBinary: boolean): void {
    for (const each of this.#counters) {
      each.sent++;
      each.bytesSent += data.length;
    }
    this.onTraffic?.("out", data, isBinary);
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

  /** Sends, and reads nothing until that has left. */
  #hold(data: Buffer, isBinary: boolean): void {
    this.#held = true;
    const readAgain = this.stopReading();
    this.#socket.send(data, { binary: isBinary }, () => {
      this.#held = false;
      readAgain();
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
    if (this.#failed) return;
    try {
      this.#handle(data, isBinary);
    } catch (error) {
      this.fail(error);
    }
  }

  #handle(data: Buffer, isBinary: boolean): void {
    if (this.#interceptors) {
      // Whom a guard has closed may go on sending until the close is answered.
      if (!this.open) return;
      for (const interceptor of this.#interceptors) if (!interceptor(data, isBinary)) return;
    }
    this.onMessage(data, isBinary);
  }
}
