/**
 * Owns the generator's watch over itself: CPU and event-loop delay while traffic flows, because a
 * generator that is busy or blocked measures itself instead of the server.
 */
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

/** What the process tells of itself; handed in by whoever owns the process. */
export interface ProcessProbe {
  /** CPU time used so far, user and system, in ms. */
  cpu(): number;
  /** How long the event loop was at work so far, in ms; missing where that is not known. */
  busy?(): number;
  /** Resident memory in bytes. */
  rss(): number;
  /** Collects all garbage now; missing where that cannot be asked for. */
  sweep?(): void;
  /** The machine's monotonic clock in ms: one origin for all processes of the machine. */
  monotonic(): number;
}

/** The monitor samples at this distance in ms, and its readings include it. */
const resolution = 10;
/** CPU is judged over windows of this many readings, a second apart. */
const windowReadings = 5;
const second = 1000;
/** Readings are so far apart at least, in ms. */
const leastGap = 500;

/** How the generator fared during traffic. */
export interface GeneratorHealth {
  /**
   * CPU of the busiest window, as a share of one core, threads that help left out: no more than the
   * share of its time for which the event loop was at work.
   */
  readonly cpu: number;
  /** Event-loop delay at p99 in ms, the monitor's resolution taken off. */
  readonly loopDelayP99: number;
}

/** What was used up to a moment, all in ms. */
interface Reading {
  readonly at: number;
  readonly cpu: number;
  readonly busy: number;
}

/** Watches one process from {@link begin} to {@link end}. */
export class SelfWatch {
  readonly #probe: ProcessProbe;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution });
  #readings: Reading[] = [];
  #busiest = 0;
  #running = false;

  constructor(probe: ProcessProbe) {
    this.#probe = probe;
  }

  begin(): void {
    this.#running = true;
    this.#delay.enable();
    this.#readings = [this.#read()];
  }

  end(): void {
    if (!this.#running) return;
    // A run shorter than the window is judged by all of it.
    this.#advance();
    if (this.#busiest === 0) this.#busiest = this.#shareOfLoop();
    this.#running = false;
    this.#delay.disable();
  }

  /** A reading once a second; for the live view, and for the busiest window. */
  gauges(): Record<string, number> {
    const rss = this.#probe.rss();
    if (!this.#running) return { wsctl_rss: rss };
    // Stages cut seconds short: what was read a moment ago says nothing of a load.
    if (performance.now() - this.#readings.at(-1)!.at >= leastGap) this.#advance();
    if (performance.now() - this.#readings[0]!.at < second) {
      return { wsctl_rss: rss, wsctl_loop_lag: this.#loopDelay() };
    }
    const share = this.#share();
    if (this.#readings.length > windowReadings) {
      this.#busiest = Math.max(this.#busiest, this.#shareOfLoop());
    }
    return { wsctl_rss: rss, wsctl_cpu: share, wsctl_loop_lag: this.#loopDelay() };
  }

  health(): GeneratorHealth {
    return { cpu: this.#busiest, loopDelayP99: this.#loopDelay() };
  }

  #loopDelay(): number {
    return this.#delay.count === 0 ? 0 : Math.max(0, this.#delay.percentile(99) / 1e6 - resolution);
  }

  #advance(): void {
    this.#readings.push(this.#read());
    if (this.#readings.length > windowReadings + 1) this.#readings.shift();
  }

  #share(of: "cpu" | "busy" = "cpu"): number {
    const first = this.#readings[0]!;
    const last = this.#readings.at(-1)!;
    return last.at > first.at ? (last[of] - first[of]) / (last.at - first.at) : 0;
  }

  #shareOfLoop(): number {
    return Math.min(this.#share("cpu"), this.#share("busy"));
  }

  #read(): Reading {
    const at = performance.now();
    return { at, cpu: this.#probe.cpu(), busy: this.#probe.busy?.() ?? at };
  }
}
