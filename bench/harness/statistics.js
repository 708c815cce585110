/** Owns the few statistics that benchmarks need. */

/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/**
 * What several rounds gave.
 * @typedef {{ median: number, min: number, max: number, rounds: number[] }} Spread
 */

/** @returns {Spread} all NaN of no rounds */
export function spreadOf(rounds) {
  if (rounds.length === 0) return { median: NaN, min: NaN, max: NaN, rounds };
  return { median: median(rounds), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
}

/** How fast y grows with x: the slope of the straight line that fits best by least squares. */
export function slopeOf(points) {
  const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const x = mean(points.map((point) => point.x));
  const y = mean(points.map((point) => point.y));
  let [above, below] = [0, 0];
  for (const point of points) {
    above += (point.x - x) * (point.y - y);
    below += (point.x - x) ** 2;
  }
  return above / below;
}
