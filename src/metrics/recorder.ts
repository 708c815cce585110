/**
 * Owns recording on the hot path: a typed array with HdrHistogram's own layout, some 5 ns a value
 * (hdr-histogram-js takes 34–54 ns). What was recorded becomes a mergeable Trend once a second.
 */
import { encodeCounts } from "./hdr-encoding.js";
import { bucketCount, bucketOf, highestMicros } from "./layout.js";

/** What was recorded in one interval. */
interface Taken {
  /** The histogram: HDR V2, compressed, base64. */
  readonly encoded: string;
  /** How many values were above what is told apart. */
  readonly clamped: number;
}

/** Records times of one kind in one process. */
export class Recorder {
  readonly #counts = new Uint32Array(bucketCount);
  // Only this range holds anything, so that taking a delta costs what was recorded, not the layout.
  #low = bucketCount;
  #high = -1;
  #clamped = 0;

  /** Records a time in milliseconds, to the microsecond. Negative is 0; above an hour is clamped. */
  record(ms: number): void {
    let micros = ms > 0 ? Math.round(ms * 1000) : 0;
    if (micros > highestMicros) {
      micros = highestMicros;
      this.#clamped++;
    }
    const bucket = bucketOf(micros);
    this.#counts[bucket]!++;
    if (bucket < this.#low) this.#low = bucket;
    if (bucket > this.#high) this.#high = bucket;
  }

  /** Whether nothing was recorded since the last delta. */
  get empty(): boolean {
    return this.#high < 0;
  }

  /** Takes everything recorded since the last call, as {@link Trend.decode} reads it. */
  take(): Taken {
    const taken = {
      encoded: encodeCounts(this.#counts, this.#low, this.#high),
      clamped: this.#clamped,
    };
    this.#counts.fill(0, this.#low, this.#high + 1);
    this.#low = bucketCount;
    this.#high = -1;
    this.#clamped = 0;
    return taken;
  }
}
