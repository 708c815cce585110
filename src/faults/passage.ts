/** Owns what passes a stage later: in order, each piece behind those before it, whole or in parts. */
import type { Drip } from "./drip.js";
import { Fifo } from "./fifo.js";
import type { Outgoing } from "./outgoing.js";

/** What a passage needs of its stage. */
interface PassageHost {
  now(): number;
  after(ms: number, act: () => void): void;
  /** Bytes that the kernel has not taken yet. */
  backlog(): number;
  /** A piece passes. */
  take(piece: Outgoing): void;
  /** Some bytes of a piece pass, and with the last of them the piece. */
  takePart(whole: Outgoing, bytes: Buffer, isLast: boolean): void;
}

interface Waiting {
  readonly piece: Outgoing;
  due: number;
  readonly drip: Drip | undefined;
}

/** A client that does not take so many bytes is given no more drops: each costs more than its bytes. */
const mostBacklog = 64 * 1024;
const lookAgain = 20;
/** Drops that are late are made up for, but for no more than that, in ms. */
const mostLate = 100;

/** What waits at one stage. */
export class Passage {
  readonly #host: PassageHost;
  readonly #queue = new Fifo<Waiting>();
  /** When what is behind the last drip may leave. */
  #free = -Infinity;
  #isTimed = false;

  constructor(host: PassageHost) {
    this.#host = host;
  }

  /** @param ms how much later; Infinity: only by `flush` */
  pass(piece: Outgoing, ms: number): void {
    if (ms === 0 && this.#queue.size === 0 && this.#free <= this.#host.now()) {
      this.#host.take(piece);
    } else {
      this.#push(piece, ms, undefined);
    }
  }

  /** Lets a piece pass in parts. */
  drip(piece: Outgoing, drip: Drip): void {
    this.#push(piece, 0, drip);
  }

  /** Lets all pass now, what was to drip as well. */
  flush(): void {
    this.#isTimed = false;
    for (let held = this.#queue.shift(); held; held = this.#queue.shift()) {
      if (held.drip) this.#host.takePart(held.piece, held.drip.rest(), true);
      else this.#host.take(held.piece);
    }
  }

  /** Takes all out; what had begun to drip never ends. */
  clear(release: (piece: Outgoing) => void): void {
    this.#isTimed = false;
    this.#free = -Infinity;
    for (let held = this.#queue.shift(); held; held = this.#queue.shift()) release(held.piece);
  }

  #push(piece: Outgoing, ms: number, drip: Drip | undefined): void {
    const due = Math.max(this.#host.now() + ms, this.#free);
    this.#queue.push({ piece, due, drip });
    if (this.#queue.size === 1) this.#drain();
  }

  #drain(): void {
    const now = (): number => this.#host.now();
    const due = (head: Waiting): number => Math.max(head.due, this.#free);
    for (let head = this.#queue.peek(); head && due(head) <= now(); head = this.#queue.peek()) {
      if (head.drip) {
        this.#drop(head, head.drip);
        continue;
      }
      this.#queue.shift();
      this.#host.take(head.piece);
    }
    const head = this.#queue.peek();
    if (!head || this.#isTimed) return;
    this.#isTimed = true;
    this.#host.after(due(head) - now(), () => {
      this.#isTimed = false;
      this.#drain();
    });
  }

  #drop(head: Waiting, drip: Drip): void {
    const now = this.#host.now();
    if (this.#host.backlog() > mostBacklog) {
      head.due = now + lookAgain;
      return;
    }
    const { bytes, wait, isLast } = drip.next();
    head.due = Math.max(head.due, this.#free, now - mostLate) + wait;
    if (isLast) {
      this.#free = head.due;
      this.#queue.shift();
    }
    this.#host.takePart(head.piece, bytes, isLast);
  }
}
