/**
 * Owns the lean socket: one connection of a load run as far as it concerns the protocol. It parses
 * in place, answers pings, and plays both sides of the closing handshake.
 */
// Twice for every message: the global of that name is an accessor, half as dear again.
import { performance } from "node:perf_hooks";
import { TLSSocket } from "node:tls";
import type { Wire } from "../dial/wire.js";
import { messageOf } from "../base/errors.js";
import { encodeClosePayload, parseClosePayload } from "../frame/close.js";
import { encodeFrame } from "../frame/encode.js";
import { MessageReader, type MessageSink } from "../frame/message-reader.js";
import { Opcode, type ControlOpcode, type DataOpcode } from "../frame/opcode.js";
import { ProtocolViolation } from "../frame/violation.js";
import { Ending, type CloseTags } from "./ending.js";
import { newMask } from "./frame-pool.js";
import type { Meter } from "./meter.js";
import type { Scope } from "./scope.js";

/** What whoever uses a lean socket is told. `buf[start, end)` is good until the call returns. */
export interface SocketHandler {
  /** A message came. */
  message(opcode: DataOpcode, buf: Buffer, start: number, end: number): void;
  /** A pong came. */
  pong(buf: Buffer, start: number, end: number): void;
  /** Now is the time to write what is due: a close frame follows. */
  flush(): void;
  /** Everything of one read has been handed on. */
  read(): void;
  /** It closes, and not because we asked: the other side does, or broke the protocol. */
  closing?(): void;
  /** After having been blocked, the socket takes bytes again. */
  unblocked(): void;
  /** It is gone; told once. */
  ended(): void;
}

/** One connection. It needs a handler before anything else, and hands on nothing before {@link listen}. */
export class LeanSocket implements MessageSink {
  /** Whether messages may still be sent. */
  open = true;
  /** Whether the socket asked us to wait before writing more. */
  blocked = false;
  /** When the read that is being handed on came, on `performance.now`'s clock. */
  now = 0;
  /** Whether pings are left unanswered. */
  mute = false;
  /** When the first ping came that was left unanswered for that, on `performance.now`'s clock. */
  unansweredAt = NaN;
  /** Bytes received so far. */
  received = 0;
  /** Messages sent over it; counted by whoever writes them. */
  sent = 0;
  /** How many of these the other side has taken for certain: it answered one of them, or a ping after it. */
  confirmed = 0;
  /** Whether the socket holds on to what is written, taken at once or not, as TLS does. */
  readonly keepsWrites: boolean;

  readonly #wire: Wire;
  readonly #meter: Meter;
  readonly #scope: Scope;
  readonly #reader: MessageReader;
  readonly #openedAt = performance.now();
  #handler: SocketHandler | undefined;
  readonly #ending = new Ending();
  #closeSent = false;
  #isOver = false;

  /** @param scope where its figures go */
  constructor(wire: Wire, maxPayload: number, meter: Meter, scope: Scope) {
    this.#wire = wire;
    this.keepsWrites = wire.socket instanceof TLSSocket;
    this.#meter = meter;
    this.#scope = scope;
    this.#reader = new MessageReader(this, { role: "client", maxPayload });
  }

  /** Gives it its handler, once. */
  attach(handler: SocketHandler): void {
    this.#handler = handler;
    this.#wire.onClose = (error) => this.#ended(error);
    // When it is closed, the queue is gone.
    this.#wire.onFail = () => this.#ending.note(this.#isQueued);
  }

  /** Hands on what comes from now on; what came with the 101, at once. */
  listen(): void {
    this.#wire.receive((buf, start, end) => this.#receive(buf, start, end));
  }

  /** How it ended, as `4001 by server: bye`; the reason is text of the other side, unsafe as it is. */
  get end(): string {
    return this.#ending.text;
  }

  /** The same as the tags of `ws_close`; undefined before its end. */
  get endTags(): CloseTags | undefined {
    return this.#ending.tags;
  }

  /** Whether messages still stood in the socket's queue, untaken by TCP, when our close frame went behind them. */
  get backedUp(): boolean {
    return this.#ending.backedUp;
  }

  /** For writing frames; {@link wrote} is to follow. */
  get socket(): Wire["socket"] {
    return this.#wire.socket;
  }

