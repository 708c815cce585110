/**
 * Owns the messages on their way out: those that wait for a connection or for room on it, and those
 * handed over whose fate is not known yet. Nothing is lost silently: a message is taken by the
 * system, or its promise is rejected.
 */
import { Fifo } from "./fifo.js";
import type { Outgoing } from "./session-options.js";

/**
 * Hands a message to a connection; `done` says whether the system took it. False when the
 * connection is closing and takes no more.
 */
type Write = (message: Outgoing, done: (error?: Error | null) => void) => boolean;

/** How much is handed over before the system has taken it: enough to keep a fast link busy. */
const mostBytes = 1024 * 1024;
const mostMessages = 1024;

/** How long a drain waits for the system to take one more message, in milliseconds. */
const drainPatience = 30_000;

interface Entry {
  readonly message: Outgoing;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function nobody(): void {}

/** The queue of one session, across all its connections. */
export class Outbox {
  readonly #queue = new Fifo<Entry>();
  /** What goes first, and means something on the present connection only. */
  readonly #urgent = new Fifo<Entry>();
  readonly #handedOver = new Set<Entry>();
  #bytes = 0;
  #write: Write | undefined = undefined;
  #isHeld = false;
  #isMoving = false;
  #refusal: Error | undefined = undefined;
  /** What waits for all to be taken. */
  #drained: { readonly done: () => void; readonly stall: NodeJS.Timeout } | undefined = undefined;

  /**
   * Resolves once the system has taken the message; rejects when it is not known whether the other
   * side got it, or known that it did not.
   *
   * @param urgent goes before all that waits, and does not outlive the connection
   */
  send(message: Outgoing, urgent = false): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#refusal) {
        reject(this.#refusal);
        return;
      }
      (urgent ? this.#urgent : this.#queue).push({ message, resolve, reject });
      this.#move();
    });
  }

  /** Starts handing over to a connection, the preamble before all that has waited for it. */
  attach(write: Write, preamble: readonly Outgoing[]): void {
    for (const message of preamble) {
      // Lost with the connection, it is said again on the next one: nobody has to be told.
      this.#urgent.push({ message, resolve: nobody, reject: nobody });
    }
    this.#write = write;
    this.#move();
  }

  /** Hands nothing over while it is held, and then what has waited. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#move();
  }

  /** The connection is gone: what was handed over is rejected, what has waited waits on. */
  detach(error: Error): void {
    this.#write = undefined;
    clearTimeout(this.#drained?.stall);
    this.#drained = undefined;
    const lost = [...this.#handedOver];
    this.#handedOver.clear();
    this.#bytes = 0;
    for (const entry of lost) entry.reject(error);
    rejectAll(this.#urgent, error);
  }

  /** Rejects all that comes, until {@link open}. */
  seal(error: Error): void {
    this.#refusal = error;
  }

  /** Rejects all that waits and all that comes, until {@link open}. */
  refuse(error: Error): void {
    this.#refusal = error;
    rejectAll(this.#urgent, error);
    rejectAll(this.#queue, error);
  }

  /** Takes messages again. */
  open(): void {
    this.#refusal = undefined;
  }

  /**
   * Calls `done` once the system has taken all that was sent, or `stalled` when it takes nothing any
   * more; neither when the connection is gone before.
   */
  drain(done: () => void, stalled: () => void): void {
    this.#drained = { done, stall: setTimeout(stalled, drainPatience) };
    this.#look();
  }

  get #hasRoom(): boolean {
    return this.#bytes < mostBytes && this.#handedOver.size < mostMessages;
  }

  #look(): void {
    const drained = this.#drained;
    if (!drained) return;
    drained.stall.refresh();
    if (this.#queue.length + this.#urgent.length + this.#handedOver.size > 0) return;
    clearTimeout(drained.stall);
    this.#drained = undefined;
    drained.done();
  }

  #move(): void {
    // Handing over may call back at once, and a listener may send from within it: what it sends
    // goes to the queue, and this loop finds it.
    if (this.#isMoving) return;
    this.#isMoving = true;
    while (this.#write && !this.#isHeld && this.#hasRoom) {
      const from = this.#urgent.length > 0 ? this.#urgent : this.#queue;
      const entry = from.peek();
      if (!entry) break;
      this.#handedOver.add(entry);
      this.#bytes += entry.message.data.length;
      if (this.#write(entry.message, (error) => this.#settle(entry, error))) {
        from.shift();
        continue;
      }
      this.#write = undefined;
      this.#handedOver.delete(entry);
      this.#bytes -= entry.message.data.length;
    }
    this.#isMoving = false;
  }

  #settle(entry: Entry, error: Error | null | undefined): void {
    // One that failed is rejected with the connection, whose end says more than its error; one that
    // was rejected already may still be called back.
    if (error || !this.#handedOver.delete(entry)) return;
    this.#bytes -= entry.message.data.length;
    entry.resolve();
    this.#move();
    this.#look();
  }
}

function rejectAll(queue: Fifo<Entry>, error: Error): void {
  for (let entry = queue.shift(); entry; entry = queue.shift()) entry.reject(error);
}
