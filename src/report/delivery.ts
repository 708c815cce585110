/** Owns the part of the text report on what became of stamped messages and of lost connections. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { RunResult } from "../metrics/run-result.js";
import { totalOf } from "./figures-of.js";
import { warn, type Ink } from "./ink.js";
import type { Section } from "./section.js";

const fates = [
  ["ws_msg_lost", "lost"],
  ["ws_msg_duplicate", "duplicate"],
  ["ws_msg_reordered", "reordered"],
  ["ws_msg_corrupt", "corrupt"],
] as const;

/** The ledger of stamped messages; nothing when none was stamped. */
export function deliverySection(result: RunResult, ink: Ink): Section {
  const { chalk } = ink;
  const count = (name: string): number => totalOf(result, name);
  const [stamped, delivered] = [count("ws_msg_stamped"), count("ws_msg_delivered")];
  const bad = fates.reduce((sum, [name]) => sum + count(name), 0);
  if (stamped + delivered + bad === 0) return { title: "delivery", lines: [] };
  const told = fates.map(([name, word]) => {
    const text = `${formatCount(count(name))} ${word}`;
    return count(name) > 0 ? chalk.red(text) : text;
  });
  // That nothing came is no proof that nothing was lost: a stream that nobody saw has no gaps.
  if (delivered + bad === 0) {
    const line = `${formatCount(stamped)} stamped, and none was seen again or looked for`;
    return { title: "delivery", lines: [chalk.dim(line)] };
  }
  const missing = unaccountedFor(result);
  const unfollowed = count("ws_msg_unfollowed");
  const doubt = unfollowed > 0 ? warn(ink, "?") : chalk.green("✓");
  const mark = bad === 0 && missing === 0 ? doubt : chalk.red("✗");
  const took = result.trends["ws_delivery"];
  return {
    title: "delivery",
    lines: [
      `${mark} ${formatCount(stamped)} stamped, ${formatCount(delivered)} delivered: ${told.join(", ")}`,
      ...(missing > 0
        ? [chalk.red(`${formatCount(missing)} stamped, and neither delivered nor known to be lost`)]
        : []),
      ...(unfollowed > 0
        ? [
            warn(
              ink,
              `${formatCount(unfollowed)} came on more streams than are followed: of these nobody knows what is lost`,
            ),
          ]
        : []),
      ...(took && took.count > 0
        ? [`delivered in ${percentiles(took)}, sender to each receiver`]
        : []),
    ],
  };
}

/**
 * Of messages that came back to their senders alone, how many have no fate: that no gap was seen is
 * no proof when the last ones are missing. 0 where others heard them, as nobody knows how many should.
 */
function unaccountedFor(result: RunResult): number {
  if ((result.trends["ws_delivery"]?.count ?? 0) > 0) return 0;
  const count = (name: string): number => totalOf(result, name);
  const known = count("ws_msg_delivered") + count("ws_msg_lost") + count("ws_msg_corrupt");
  return Math.max(0, count("ws_msg_stamped") - known);
}

/** Connections that were lost and replaced; nothing when none was. */
export function reconnectSection(result: RunResult): Section {
  const count = (name: string): number => totalOf(result, name);
  const attempts = count("ws_reconnect_attempts");
  if (attempts + count("ws_reconnects") === 0) return { title: "reconnects", lines: [] };
  const { ws_reconnect_time: took, ws_downtime: down } = result.trends;
  return {
    title: "reconnects",
    lines: [
      `${formatCount(count("ws_reconnects"))} connections replaced, in ${formatCount(attempts)} attempts`,
      ...(took && took.count > 0 ? [`open again after ${percentiles(took)}`] : []),
      ...(down && down.count > 0 ? [`users without a connection for ${percentiles(down)}`] : []),
    ],
  };
}

function percentiles({ p50, p99, max }: RunResult["trends"][string]): string {
  return `p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)}, max ${formatDuration(max)}`;
}
