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
 * A distribution, one line a bin. Bins beyond the last that is a thousandth of all are folded into
 * one line, so that a long tail is told and does not fill the screen.
 */
export function histogram(bins: readonly TrendBin[], { chalk, width }: Ink): string[] {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const most = Math.max(...bins.map((bin) => bin.count));
  const end = bins.findLastIndex((bin) => bin.count >= total / 1000) + 1;
  const lines = bins.slice(0, end).map(({ from, to, count }) => {
    const label = `${formatDuration(from)} – ${formatDuration(to)}`.padStart(21);
    const drawn = bar(count / most, Math.min(40, width - 40)).padEnd(Math.min(40, width - 40));
    const share = count === 0 ? "" : `${((count / total) * 100).toFixed(1)} %`;
    return `${chalk.dim(label)}  ${chalk.cyan(drawn)} ${share.padStart(6)}`;
  });
  const tail = bins.slice(end);
  const beyond = tail.reduce((sum, bin) => sum + bin.count, 0);
  if (beyond > 0) {
    const label = `${formatDuration(tail[0]!.from)} – ${formatDuration(tail.at(-1)!.to)}`;
    lines.push(chalk.dim(`${label.padStart(21)}  ${formatCount(beyond)} more`));
  }
  return lines;
}
