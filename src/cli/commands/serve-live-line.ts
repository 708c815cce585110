/** Owns the one line that says how a server fares, drawn anew every second. */
import { formatCount } from "../../base/quantity.js";
import { type Ink, warn } from "../../report/ink.js";
import type { Stats } from "../../serve/counters.js";

/** So many close codes and faults are named; the rest is one figure. */
const named = 4;

/**
 * What the server does.
 * @param seconds between the two
 */
export function liveLine(before: Stats, now: Stats, seconds: number, { chalk }: Ink): string {
  const { open, peak, opened } = now.connections;
  const rate = (direction: "received" | "sent"): string => {
    const more = now.messages[direction] - before.messages[direction];
    return `${formatCount(seconds > 0 ? Math.round(more / seconds) : 0)}/s`;
  };
  return [
    `${chalk.bold(formatCount(open))} open, peak ${formatCount(peak)}, ${formatCount(opened)} in all`,
    `${chalk.cyan("←")} ${rate("received")} ${chalk.magenta("→")} ${rate("sent")}`,
    `${formatCount(now.messages.received)} received, ${formatCount(now.messages.sent)} sent`,
    ...backplane(now.backplane, (what) => chalk.red(what)),
    ...tally(now.closes, (closes) => `closed ${warn({ chalk }, closes)}`),
    ...tally(now.injected, (faults) => `faults ${chalk.red(faults)}`),
  ].join(chalk.dim(" · "));
}

/** Only what is wrong: that there is no Redis, and what was not published. */
function backplane(stats: Stats["backplane"], alarm: (what: string) => string): string[] {
  if (!stats) return [];
  const { state, undelivered } = stats;
  return [
    ...(state === "away" ? [alarm("redis away")] : []),
    ...(undelivered > 0 ? [alarm(`${formatCount(undelivered)} not published`)] : []),
  ];
}

function tally(counts: Readonly<Record<string, number>>, say: (list: string) => string): string[] {
  const all = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  if (all.length === 0) return [];
  const shown = all.slice(0, named).map(([name, count]) => `${name}×${formatCount(count)}`);
  const rest = all.slice(named).reduce((sum, [, count]) => sum + count, 0);
  return [say([...shown, ...(rest > 0 ? [`others×${formatCount(rest)}`] : [])].join(" "))];
}
