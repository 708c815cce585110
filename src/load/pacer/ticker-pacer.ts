/**
 * Owns the beat of a thread that sleeps to the moment something is due: lag of a fifth of a
 * millisecond, for a tenth of a core at high rates and next to nothing at low ones. It needs a core
 * to run on while the worker is busy.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import type { Pacer } from "./pacer.js";
import { Cell, cellCount, never, restMs, type TickerFacts, unitsPerMs } from "./ticker-cells.js";

/** Ticks when the thread says so; a timer of a millisecond sees to what it leaves. */
export class TickerPacer implements Pacer {
  readonly #cells = new Int32Array(
    new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT),
  ).fill(never, Cell.due, Cell.due + 1);
  /** What `performance.now` said at the units' zero. */
  readonly #zero: number;
  readonly #thread: Worker;
  readonly #port: MessageChannel["port1"];
  #timer: NodeJS.Timeout | undefined;
  /** How often its thread has woken the worker. */
  wakes = 0;
  isLost = false;
  #isStopped = false;
  /** What was said to be due next. */
  #next = Infinity;

  /**
   * @param monotonic the machine's monotonic clock, in ms
   * @param entry the thread's script; the one beside this file unless told
   */
  constructor(
    monotonic: () => number,
    entry: URL = new URL("./ticker-thread.js", import.meta.url),
  ) {
    const { port1, port2 } = new MessageChannel();
    // Side by side: what lies between them is added to every lag.
    const zero = monotonic();
    this.#zero = performance.now();
    this.#port = port1;
    this.#thread = new Worker(entry, {
      workerData: { cells: this.#cells, port: port2, zero } satisfies TickerFacts,
      transferList: [port2],
      execArgv: [],
      // It holds next to nothing: left to itself V8 would reserve as much as for a program.
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 },
    });
    // It keeps no process alive that has nothing else to do.
    this.#thread.unref();
    // The timer goes on without it, and the report says so.
    this.#thread.on("error", () => (this.isLost = true));
    this.#thread.on("exit", () => (this.isLost ||= !this.#isStopped));
  }

  start(tick: () => void): void {
    this.#port.on("message", () => {
      this.wakes++;
      tick();
    });
    // A port that is listened to keeps the process alive.
    this.#port.unref();
    // The thread may not be there yet, be lost, or find no core for milliseconds.
    this.#timer = setInterval(() => {
      if (performance.now() >= this.#next) tick();
    }, 1);
    tick();
  }

  due(at: number): void {
    this.#next = at;
    // Where much is read, plays look by themselves what is due: as long as they do, nobody wakes them.
    const units = this.#units(Math.max(at, performance.now() + restMs / 2));
    Atomics.store(this.#cells, Cell.due, units);
    if (units < Atomics.load(this.#cells, Cell.asleepUntil)) this.#ring();
  }

  hasten(at: number): void {
    if (at < this.#next) this.due(at);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    Atomics.store(this.#cells, Cell.stopped, 1);
    Atomics.notify(this.#cells, Cell.stopped);
    this.#ring();
    this.#port.close();
  }

  #ring(): void {
    Atomics.add(this.#cells, Cell.bell, 1);
    Atomics.notify(this.#cells, Cell.bell);
  }

  /** Rounded up: woken a hair too early it would find nothing due. */
  #units(at: number): number {
    return Math.min(never, Math.ceil((at - this.#zero) * unitsPerMs));
  }
}
