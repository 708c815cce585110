/**
 * Owns the Link: one connection of a run without virtual users. It pairs replies with sends in their
 * order, and gathers what is due into one write per read.
 */
// Twice for every message: the global of that name is an accessor, half as dear again.
import { performance } from "node:perf_hooks";
import type { Wire } from "../dial/wire.js";
import type { DataOpcode } from "../frame/opcode.js";
import { LeanSocket, type SocketHandler } from "./lean-socket.js";
import { Ledger } from "./ledger.js";
import type { Rig } from "./rig.js";

/** One connection under load. */
export class Link implements SocketHandler {
  /** Global index in the plan. */
  readonly index: number;
  readonly ledger = new Ledger();
  /** Messages of the schedule sent so far; the next is number `rounds`. */
  rounds = 0;
  /** This connection's requests and their fates, for its own sum. */
  expected = 0;
  answered = 0;
  timedOut = 0;

  readonly #rig: Rig;
  readonly #lean: LeanSocket;
  #unflushed = 0;
  /** Whether replies came that answer nothing, or only what had timed out. */
  #unmatched = false;
  #late = false;

  constructor(index: number, wire: Wire, rig: Rig) {
    this.index = index;
    this.#rig = rig;
    this.#lean = new LeanSocket(wire, rig.plan.connection.maxPayload, rig.meter, rig.meter);
    this.#lean.attach(this);
    this.#lean.listen();
  }

  /** Whether messages may still be sent. */
  get open(): boolean {
    return this.#lean.open;
  }

  /** Whether the socket asked us to wait before writing more. */
  get blocked(): boolean {
    return this.#lean.blocked;
  }

  /** Whether messages still stood in the socket's queue when it was closed. */
  get backedUp(): boolean {
    return this.#lean.backedUp;
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
    const { socket } = this.#lean;
    const from = this.rounds - count;
    // The clock is read before the write: what the kernel then takes to copy the bytes is a part of
    // the round trip, as it is for any client.
    const now = performance.now();
    meter.hot.ws_bytes_sent += slab.write(socket, frames, from, this.rounds);
    meter.hot.ws_msgs_sent += count;
    this.#lean.sent += count;
    for (let round = from; round < this.rounds; round++) {
      meter.hot.ws_payload_sent += frames.payloadSize(round);
    }
    for (let i = this.ledger.waiting - count; i < this.ledger.waiting; i++) {
      meter.left(now, this.ledger.intendedOf(i));
    }
    if (correlates) {
      meter.hot.ws_msg_expected += count;
      this.expected += count;
      this.ledger.written(count, now);
    } else {
      this.ledger.forget();
    }
    this.#lean.wrote();
  }

  /** Sends the plan's first messages; no replies are expected. */
  sendFirst(): void {
    // A close frame may have come in the same read as the 101: nothing follows its answer (§5.5.1).
    if (!this.open) return;
    const { meter, firstFrames, plan } = this.#rig;
    for (let i = 0; i < plan.first.length; i++) {
      const frame = firstFrames.frame(this.index * plan.first.length + i);
      this.#lean.socket.write(frame);
      meter.hot.ws_msgs_sent++;
      this.#lean.sent++;
      meter.hot.ws_bytes_sent += frame.length;
      meter.hot.ws_payload_sent += firstFrames.payloadSize(i);
    }
  }

  /** Gives up on requests written before `limit`; their places are free again. */
  expire(limit: number, now: number): void {
    const { ledger } = this;
    const { meter } = this.#rig;
    let count = 0;
    while (ledger.waiting > 0 && ledger.writtenOf(0) < limit) {
      // What it waited so far is the least that its round trip can be: left out, the slowest would be
      // missing from the distribution of what users feel.
      meter.roundTrip(now, ledger.intendedOf(0), ledger.writtenOf(0));
      ledger.expire();
      count++;
    }
    if (count === 0) return;
    this.timedOut += count;
    meter.hot.ws_msg_timeout += count;
    this.#rig.traffic.freed(this, count, now);
    this.flush();
  }

  /** Begins the closing handshake. */
  close(code: number): void {
    this.#lean.close(code);
  }

  /** Ends the connection now, without waiting for the other side. */
  destroy(): void {
    this.#lean.destroy();
  }

  /** Called by the socket: a message came. */
  message(_opcode: DataOpcode): void {
    const { meter, correlates, traffic } = this.#rig;
    // After our close frame every request has met its fate: what still comes answers one of those.
    if (!correlates || !this.#lean.open) return;
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
    const { now } = this.#lean;
    meter.roundTrip(now, this.ledger.intendedOf(0), this.ledger.writtenOf(0));
    this.ledger.shift();
    // The n-th reply answers the n-th send: of those written, only what still waits may be under way.
    this.#lean.confirmed = this.#lean.sent - (this.ledger.waiting - this.#unflushed);
    this.answered++;
    meter.hot.ws_msg_answered++;
    traffic.freed(this, 1, now);
  }

  /** Called by the socket: everything of one read has been handed on. */
  read(): void {
    this.flush();
    this.#rig.traffic.read(this.#lean.now);
  }

  pong(): void {
    // Nobody asked for it (RFC 6455 §5.5.3).
  }

  /** Called by the socket: it can be written to again. */
  unblocked(): void {
    this.#rig.traffic.unblocked(this);
  }

  /** Called by the socket: it is gone. */
  ended(): void {
    this.#unflushed = 0;
    this.#rig.ended(this);
  }
}
