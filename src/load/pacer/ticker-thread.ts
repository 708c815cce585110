/**
 * Owns the thread that wakes a worker when something is due. It sleeps to the moment itself, which a
 * busy or a coarse event loop cannot, and posts an empty message.
 *
 * It never wakes twice without the worker having ticked in between: whoever cannot follow is not
 * buried in messages.
 */
import { workerData } from "node:worker_threads";
import { Cell, never, restMs, soon, type TickerFacts, unitsPerMs } from "./ticker-cells.js";

const { cells, port, zero } = workerData as TickerFacts;

function now(): number {
  const [seconds, nanos] = process.hrtime();
  return (seconds * 1000 + nanos / 1e6 - zero) * unitsPerMs;
}

while (Atomics.load(cells, Cell.stopped) === 0) {
  const bell = Atomics.load(cells, Cell.bell);
  // Said before it is looked what is due: whoever sets that later sees it, and rings.
  Atomics.store(cells, Cell.asleepUntil, never);
  const due = Atomics.load(cells, Cell.due);
  const left = due - now();
  if (left <= 0) {
    Atomics.store(cells, Cell.asleepUntil, soon);
    Atomics.store(cells, Cell.due, never);
    port.postMessage(0);
    Atomics.wait(cells, Cell.stopped, 0, restMs);
    continue;
  }
  Atomics.store(cells, Cell.asleepUntil, due);
  Atomics.wait(cells, Cell.bell, bell, due === never ? Infinity : left / unitsPerMs);
}
port.close();
