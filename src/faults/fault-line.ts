/**
 * Owns the line: it stands between a side that speaks and its socket, and leads what is said
 * through the faults, one stage after the other. Sans-I/O: bytes are handed in, and what results is
 * handed to a {@link LineHost}.
 */
import { Opcode } from "../frame/opcode.js";
import type { ActiveFault } from "./active-fault.js";
import { agreedIn, agreementOf, type DeflateAgreement } from "./deflate-agreement.js";
import { IncomingFrames } from "./incoming-frames.js";
import { LineEnd } from "./line-end.js";
import type { LineFacts, LineHost } from "./line-host.js";
import { completed, makeFin, numberOf, type Outgoing } from "./outgoing.js";
import { Splitter } from "./splitter.js";
import { Stage } from "./stage.js";
import type { Sink, StageLine } from "./stage-line.js";
import { Timers } from "./timers.js";

/** What a line needs of its set. */
export interface LineSet {
  now(): number;
  stalled(): boolean;
  /** The line is disposed of. */
  gone(line: FaultLine): void;
}

/** Bytes that faults may hold back on one connection. A load that passes it is cut off. */
const mostHeld = 64 * 1024 * 1024;
/** How long a client may take to end a connection that a fault has ended, in ms. */
const closingGrace = 10_000;
/** How long faults can keep a host that wants to end from ending, in ms. */
const endingGrace = 30_000;

/** The faults of one connection. */
export class FaultLine {
  readonly #host: LineHost;
  readonly #facts: LineFacts;
  readonly #set: LineSet;
  readonly #splitter: Splitter;
  readonly #incoming = new IncomingFrames();
  readonly #end: LineEnd;
  readonly #stages = new Map<ActiveFault, Stage>();
  readonly #timers = new Timers();
  readonly #asLine: StageLine;
  #first: Sink;
  readonly #last: Sink;
  /** Messages that the host wrote, and the one of them that a stage is given just now. */
  #messages = 0;
  #at: number | undefined = undefined;
  #held = 0;
  #opened: boolean;
  #clientCloses = false;
  #deflate: DeflateAgreement | undefined;
  /** Who wants that the client is not read from. */
  readonly #unread = new Set<object>();
  #finishing = false;
  #over = false;

