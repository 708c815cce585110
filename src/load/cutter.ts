/**
 * Owns when a worker's snapshots are cut: each second, and at each moment at which a stage of the load
 * begins or ends, or the warm-up does, so that no snapshot is of two of them.
 */
import type { Snapshot } from "../metrics/snapshot.js";
import type { Population } from "../scenario/population.js";
import type { Meter } from "./meter.js";
import type { ProcessProbe, SelfWatch } from "./self-watch.js";

const snapshotEvery = 1000;

/** What is cut, and where it goes. */
interface Cutting {
  readonly meter: Meter;
  readonly watch: SelfWatch;
  readonly probe: ProcessProbe;
  readonly emit: (snapshot: Snapshot) => void;
  /** Undefined where the load has no stages. */
  readonly stages: Population | undefined;
  /** Ms of traffic; 0 for none. */
  readonly warmup: number;
  /** The warm-up is over, or there is none: of performance.now's clock. */
  readonly measure: (from: number) => void;
}

/** Cuts the snapshots of one worker. */
export class Cutter {
  readonly #cutting: Cutting;
  #epoch = 0;
  #second = 0;
  #cutAt = 0;
  #seconds: NodeJS.Timeout | undefined;
  /** Waits for the end of the present stage or of the warm-up. */
  #boundary: NodeJS.Timeout | undefined;
  /** When traffic began. */
  #at = 0;
  #stage: number | undefined;
  #phase: Snapshot["phase"];
  /** Whether the present second's snapshot is cut already. */
  #isCutEarly = false;

  constructor(cutting: Cutting) {
    this.#cutting = cutting;
  }

  /** @param epoch the run's zero on the machine's monotonic clock, in ms */
  start(epoch: number): void {
    this.#epoch = epoch;
    this.#cutAt = performance.now();
    this.#seconds = setInterval(() => {
      if (this.#isCutEarly) this.#isCutEarly = false;
      else this.#cut();
    }, snapshotEvery);
  }

  /** Traffic begins; of performance.now's clock. */
  beginTraffic(at: number): void {
    this.#at = at;
    if (this.#hasParts) {
      // Before the first stage nothing has happened: an empty snapshot would put off the next look at
      // thresholds by a second.
      if (this.#cutting.meter.isBlank) this.#cutAt = performance.now();
      else this.#cutEarly();
    }
    if (this.#cutting.warmup > 0) this.#phase = "warm-up";
    else this.#cutting.measure(at);
    this.#enter();
  }

  /** Traffic is over; what is counted while it drains is that of no stage. */
  endTraffic(): void {
    clearTimeout(this.#boundary);
    if (!this.#hasParts) return;
    this.#cutEarly();
    this.#stage = undefined;
    // What ended in its warm-up has not been measured, and is not while it drains.
    if (this.#phase === "traffic") this.#phase = undefined;
  }

  /** The last snapshot. */
  stop(): void {
    clearInterval(this.#seconds);
    this.#cut();
  }

  /** Whether traffic is made of stretches that are told apart. */
  get #hasParts(): boolean {
    return this.#cutting.stages !== undefined || this.#cutting.warmup > 0;
  }

  /** Enters the stage and the phase of now, and waits for the end of whichever ends first. */
  #enter(): void {
    const { stages, warmup, measure } = this.#cutting;
    const now = performance.now();
    // A timer may fire a hair before its time.
    const elapsed = now - this.#at + 1;
    this.#stage = stages?.stageAt(elapsed);
    if (this.#phase === "warm-up" && elapsed >= warmup) {
      this.#phase = "traffic";
      measure(now);
    }
    // Behind the last stage there is no traffic, only its end.
    if (stages && this.#stage === undefined && this.#phase === "traffic") this.#phase = undefined;
    const stageEnd = stages?.ends[this.#stage ?? Infinity] ?? Infinity;
    const end = Math.min(stageEnd, this.#phase === "warm-up" ? warmup : Infinity);
    if (end === Infinity) return;
    this.#boundary = setTimeout(
      () => {
        this.#cutEarly();
        this.#enter();
      },
      Math.max(1, this.#at + end - now),
    );
  }

  /**
   * The end of a stage or of the warm-up falls into the midst of a second: the second's snapshot is cut
   * there, and what is left of it goes with the next, so that no two snapshots of a shard share a second.
   */
  #cutEarly(): void {
    this.#cut();
    this.#isCutEarly = true;
  }

  #cut(): void {
    const { meter, watch, probe, emit } = this.#cutting;
    const second = Math.floor((probe.monotonic() - this.#epoch) / 1000);
    this.#second = Math.max(this.#second + 1, second);
    const now = performance.now();
    const span = now - this.#cutAt;
    this.#cutAt = now;
    const { stage, phase } = { stage: this.#stage, phase: this.#phase };
    emit(meter.cut(this.#second, span, watch.gauges(), { stage, phase }));
  }
}
