/**
 * Owns the bucket layout shared by the hot-path recorder and the HDR histograms: HdrHistogram's
 * own log-linear layout for 3 significant digits and a unit of 1 µs (Gil Tene's design: values
 * below 2048 have a bucket each; from there on every power of two is cut into 1024).
 */

/** Significant decimal digits kept. */
export const significantDigits = 3;

/** The highest value that is told apart, one hour, in microseconds. Higher ones are clamped. */
export const highestMicros = 3_600_000_000;

const halfMagnitude = 10;
const halfCount = 1 << halfMagnitude;
const subBucketMask = 2 * halfCount - 1;

/** The bucket that a value belongs to. `micros` is a whole number from 0 to 2^32 − 1. */
export function bucketOf(micros: number): number {
  const exponent = 31 - Math.clz32(micros | subBucketMask) - halfMagnitude;
  return ((exponent + 1) << halfMagnitude) + ((micros >>> exponent) - halfCount);
}

/** The lowest value of a bucket, in microseconds. */
export function lowestOf(bucket: number): number {
  const exponent = Math.max(0, (bucket >> halfMagnitude) - 1);
  return (bucket - exponent * halfCount) * 2 ** exponent;
}

/** How many buckets there are. */
export const bucketCount = bucketOf(highestMicros) + 1;
