/**
 * Owns the way out to one socket: in order, each thing after its delay if it has one, and no faster
 * than the socket takes it.
 */
import type { Socket } from "node:net";
import type { Brake } from "./brake.js";
import { resetAfterWrites } from "./reset-socket.js";

/** So many bytes may wait for their delay before the source is not read from. */
const mostQueued = 1024 * 1024;

interface Waiting {
  /** Undefined for the end of the stream. */
  readonly bytes: Buffer | undefined;
  readonly isWhole: boolean;
  /** `performance.now()` when it may leave. */
  readonly due: number;
}

/** Writes to `socket` what comes from the socket that `source` brakes. */
export class Outlet {
  /** Whether what has left ends inside a frame, as far as that was told. */
  midFrame = false;
  readonly #socket: Socket;
  readonly #source: Brake;
  #queue: Waiting[] = [];
  #queued = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(socket: Socket, source: Brake) {
    this.#socket = socket;
    this.#source = source;
    socket.on("drain", () => source.release("drain"));
    socket.on("close", () => {
      this.#drop();
      // What still comes for it is read and forgotten, so that the end of it is seen.
      source.release("drain");
    });
  }

  /** Bytes that wait for their delay. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * @param delay milliseconds that they wait, with all that comes after them
   * @param isWhole whether a frame ends with them
   */
  write(bytes: Buffer, delay = 0, isWhole = true): void {
    if (this.#isOver || bytes.length === 0) return;
    if (this.#queue.length === 0 && delay === 0) this.#send(bytes, isWhole);
    else this.#wait(bytes, delay, isWhole);
  }

  /** Ends the stream behind what waits. */
  end(): void {
    if (this.#isOver) return;
    if (this.#queue.length === 0) this.#end();
    else this.#wait(undefined, 0, true);
  }

  /** Cuts the connection; what waits for a delay is lost. */
  reset(): void {
    this.#drop();
    resetAfterWrites(this.#socket);
  }

  /** Takes nothing more, and says nothing more. */
  mute(): void {
    this.#drop();
  }

  #send(bytes: Buffer, isWhole: boolean): void {
    this.midFrame = !isWhole;
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (!this.#socket.write(bytes)) this.#source.hold("drain");
  }

  #end(): void {
    this.#isOver = true;
    if (!this.#socket.destroyed) this.#socket.end();
  }

  #wait(bytes: Buffer | undefined, delay: number, isWhole: boolean): void {
    const last = this.#queue.at(-1)?.due ?? 0;
    this.#queue.push({ bytes, isWhole, due: Math.max(performance.now() + delay, last) });
    this.#queued += bytes?.length ?? 0;
    if (this.#queued > mostQueued) this.#source.hold("queue");
    this.#timer ??= this.#schedule();
  }

  #schedule(): NodeJS.Timeout | undefined {
    const [first] = this.#queue;
    if (!first) return undefined;
    // A timer may come a little early: a whole millisecond more, and it does not come twice.
    const delay = Math.max(1, Math.ceil(first.due - performance.now()));
    return setTimeout(() => this.#release(), delay);
  }

  #release(): void {
    const now = performance.now();
    let count = 0;
    for (const { bytes, isWhole, due } of this.#queue) {
      if (due > now) break;
      count++;
      if (!bytes) {
        this.#end();
        break;
      }
      this.#queued -= bytes.length;
      this.#send(bytes, isWhole);
    }
    this.#queue = this.#queue.slice(count);
    if (this.#queued <= mostQueued) this.#source.release("queue");
    this.#timer = this.#schedule();
  }

  #drop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    this.#queued = 0;
    this.#source.release("queue");
  }
}
