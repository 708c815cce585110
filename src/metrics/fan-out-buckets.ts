/**
 * Owns the buckets in which one broadcast's times are counted, for its median: log-linear, sixteen to
 * an octave, so that a bucket is at most a sixteenth as wide as its values are large. A broadcast has
 * few recipients, and there are many broadcasts: the layout of trends would be fifty times as large.
 */

const perOctave = 4;
const half = 1 << perOctave;
const mask = 2 * half - 1;

/** Some 71 minutes: higher times are counted with it. */
const highest = 0xffff_ffff;

/** The bucket of a time in whole microseconds, 0 or more. */
export function fanOutBucket(micros: number): number {
  const value = micros < highest ? micros : highest;
  const exponent = 31 - Math.clz32(value | mask) - perOctave;
  return ((exponent + 1) << perOctave) + ((value >>> exponent) - half);
}

/** The middle of a bucket, in microseconds. */
export function fanOutMiddle(bucket: number): number {
  const exponent = Math.max(0, (bucket >> perOctave) - 1);
  return (bucket - exponent * half) * 2 ** exponent + (2 ** exponent - 1) / 2;
}

/** How many buckets there are. */
export const fanOutBuckets = fanOutBucket(highest) + 1;
