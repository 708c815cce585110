/**
 * Owns the Link: one lean connection of a load run. It parses in place, matches replies to sends,
 * answers pings and closes, and gathers what is due into one write per read.
 */
import { TLSSocket } from "node:tls";
import type { Wire } from "../dial/wire.js";
import { parseClosePayload, encodeClosePayload } from "../frame/close.js";
import { encodeFrame } from "../frame/encode.js";
import { MessageReader, type MessageSink } from "../frame/message-reader.js";
import { Opcode, type ControlOpcode, type DataOpcode } from "../frame/opcode.js";
import { ProtocolViolation } from "../frame/violation.js";
import { newMask } from "./frame-pool.js";
import { Ledger } from "./ledger.js";
import type { Rig } from "./rig.js";

/** How a connection ended, before it is known to have ended. */
interface Ending {
  readonly code: number;
  readonly by: "client" | "server";
}

/** One connection under load. */
export class Link implements MessageSink {
  /** Global index in the plan. */
  readonly index: number;
  readonly ledger = new Ledger();
  /** Messages of the schedule sent so far; the next is number `rounds`. */
  rounds = 0;
  /** Whether the socket asked us to wait before writing more. */
  blocked = false;
  /** Whether messages may still be sent. */
  open = true;
  /** This connection's requests and their fates, for its own sum. */
  expected = 0;
  answered = 0;
  timedOut = 0;

  readonly #rig: Rig;
  readonly #wire: Wire;
  readonly #reader: MessageReader;
  readonly #openedAt = performance.now();
  #unflushed = 0;
  #now = 0;
  #ending: Ending | undefined;
  #closeSent = false;
  #closeReceived = false;
  /** Whether we failed the connection for what the other side sent. */
  #failed = false;
  /** Whether replies came that answer nothing, or only what had timed out. */
  #unmatched = false;
  #late = false;
  /** Whether we gave up waiting for the other side to close. */
  #cut = false;