  constructor(host: LineHost, facts: LineFacts, set: LineSet) {
    this.#host = host;
    this.#facts = facts;
    this.#set = set;
    this.#opened = facts.opened;
    this.#deflate = agreementOf(facts.extensions ?? "");
    this.#splitter = new Splitter(facts.opened);
    this.#end = new LineEnd(host, {
      stalled: () => set.stalled(),
      held: () => facts.injected("stall", 1, this.#at),
      opened: () => this.#open(),
      gone: (piece) => this.#gone(piece),
      lost: (piece) => this.#release(piece),
    });
    this.#last = this.#noting(this.#end);
    this.#first = this.#last;
    this.#asLine = this.#forStages();
  }

  /** Bytes that are held back, or belong to a message that is not whole yet. */
  get held(): number {
    return this.#held;
  }

  /**
   * Bytes are about to go to the client. Those that are no whole message yet are copied.
   *
   * @param done called once, when they have left or are known never to leave
   */
  outgoing(bytes: Buffer, done?: () => void): void {
    this.#held += bytes.length;
    for (const piece of this.#splitter.split(bytes, done)) this.#take(piece);
    // A host that has not heard of the end yet goes on: nothing of it leaves, and is counted so.
    if (this.#over) this.#abandon();
    else if (this.#held > mostHeld) this.#reset();
  }

  /** Bytes came from the client. They are looked at, not changed. */
  incoming(bytes: Buffer): void {
    if (this.#over || !this.#splitter.opened) return;
    this.#incoming.feed(bytes, (opcode) => {
      if (opcode === Opcode.close) this.#clientCloses = true;
    });
    for (const stage of this.#stages.values()) stage.incoming(bytes.length);
  }

  /** The host wants to end the stream. */
  finish(): void {
    if (this.#over || this.#finishing) return;
    this.#finishing = true;
    for (const piece of this.#splitter.flush()) this.#take(piece);
    this.#take(makeFin());
    if (this.#end.ended) return;
    this.#timers.after(endingGrace, () => {
      if (!this.#end.ended) this.#reset();
    });
  }

  /** Nothing leaves any more but the end. */
  mute(): void {
    this.#end.muted = true;
  }

  /** The connection is gone: callbacks are called, timers stopped. */
  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.end();
    this.#first = this.#end;
    for (const stage of this.#stages.values()) stage.dispose();
    this.#stages.clear();
    this.#end.dispose();
    this.#abandon();
    this.#set.gone(this);
  }

  /** For the set: from now on this fault acts here, after those before it in its layer. */
  attach(fault: ActiveFault): void {
    if (this.#over) return;
    const { index } = this.#facts;
    const ofFault = fault.forLine(index, (count) =>
      this.#facts.injected(fault.name, count, this.#at),
    );
    const stage = new Stage(this.#asLine, ofFault, this.#last);
    this.#stages.set(fault, stage);
    this.#chain();
    stage.use(fault.attach(stage));
    if (this.#opened) stage.opened();
  }

  /** For the set: that fault acts here no longer; what it held goes on. */
  detach(fault: ActiveFault): void {
    const stage = this.#stages.get(fault);
    if (!stage?.remove()) return;
    this.#stages.delete(fault);
    this.#chain();
  }

  /** For the set: a freeze may be over. */
  resume(): void {
    this.#end.resume();
  }

  /** Puts the stages one behind the other: by layer, then in the order of their adding. */
  #chain(): void {
    const order = [...this.#stages].toSorted(([one], [other]) => one.layer - other.layer);
    for (const [index, [, stage]] of order.entries()) {
      const next = order[index + 1]?.[1];
      stage.next = next ? this.#noting(next) : this.#last;
    }
    this.#first = order[0] ? this.#noting(order[0][1]) : this.#last;
  }

  /** What is done there is done to the message that it is given. */
  #noting(sink: Sink): Sink {
    return {
      take: (piece) => {
        const before = this.#at;
        this.#at = numberOf(piece);
        sink.take(piece);
        this.#at = before;
      },
    };
  }

  #take(piece: Outgoing): void {
    if (piece.kind === "message") {
      piece.number = ++this.#messages;
      this.#facts.undelivered(1);
    }
    if (piece.kind === "answer") this.#deflate = agreedIn(piece.head);
    this.#first.take(piece);
  }

  #gone(piece: Outgoing): void {
    this.#held -= piece.wire;
    const whole = completed(piece);
    if (whole?.kind === "message") this.#facts.undelivered(-1);
    else if (whole?.kind === "answer") this.#facts.undelivered(-whole.glued.length);
  }

  #abandon(): void {
    for (const callback of this.#splitter.abandon()) queueMicrotask(callback);
  }

  #open(): void {
    if (this.#opened || this.#over) return;
    this.#opened = true;
    for (const stage of this.#stages.values()) stage.opened();
  }

  #release(piece: Outgoing): void {
    this.#held -= piece.wire;
    for (const callback of piece.callbacks ?? []) queueMicrotask(callback);
  }

  #adopt(bytes: number): void {
    this.#held += bytes;
    // Not at once: whoever adds to it is in the middle of something.
    if (bytes > 0 && this.#held > mostHeld) queueMicrotask(() => this.#reset());
  }

  #holdReading(who: object, on: boolean): void {
    const before = this.#unread.size;
    if (on) this.#unread.add(who);
    else this.#unread.delete(who);
    if (before === 0 && on) this.#host.read(false);
    else if (before > 0 && this.#unread.size === 0) this.#host.read(true);
  }

  #reset(): void {
    if (this.#over) return;
    this.dispose();
    this.#host.reset();
  }

  #forStages(): StageLine {
    const end = this.#end;
    const host = this.#host;
    const clientCloses = (): boolean => this.#clientCloses;
    const deflate = (): DeflateAgreement | undefined => this.#deflate;
    return {
      get deflate() {
        return deflate();
      },
      get backlog() {
        return host.backlog;
      },
      get clientCloses() {
        return clientCloses();
      },
      get closed() {
        return end.closed;
      },
      now: () => this.#set.now(),
      adopt: (bytes) => this.#adopt(bytes),
      release: (piece) => this.#release(piece),
      reset: () => this.#reset(),
      silence(who, on) {
        if (!on) return end.silencers.delete(who);
        const isNew = !end.silencers.has(who);
        end.silencers.add(who);
        return isNew;
      },
      holdReading: (who, on) => this.#holdReading(who, on),
      expectEnd: () => this.#timers.after(closingGrace, () => this.#reset()),
    };
  }
}