  /** Takes note of how much is queued after a write. */
  wrote(): void {
    const { socket } = this.#wire;
    const queued = socket.writableLength;
    if (queued > this.#meter.backpressure) this.#meter.backpressure = queued;
    if (!socket.writableNeedDrain || this.blocked) return;
    this.blocked = true;
    socket.once("drain", () => {
      this.blocked = false;
      if (this.open) this.#handler!.unblocked();
    });
  }

  /** Sends a ping at once. */
  ping(payload: Buffer): void {
    if (!this.open) return;
    this.#scope.hot.ws_pings_sent++;
    this.#writeControl(Opcode.ping, payload);
  }

  /** Reads nothing before {@link resume}: what comes stays with the kernel, and then with the other side. */
  pause(): void {
    this.#wire.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#wire.resume();
  }

  /** Reads whatever there is from now on, in pieces as large as may be. */
  readFreely(): void {
    this.#wire.widen();
    this.#wire.resume();
  }

  /**
   * Begins the closing handshake; the server is to close TCP (RFC 6455 §7.1.1).
   * @throws WsctlError WSCTL_EPROTOCOL for what a close frame cannot say
   */
  close(code: number, reason?: string): void {
    if (!this.open) return;
    const payload = encodeClosePayload(code, reason);
    this.open = false;
    this.#ending.close(code, reason ?? "");
    this.#sendClose(payload);
  }

  /**
   * Ends the connection without a close frame, as one who crashes (`reset`), quits (`fin`) or whose
   * network is gone (`silent`: the other side hears nothing, until {@link destroy}).
   * @param why it was asked for, or no pong came
   */
  drop(how: "fin" | "reset" | "silent", why: "dropped" | "no-pong" = "dropped"): void {
    this.open = false;
    this.#reader.stop();
    this.#ending.cut(why);
    if (how === "reset") this.#reset();
    // What is queued leaves before the FIN does.
    else if (how === "fin") this.#wire.socket.destroySoon();
    else {
      this.#ending.note(this.#isQueued);
      this.#wire.pause();
      this.#ended(undefined);
    }
  }

  /** Ends the connection now, without waiting for the other side. */
  destroy(): void {
    this.open = false;
    this.#reader.stop();
    this.#ending.cut("timeout");
    this.#reset();
  }

  /** Called by the reader: a message came. */
  message(opcode: DataOpcode, buf: Buffer, start: number, end: number): void {
    const { hot } = this.#scope;
    hot.ws_msgs_received++;
    hot.ws_payload_received += end - start;
    this.#handler!.message(opcode, buf, start, end);
  }

  /** Called by the reader: a control frame came. */
  control(opcode: ControlOpcode, buf: Buffer, start: number, end: number): void {
    if (opcode === Opcode.pong) {
      this.#handler!.pong(buf, start, end);
    } else if (opcode === Opcode.ping) {
      const { hot } = this.#scope;
      hot.ws_pings_received++;
      if (this.mute && Number.isNaN(this.unansweredAt)) this.unansweredAt = this.now;
      // Who pings and does not read gets no queue of pongs: answering the latest would do (§5.5.3).
      if (!this.open || this.mute || this.#wire.socket.writableNeedDrain) return;
      hot.ws_pongs_sent++;
      this.#writeControl(Opcode.pong, buf.subarray(start, end));
    } else {
      this.open = false;
      const { code, reason } = parseClosePayload(buf, start, end);
      this.#ending.closed(code, reason);
      // §5.5.1: echo the code; then the server closes TCP, and the closer resets whoever does not.
      if (this.#closeSent) return;
      this.#sendClose(Buffer.from(buf.subarray(start, Math.min(end, start + 2))));
      this.#handler!.closing?.();
    }
  }

  #receive(buf: Buffer, start: number, end: number): void {
    this.#scope.hot.ws_bytes_received += end - start;
    this.received += end - start;
    this.now = performance.now();
    try {
      this.#feed(buf, start, end);
      this.#handler!.read();
    } catch (error) {
      this.#breakOff(error);
    }
  }

  #feed(buf: Buffer, start: number, end: number): void {
    try {
      this.#reader.feed(buf, start, end);
    } catch (violation) {
      if (!(violation instanceof ProtocolViolation)) throw violation;
      this.#fail(violation);
    }
  }

  /** What came could not be dealt with: that is the end of this connection, but of no other. */
  #breakOff(error: unknown): void {
    this.#meter.error("message could not be handled", messageOf(error));
    this.open = false;
    this.#reader.stop();
    this.#ending.cut("unhandled");
    this.#reset();
  }

  /** TLS holds on to all that is written in a turn: only a full queue says anything there. */
  get #isQueued(): boolean {
    return this.blocked || (!this.keepsWrites && this.#wire.socket.writableLength > 0);
  }

  #reset(): void {
    const { socket } = this.#wire;
    this.#ending.note(this.#isQueued);
    // Node resets plain TCP only: over TLS it throws.
    if (this.keepsWrites) socket.destroy();
    else socket.resetAndDestroy();
  }

  #fail(violation: ProtocolViolation): void {
    this.open = false;
    this.#ending.fail(violation.closeCode);
    this.#meter.error("protocol violation", violation.message);
    if (!this.#closeSent) this.#sendClose(encodeClosePayload(violation.closeCode));
    this.#wire.socket.destroySoon();
    this.#handler!.closing?.();
  }

  #sendClose(payload: Buffer): void {
    // Nothing may follow a close frame (§5.5.1): what this read has made due leaves before it.
    this.#handler!.flush();
    this.#ending.backedUp = this.#isQueued;
    this.#closeSent = true;
    this.#writeControl(Opcode.close, payload);
  }

  #writeControl(opcode: ControlOpcode, payload: Buffer): void {
    const frame = encodeFrame({ opcode, mask: newMask() }, payload);
    this.#scope.hot.ws_bytes_sent += frame.length;
    this.#wire.socket.write(frame);
  }

  #ended(error: NodeJS.ErrnoException | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.open = false;
    this.#scope.times.ws_session_duration.record(performance.now() - this.#openedAt);
    this.#ending.count(this.sent - this.confirmed, error, this.#scope, this.#meter);
    this.#meter.open--;
    this.#handler!.ended();
  }
}