  constructor(index: number, wire: Wire, rig: Rig) {
    this.index = index;
    this.#rig = rig;
    this.#wire = wire;
    this.#reader = new MessageReader(this, {
      role: "client",
      maxPayload: rig.plan.connection.maxPayload,
    });
    wire.onClose = (error) => this.#ended(error);
    wire.receive((buf, start, end) => this.#receive(buf, start, end));
  }

  /** Whether frames wait for {@link flush}. */
  get pending(): boolean {
    return this.#unflushed > 0;
  }

  /**
   * Whether the n-th reply can no longer be taken for the answer to the n-th send: more came than was
   * asked for, or the late ones never caught up, as after a lost reply.
   */
  get pairingLost(): boolean {
    return this.#unmatched || (this.#late && this.ledger.expired > 0);
  }

  /** Whether an answer is still to come: to what waits, or late, where late ones do come. */
  get awaits(): boolean {
    return this.ledger.waiting > 0 || (this.#late && this.ledger.expired > 0);
  }

  /** Makes the next message due; it leaves with the next {@link flush}. Times in ms. */
  send(intended: number): void {
    this.rounds++;
    this.#unflushed++;
    this.ledger.push(intended);
  }

  /** Writes everything that is due, in one write. */
  flush(): void {
    const count = this.#unflushed;
    if (count === 0) return;
    this.#unflushed = 0;
    const { meter, slab, frames, correlates } = this.#rig;
    const socket = this.#wire.socket;
    const from = this.rounds - count;
    // The clock is read before the write: what the kernel then takes to copy the bytes is a part of
    // the round trip, as it is for any client.
    const now = performance.now();
    meter.hot.ws_bytes_sent += slab.write(socket, frames, from, this.rounds);
    meter.hot.ws_msgs_sent += count;
    for (let round = from; round < this.rounds; round++) {
      meter.hot.ws_payload_sent += frames.payloadSize(round);
    }
    for (let i = this.ledger.waiting - count; i < this.ledger.waiting; i++) {
      meter.times.ws_schedule_lag.record(now - this.ledger.intendedOf(i));
    }
    if (correlates) {
      meter.hot.ws_msg_expected += count;
      this.expected += count;
      this.ledger.written(count, now);
    } else {
      this.ledger.forget();
    }
    if (socket.writableLength > meter.backpressure) meter.backpressure = socket.writableLength;
    if (socket.writableNeedDrain && !this.blocked) {
      this.blocked = true;
      socket.once("drain", () => {
        this.blocked = false;
        if (this.open) this.#rig.traffic.unblocked(this);
      });
    }
  }

  /** Sends the plan's first messages; no replies are expected. */
  sendFirst(): void {
    // A close frame may have come in the same read as the 101: nothing follows its answer (§5.5.1).
    if (!this.open) return;
    const { meter, firstFrames, plan } = this.#rig;
    for (let i = 0; i < plan.first.length; i++) {
      const frame = firstFrames.frame(this.index * plan.first.length + i);
      this.#wire.socket.write(frame);
      meter.hot.ws_msgs_sent++;
      meter.hot.ws_bytes_sent += frame.length;
      meter.hot.ws_payload_sent += firstFrames.payloadSize(i);
    }
  }

  /** Gives up on requests written before `limit`; their places are free again. */
  expire(limit: number, now: number): void {
    const { ledger } = this;
    const { hot, times } = this.#rig.meter;
    let count = 0;
    while (ledger.waiting > 0 && ledger.writtenOf(0) < limit) {
      // What it waited so far is the least that its round trip can be: left out, the slowest would be
      // missing from the distribution of what users feel.
      times.ws_msg_rtt.record(now - ledger.intendedOf(0));
      times.ws_msg_rtt_sent.record(now - ledger.writtenOf(0));
      ledger.expire();
      count++;
    }
    if (count === 0) return;
    this.timedOut += count;
    hot.ws_msg_timeout += count;
    this.#rig.traffic.freed(this, count, now);
    this.flush();
  }

  /** Begins the closing handshake; the server is to close TCP (RFC 6455 §7.1.1). */
  close(code: number): void {
    if (!this.open) return;
    this.open = false;
    this.#ending = { code, by: "client" };
    this.#sendClose(encodeClosePayload(code));
  }

  /** Ends the connection now, without waiting for the other side. */
  destroy(): void {
    this.open = false;
    this.#reader.stop();
    // A closing handshake that only we took part in is no clean close (RFC 6455 §7.1.5).
    this.#cut = !this.#closeReceived;
    const { socket } = this.#wire;
    // Node resets plain TCP only: over TLS it throws.
    if (socket instanceof TLSSocket) socket.destroy();
    else socket.resetAndDestroy();
  }

  /** Called by the reader: a message came. */
  message(_opcode: DataOpcode, _buf: Buffer, start: number, end: number): void {
    const { meter, correlates, traffic } = this.#rig;
    meter.hot.ws_msgs_received++;
    meter.hot.ws_payload_received += end - start;
    // After our close frame every request has met its fate: what still comes answers one of those.
    if (!correlates || !this.open) return;
    if (this.ledger.takeExpired()) {
      meter.hot.ws_msg_late++;
      this.#late = true;
      return;
    }
    // A request that is due but not written yet cannot have been answered.
    if (this.ledger.waiting <= this.#unflushed) {
      meter.hot.ws_msg_unmatched++;
      if (this.rounds > 0) this.#unmatched = true;
      return;
    }
    meter.times.ws_msg_rtt.record(this.#now - this.ledger.intendedOf(0));
    meter.times.ws_msg_rtt_sent.record(this.#now - this.ledger.writtenOf(0));
    this.ledger.shift();
    this.answered++;
    meter.hot.ws_msg_answered++;
    traffic.freed(this, 1, this.#now);
  }

  /** Called by the reader: a control frame came. */
  control(opcode: ControlOpcode, buf: Buffer, start: number, end: number): void {
    if (opcode === Opcode.ping && this.open) {
      // Who pings and does not read gets no queue of pongs: answering the latest would do (§5.5.3).
      if (this.#wire.socket.writableNeedDrain) return;
      this.#writeControl(Opcode.pong, buf.subarray(start, end));
    } else if (opcode === Opcode.close) {
      this.open = false;
      this.#closeReceived = true;
      this.#ending ??= { code: parseClosePayload(buf, start, end).code, by: "server" };
      // §5.5.1: echo the code; then the server closes TCP, and the closer resets whoever does not.
      if (!this.#closeSent)
        this.#sendClose(Buffer.from(buf.subarray(start, Math.min(end, start + 2))));
    }
  }

  #receive(buf: Buffer, start: number, end: number): void {
    this.#rig.meter.hot.ws_bytes_received += end - start;
    this.#now = performance.now();
    try {
      this.#reader.feed(buf, start, end);
    } catch (violation) {
      if (!(violation instanceof ProtocolViolation)) throw violation;
      this.#fail(violation);
    }
    if (this.#unflushed > 0) this.flush();
  }

  #fail(violation: ProtocolViolation): void {
    this.open = false;
    this.#failed = true;
    this.#ending = { code: violation.closeCode, by: "client" };
    this.#rig.meter.error("protocol violation", violation.message);
    if (!this.#closeSent) this.#sendClose(encodeClosePayload(violation.closeCode));
    this.#wire.socket.destroySoon();
  }

  #sendClose(payload: Buffer): void {
    // Nothing may follow a close frame (§5.5.1): what this read has made due leaves before it.
    this.flush();
    this.#closeSent = true;
    this.#writeControl(Opcode.close, payload);
  }

  #writeControl(opcode: ControlOpcode, payload: Buffer): void {
    const frame = encodeFrame({ opcode, mask: newMask() }, payload);
    this.#rig.meter.hot.ws_bytes_sent += frame.length;
    this.#wire.socket.write(frame);
  }

  #ended(error: NodeJS.ErrnoException | undefined): void {
    const { meter } = this.#rig;
    // A server that said goodbye may reset TCP as it likes: its code stands. Where only we said so,
    // there is no code but 1006 (§7.1.5).
    const cleanly = this.#ending !== undefined && (this.#closeReceived || this.#failed);
    this.open = false;
    this.#unflushed = 0;
    meter.times.ws_session_duration.record(performance.now() - this.#openedAt);
    if (cleanly) {
      meter.count("ws_close", { code: String(this.#ending!.code), by: this.#ending!.by });
    } else {
      const cause = error?.code ?? (this.#cut ? "timeout" : "fin");
      meter.count("ws_close", { code: "1006", by: this.#ending?.by ?? "server", cause });
      const what = this.#cut ? "no answer to our close frame" : "TCP closed without a close frame";
      meter.error("connection broken (1006)", error?.message ?? what);
    }
    this.#rig.ended(this);
  }
}
