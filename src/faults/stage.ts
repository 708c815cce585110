/**
 * Owns a fault's place in the stream of one connection: what comes from the stage before it, what
 * it lets pass to the next, and all that it can do besides.
 */
import type { Random } from "../base/random.js";
import { encodeClosePayload } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import type { FaultHooks, Scheduled } from "./fault.js";
import { Fifo } from "./fifo.js";
import {
  dataFrames,
  makeControl,
  makeFin,
  makeFrame,
  makeMessage,
  takeControls,
  type Message,
  type Outgoing,
} from "./outgoing.js";
import { Timers } from "./timers.js";
import type { Schedule, Trigger } from "./trigger.js";

/** Where pieces go. */
export interface Sink {
  take(piece: Outgoing): void;
}

/** What a stage needs to know of its fault. */
export interface StageFault {
  readonly schedule: Schedule;
  readonly trigger: Trigger;
  /** For decisions only, so that nothing else shifts them. */
  readonly draws: Random;
  /** For what the fault makes up. */
  readonly choices: Random;
  /** Ms since the fault was added. */
  elapsed(): number;
  injected(count: number): void;
  stall(ms: number): void;
}

/** What a stage needs of its line. */
export interface StageLine {
  /** Whether a close frame came from the client. */
  readonly clientCloses: boolean;
  /** Whether a close frame has left. */
  readonly closed: boolean;
  now(): number;
  /** A piece exists that the host did not write. */
  adopt(piece: Outgoing): void;
  /** A piece will never leave. */
  release(piece: Outgoing): void;
  reset(): void;
  /** Nothing leaves any more while anyone wants it so. */
  silence(who: object, on: boolean): void;
  /** Resets unless the connection is gone by then. */
  expectEnd(): void;
}

/** One fault on one connection. */
export class Stage implements Scheduled, Sink {
  next: Sink;
  readonly #fault: StageFault;
  readonly #line: StageLine;
  readonly #timers = new Timers();
  #hooks: FaultHooks = {};
  /** What passes later, in order; each waits for those before it. */
  readonly #queue = new Fifo<{ readonly piece: Outgoing; readonly due: number }>();
  readonly #aside = new Set<Outgoing>();
  #cut = false;

  constructor(line: StageLine, fault: StageFault, next: Sink) {
    this.#line = line;
    this.#fault = fault;
    this.next = next;
  }

  get schedule(): Schedule {
    return this.#fault.schedule;
  }

