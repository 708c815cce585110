/** Owns a raw open WebSocket as checks use it: what is heard on it, and bytes sent as they are. */
import { randomBytes } from "node:crypto";
import { encodeClosePayload } from "../frame/close.js";
import { encodeFrame, type OutgoingFrame } from "../frame/encode.js";
import { Opcode } from "../frame/opcode.js";
import type { Wire } from "../dial/wire.js";
import type { Heard } from "./heard.js";
import { Listener } from "./listener.js";

/** The largest frame of a server that is let pass. */
const mostPayload = 16 * 1024 * 1024;
/** How long a server may take to close TCP after the close frames, in milliseconds. */
export const farewell = 300;
/** Pings that are answered on one connection: more of them are a flood, and no sign of life. */
const mostPongs = 100;
/** Bytes that a server may leave unread before its pings go without an answer. */
const mostUnread = 65_536;

const pingPayload = Buffer.from("here");

/** One connection after its 101. */
export class OpenSocket {
  readonly wire: Wire;
  /** Called with the bytes of what is sent, before it is. */
  onSend: ((bytes: number) => void) | undefined = undefined;
  /** Milliseconds that the server has to end the connection once it is closed. */
  patience = farewell;
  /** Called with the bytes of the control frames that are sent unasked, once they are. */
  onReply: ((bytes: number) => void) | undefined = undefined;
  readonly #listener: Listener;
  #farewell: Promise<boolean> | undefined = undefined;
  /** Those that wait for something heard. */
  readonly #waiting = new Set<() => void>();

  /**
   * The wire's bytes after the 101 come here from now on.
   * @param isDeflating whether permessage-deflate was agreed, so that RSV1 may be set
   */
  constructor(wire: Wire, isDeflating = true) {
    this.wire = wire;
    this.#listener = new Listener(mostPayload, isDeflating);
    this.#listener.onPing = (payload) => {
      if (this.#listener.pings <= mostPongs) this.#write({ opcode: Opcode.pong }, payload);
    };
    this.#listener.onNews = () => {
      for (const look of this.#waiting) look();
    };
    this.#listener.glued = wire.socket.readableLength;
    wire.onClose = () => this.#listener.cut();
    wire.receive((bytes, start, end) => this.#listener.feed(bytes, start, end));
  }

  /** What was heard so far; it grows. */
  get heard(): Heard {
    return this.#listener;
  }

  /** Milliseconds since the upgrade. */
  get now(): number {
    return this.#listener.now;
  }

  /** Whether frames can still be sent. */
  get isOpen(): boolean {
    return !this.#listener.ended && !this.wire.closed;
  }

  /** Sends a frame, masked as a client's has to be. @returns false when nothing was sent */
  send(frame: Omit<OutgoingFrame, "mask">, payload: Uint8Array): boolean {
    if (!this.isOpen) return false;
    const bytes = encodeFrame({ ...frame, mask: randomBytes(4).readUInt32BE() }, payload);
    this.sendRaw(bytes);
    return true;
  }

  /** Sends a ping while it is watched; whether it is answered stands in what is heard. */
  ping(): void {
    if (!this.isOpen || this.heard.violation !== undefined) return;
    this.#listener.expectPong(pingPayload);
    this.#write({ opcode: Opcode.ping }, pingPayload);
  }

  /** Sends bytes as they are, unless the connection is gone. */
  sendRaw(bytes: Buffer): void {
    if (this.wire.closed || !this.wire.socket.writable) return;
    this.onSend?.(bytes.length);
    this.wire.socket.write(bytes);
  }

  /**
   * Waits until `seen` holds, the connection ends, `ms` are over or the signal fires.
   * @returns whether it holds
   */
  until(seen: (heard: Heard) => boolean, ms: number, signal?: AbortSignal): Promise<boolean> {
    const { heard } = this;
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        signal?.removeEventListener("abort", finish);
        resolve(seen(heard));
      };
      const look = () => {
        if (seen(heard) || heard.ended || heard.violation !== undefined) finish();
      };
      const timer = setTimeout(finish, ms);
      this.#waiting.add(look);
      signal?.addEventListener("abort", finish);
      if (signal?.aborted) finish();
      else look();
    });
  }

  /**
   * Closes as RFC 6455 §7.1.1 wants it: the server ends TCP first, or is cut off after a moment.
   * Never throws.
   * @returns whether the server ended it in time
   */
  async close(code = 1000): Promise<boolean> {
    this.#farewell ??= this.#close(code);
    return this.#farewell;
  }

  async #close(code: number): Promise<boolean> {
    const { socket } = this.wire;
    if (this.wire.closed || socket.destroyed) return true;
    // Of a close frame that breaks a rule nothing is known but that.
    const said = this.heard.violation === undefined ? code : 1002;
    this.#write({ opcode: Opcode.close }, encodeClosePayload(said));
    const isEnded = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, this.patience, false);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve(true);
      });
      socket.once("end", () => socket.end());
    });
    this.wire.destroy();
    return isEnded;
  }

  /** Cuts it. */
  destroy(): void {
    this.wire.destroy();
  }

  #write(frame: Omit<OutgoingFrame, "mask">, payload: Uint8Array): void {
    const { socket, closed } = this.wire;
    if (closed || !socket.writable || socket.writableLength > mostUnread) return;
    const bytes = encodeFrame({ ...frame, mask: randomBytes(4).readUInt32BE() }, payload);
    socket.write(bytes);
    this.onReply?.(bytes.length);
  }
}
