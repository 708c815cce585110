/** Owns how fast the generator's own memory grew: what slow consumers do not read must not pile up in it. */
import type { RunResult } from "../metrics/run-result.js";

/** Of fewer readings, one a second, a line says nothing: memory goes up and down as it is collected. */
const leastReadings = 30;

/**
 * Bytes a minute by which `wsctl_rss` grew over the last half of the traffic, of the straight line
 * that fits best: what was loaded and compiled in the first half is no growth. Undefined when that
 * was too short to tell.
 */
export function memoryDrift({ series }: Pick<RunResult, "series">): number | undefined {
  let when = 0;
  // The last row is that of the closing, in which all that lay unread is read.
  const all = series.slice(0, -1).flatMap(({ gauges, span }) => {
    when += span;
    const { wsctl_rss: rss, wsctl_cpu: cpu } = gauges;
    return rss === undefined || cpu === undefined ? [] : [{ when, rss }];
  });
  const readings = all.slice(Math.floor(all.length / 2));
  if (readings.length < leastReadings) return undefined;
  const mean = (of: (reading: (typeof readings)[number]) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length;
  const [middle, usual] = [mean((reading) => reading.when), mean(({ rss }) => rss)];
  const spread = mean((reading) => (reading.when - middle) ** 2);
  if (spread === 0) return undefined;
  const lean = mean((reading) => (reading.when - middle) * (reading.rss - usual));
  return (lean / spread) * 60_000;
}
