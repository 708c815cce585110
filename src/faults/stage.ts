/**
 * Owns a fault's place in the stream of one connection: what comes from the stage before it, what
 * it lets pass to the next, and all that it can do besides.
 */
import type { Random } from "../base/random.js";
import { encodeClosePayload } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import type { FaultHooks, Scheduled } from "./fault.js";
import type { DeflateAgreement } from "./deflate-agreement.js";
import { ByteQueue, type Drip } from "./drip.js";
import {
  bytesOf,
  dataFrames,
  makeControl,
  makeFin,
  makeFrame,
  makeMessage,
  makePart,
  takeControls,
  type Frame,
  type Message,
  type Outgoing,
} from "./outgoing.js";
import { Passage } from "./passage.js";
import type { Sink, StageFault, StageLine } from "./stage-line.js";
import { Timers } from "./timers.js";
import type { Schedule } from "./trigger.js";

/** One fault on one connection. */
export class Stage implements Scheduled, Sink {
  next: Sink;
  readonly #fault: StageFault;
  readonly #line: StageLine;
  readonly #timers = new Timers();
  #hooks: FaultHooks = {};
  readonly #passage: Passage;
  readonly #aside = new Set<Outgoing>();
  #cut = false;
  /** A close frame of the host has passed here; it may still wait behind. */
  #closes = false;

  constructor(line: StageLine, fault: StageFault, next: Sink) {
    this.#line = line;
    this.#fault = fault;
    this.next = next;
    this.#passage = new Passage({
      now: () => line.now(),
      after: (ms, act) => this.after(ms, act),
      backlog: () => line.backlog,
      take: (piece) => this.next.take(piece),
      takePart: (whole, bytes, isLast) => this.#takePart(whole, bytes, isLast),
    });
  }

  get schedule(): Schedule {
    return this.#fault.schedule;
  }

  get untilDue(): number | undefined {
    const { due } = this.#fault.trigger;
    return due === undefined ? undefined : Math.max(0, due - this.#fault.elapsed());
  }

  /** Ms until the window of the schedule closes that is open; Infinity without one. */
  get untilOver(): number {
    return (this.#fault.trigger.closes ?? Infinity) - this.#fault.elapsed();
  }

  /** Randomness for what the fault makes up, such as which byte it flips. */
  get random(): Random {
    return this.#fault.choices;
  }

  /** Whether a close frame came from the client. */
  get clientCloses(): boolean {
    return this.#line.clientCloses;
  }

  /** What was agreed of permessage-deflate; known once the answer has come. */
  get deflate(): DeflateAgreement | undefined {
    return this.#line.deflate;
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
    if (hooks.chunk && piece.kind !== "fin") {
      hooks.traffic?.();
      return hooks.chunk(piece);
    }
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
        this.#closes ||= piece.opcode === Opcode.close;
        return hooks.control ? hooks.control(piece) : this.pass(piece);
      case "fin":
        return hooks.finishing ? hooks.finishing(piece) : this.pass(piece);
      case "raw":
      case "part":
        return this.pass(piece);
    }
  }

  /** The connection is open. */
  opened(): void {
    this.#hooks.opened?.();
  }

  /** Bytes came from the client. */
  incoming(size: number): void {
    this.#hooks.traffic?.();
    this.#hooks.incoming?.(size);
  }

  /**
   * Lets a piece go on to the next stage, behind all that passed before it.
   *
   * @param ms how much later; Infinity: only when the fault is taken away
   */
  pass(piece: Outgoing, ms = 0): void {
    this.#passage.pass(piece, ms);
  }

  /** Lets a piece go on in parts, behind all that passed before it. */
  drip(piece: Outgoing, drip: Drip): void {
    this.#passage.drip(piece, drip);
  }

  /** Lets a piece go on at once, before what waits here. */
  overtake(piece: Outgoing): void {
    this.next.take(piece);
  }

  /** Throws away what waits here. */
  forsake(): void {
    this.#passage.clear((piece) => this.#line.release(piece));
  }

  /** Lets the first bytes of a piece go on, and throws the rest away. */
  truncate(piece: Outgoing, size: number): void {
    this.#takePart(piece, new ByteQueue(bytesOf(piece)).take(size), false);
    this.#line.release(piece);
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
    const twin = makeMessage(dataFrames(message), message.number);
    this.#line.adopt(twin.wire);
    return twin;
  }

  /** Gives a message other frames. */
  reframe(message: Message, frames: Frame[]): void {
    const { wire } = makeMessage(frames);
    this.#line.adopt(wire - message.wire);
    message.frames = frames;
    message.wire = wire;
  }

  /** Sends a piece that the host did not write, behind what passed before. */
  send(piece: Outgoing): void {
    this.#line.adopt(piece.wire);
    this.pass(piece);
  }

  /**
   * Sends a close frame, unless one has left already, and lets nothing follow it. The host, which
   * does not know, ends the stream when it sees the client's answer.
   */
  close(code: number, reason: string): boolean {
    if (this.#line.closed || this.#closes || this.#cut) return false;
    const frame = makeFrame({ opcode: Opcode.close }, encodeClosePayload(code, reason));
    this.send(makeControl(frame, true));
    this.#cut = true;
    this.#line.expectEnd();
    return true;
  }

  /** Ends the stream behind what has passed; nothing of what the host says follows. Acts once. */
  fin(): boolean {
    if (this.#cut) return false;
    this.#cut = true;
    this.send(makeFin());
    this.#line.expectEnd();
    return true;
  }

  /** Cuts the connection with RST. */
  reset(): void {
    this.#line.reset();
  }

  /** Lets nothing leave any more, not even the end; whether anything could before. */
  silence(): boolean {
    return !this.#cut && this.#line.silence(this, true);
  }

  /** Ends the silence, and the stream. */
  silentFin(): void {
    if (this.#cut) return;
    this.#passage.clear((piece) => this.#line.release(piece));
    this.#line.silence(this, false);
    this.fin();
  }

  /** Stops reading from the client, or goes on; what comes meanwhile waits with the kernel. */
  read(on: boolean): void {
    this.#line.holdReading(this, !on);
  }

  /**
   * The fault is taken away: what it held goes on. False when the stage has to stay, without its
   * fault: what it has ended stays ended.
   */
  remove(): boolean {
    this.#timers.clear();
    this.#hooks.removed?.();
    this.#hooks = {};
    this.#line.silence(this, false);
    this.#line.holdReading(this, false);
    this.#passage.flush();
    // One by one: what takes a piece may end the line, and so all that is still set aside.
    for (const piece of this.#aside) if (this.#aside.delete(piece)) this.next.take(piece);
    return !this.#cut;
  }

  /** The connection is gone: what was held never leaves. */
  dispose(): void {
    this.#timers.end();
    [this.#hooks, this.#cut] = [{}, true];
    this.forsake();
    for (const piece of this.#aside) this.#line.release(piece);
    this.#aside.clear();
  }

  #takePart(whole: Outgoing, bytes: Buffer, isLast: boolean): void {
    const part = makePart(whole, bytes, isLast);
    // Parts may have more bytes than the piece that they are of.
    this.#line.adopt(part.added);
    if (bytes.length > 0 || isLast) this.next.take(part.part);
  }
}