  get untilDue(): number | undefined {
    const { due } = this.#fault.trigger;
    return due === undefined ? undefined : Math.max(0, due - this.#fault.elapsed());
  }

  /** Randomness for what the fault makes up, such as which byte it flips. */
  get random(): Random {
    return this.#fault.choices;
  }

  /** Whether a close frame came from the client. */
  get clientCloses(): boolean {
    return this.#line.clientCloses;
  }

  /** Monotonic, in ms. */
  now(): number {
    return this.#line.now();
  }

  /** Sets what happens here. */
  use(hooks: FaultHooks): void {
    this.#hooks = hooks;
  }

  fires(able = true): boolean {
    const { trigger, draws } = this.#fault;
    return trigger.fires(this.#fault.elapsed(), draws, able);
  }

  /** Reports what was done, exactly: this is what a client's own figures are held against. */
  injected(count = 1): void {
    this.#fault.injected(count);
  }

  after(ms: number, act: () => void): void {
    this.#timers.after(ms, act);
  }

  stall(ms: number): void {
    this.#fault.stall(ms);
  }

  take(piece: Outgoing): void {
    const hooks = this.#hooks;
    if (this.#cut && piece.kind !== "fin") return this.#line.release(piece);
    if (piece.kind === "message" && hooks.control) {
      for (const control of takeControls(piece)) this.take(control);
    }
    hooks.traffic?.();
    switch (piece.kind) {
      case "answer":
        return hooks.answer ? hooks.answer(piece) : this.pass(piece);
      case "message":
        return hooks.message ? hooks.message(piece) : this.pass(piece);
      case "control":
        return hooks.control ? hooks.control(piece) : this.pass(piece);
      case "fin":
        return hooks.finishing ? hooks.finishing(piece) : this.pass(piece);
      case "raw":
        return this.pass(piece);
    }
  }

  /** The connection is open. */
  opened(): void {
    this.#hooks.opened?.();
  }

  /** Bytes came from the client. */
  incoming(): void {
    this.#hooks.traffic?.();
  }

  /**
   * Lets a piece go on to the next stage, behind all that passed before it.
   *
   * @param ms how much later; Infinity: only when the fault is taken away
   */
  pass(piece: Outgoing, ms = 0): void {
    if (ms === 0 && this.#queue.size === 0) {
      this.next.take(piece);
      return;
    }
    this.#queue.push({ piece, due: this.now() + ms });
    if (this.#queue.size === 1) this.#wait();
  }

  /** Throws a piece away; control frames between the fragments of a message are no part of it. */
  drop(piece: Outgoing): void {
    if (piece.kind === "message") for (const control of takeControls(piece)) this.pass(control);
    this.#line.release(piece);
  }

  /** Takes a piece out of the stream, which goes on without it. It passes after `ms` by itself. */
  setAside(piece: Outgoing, ms: number): void {
    this.#aside.add(piece);
    this.after(ms, () => this.restore(piece));
  }

  isAside(piece: Outgoing): boolean {
    return this.#aside.has(piece);
  }

  /** Lets a piece that was set aside pass now; false if it has passed already. */
  restore(piece: Outgoing): boolean {
    if (!this.#aside.delete(piece)) return false;
    this.pass(piece);
    return true;
  }

  /** A second message like this one, for {@link pass}. */
  copy(message: Message): Message {
    const twin = makeMessage(dataFrames(message));
    this.#line.adopt(twin);
    return twin;
  }

  /** Sends a piece that the host did not write, behind what passed before. */
  send(piece: Outgoing): void {
    this.#line.adopt(piece);
    this.pass(piece);
  }

  /**
   * Sends a close frame, unless one has left already, and lets nothing follow it. The host, which
   * does not know, ends the stream when it sees the client's answer.
   */
  close(code: number, reason: string): boolean {
    if (this.#line.closed || this.#cut) return false;
    const frame = makeFrame({ opcode: Opcode.close }, encodeClosePayload(code, reason));
    this.send(makeControl(frame, true));
    this.#cut = true;
    this.#line.expectEnd();
    return true;
  }

  /** Ends the stream behind what has passed; nothing of what the host says follows. */
  fin(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.send(makeFin());
    this.#line.expectEnd();
  }

  /** Cuts the connection with RST. */
  reset(): void {
    this.#line.reset();
  }

  /** Lets nothing leave any more, not even the end. */
  silence(): void {
    this.#line.silence(this, true);
  }

  /**
   * The fault is taken away: what it held goes on. False when the stage has to stay, without its
   * fault: what it has ended stays ended.
   */
  remove(): boolean {
    this.#timers.clear();
    this.#hooks = {};
    this.#line.silence(this, false);
    for (let held = this.#queue.shift(); held; held = this.#queue.shift()) {
      this.next.take(held.piece);
    }
    for (const piece of this.#aside) this.next.take(piece);
    this.#aside.clear();
    return !this.#cut;
  }

  /** The connection is gone: what was held never leaves. */
  dispose(): void {
    this.#timers.clear();
    this.#hooks = {};
    for (let held = this.#queue.shift(); held; held = this.#queue.shift()) {
      this.#line.release(held.piece);
    }
    for (const piece of this.#aside) this.#line.release(piece);
    this.#aside.clear();
  }

  #wait(): void {
    const head = this.#queue.peek();
    if (head) this.after(head.due - this.now(), () => this.#drain());
  }

  #drain(): void {
    const now = this.now();
    for (let head = this.#queue.peek(); head && head.due <= now; head = this.#queue.peek()) {
      this.#queue.shift();
      this.next.take(head.piece);
    }
    this.#wait();
  }
}
