/** Owns small pictures made of text: bars, sparklines and the histogram of a distribution. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { TrendBin } from "../metrics/trend.js";
import type { Ink } from "./ink.js";

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const heights = "▁▂▃▄▅▆▇█";

/** A bar whose length is `share` (0–1) of `width` columns, to an eighth of a column. */
export function bar(share: number, width: number): string {
  const units = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return "█".repeat(Math.floor(units / 8)) + eighths[units % 8]!;
}

/** A bar on a ground of its own, always `width` columns. */
export function gauge(share: number, width: number, { chalk }: Ink): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return chalk.cyan("━".repeat(full)) + chalk.dim("─".repeat(width - full));
}

/** The last `width` values as columns of eight heights, the largest being the tallest. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const most = Math.max(...shown, 0);
  return shown
    .map((value) => heights[most > 0 ? Math.min(7, Math.floor((value / most) * 7.999)) : 0])
    .join("");
}

/**
 * A distribution, one line a bin. What lies before the first and after the last bin that holds a
 * thousandth of all is folded into one line each, so that long tails are told and do not fill the
 * screen.
 */
export function histogram(bins: readonly TrendBin[], { chalk, width }: Ink): string[] {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const most = Math.max(...bins.map((bin) => bin.count));
  const isShown = ({ count }: TrendBin): boolean => count >= total / 1000;
  const first = bins.findIndex(isShown);
  const end = bins.findLastIndex(isShown) + 1;
  const columns = Math.max(10, Math.min(40, width - 34));
  const line = ({ from, to, count }: TrendBin): string => {
    const drawn = bar(count / most, columns).padEnd(columns);
    const share = `${((count / total) * 100).toFixed(1)} %`;
    return `${chalk.dim(range(from, to))}  ${chalk.cyan(drawn)} ${share.padStart(6)}`;
  };
  const folded = (rest: readonly TrendBin[]): string[] => {
    const count = rest.reduce((sum, bin) => sum + bin.count, 0);
    if (count === 0) return [];
    return [chalk.dim(`${range(rest[0]!.from, rest.at(-1)!.to)}  ${formatCount(count)}`)];
  };
  return [
    ...folded(bins.slice(0, first)),
    ...bins.slice(first, end).map(line),
    ...folded(bins.slice(end)),
  ];
}

function range(from: number, to: number): string {
  return `${formatDuration(from)} – ${formatDuration(to)}`.padStart(21);
}
