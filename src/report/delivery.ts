/** Owns the part of the reports on what became of stamped or numbered messages. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { RunResult } from "../metrics/run-result.js";
import { deliveryTables, examplesInWords, worstInWords } from "./delivery-worst.js";
import { totalOf } from "./figures-of.js";
import { warn, type Ink } from "./ink.js";
import { markdownTable, markdownText } from "./markdown-text.js";
import type { Section } from "./section.js";
import { plainTable } from "./table.js";

const fates = [
  ["ws_msg_lost", "lost"],
  ["ws_msg_duplicate", "duplicate"],
  ["ws_msg_reordered", "reordered"],
  ["ws_msg_corrupt", "corrupt"],
] as const;

/** So many rows of each table are shown; the document holds more. */
const mostRows = 5;
const mostRowsOfMarkdown = 10;

/** The ledger; nothing when no message was stamped, and none is numbered. */
export function deliverySection(result: RunResult, ink: Ink): Section {
  const { chalk } = ink;
  const title = "delivery";
  const account = result.delivery;
  const told = toldOf(result);
  if (told === undefined) {
    const nothing = nothingSeen(result);
    return { title, lines: nothing === undefined ? [] : [chalk.dim(nothing)] };
  }
  const { missing, unfollowed, isAmiss } = told;
  const doubt = unfollowed > 0 ? warn(ink, "?") : chalk.green("✓");
  const mark = isAmiss || missing > 0 ? chalk.red("✗") : doubt;
  const counts = told.fates.map(([text, count]) => (count > 0 ? chalk.red(text) : text));
  const tables = account ? deliveryTables(account, mostRows, ink.width) : [];
  const examples = account ? examplesInWords(account, mostRows) : [];
  return {
    title,
    lines: [
      `${mark} ${told.sum}: ${counts.join(", ")}`,
      ...(told.where === undefined ? [] : [told.where]),
      ...(missing > 0 ? [chalk.red(missingInWords(missing))] : []),
      ...(unfollowed > 0 ? [warn(ink, unfollowedInWords(unfollowed))] : []),
      ...(told.took === undefined ? [] : [told.took]),
      ...(told.unseen === undefined ? [] : [chalk.dim(told.unseen)]),
      ...(account && isAmiss ? worstInWords(account).map((line) => chalk.dim(line)) : []),
      ...tables.flatMap(({ head, rows }) => [""].concat(plainTable(head, rows, ink))),
      ...(examples.length > 0 ? ["", ...examples] : []),
    ],
  };
}

/** The same as Markdown; only where something is amiss, since the figures have the sums. */
export function deliveryMarkdown(result: RunResult): string[] {
  const account = result.delivery;
  const told = toldOf(result);
  if (!account || !told || (!told.isAmiss && told.missing === 0)) return [];
  const facts = [
    told.where,
    told.missing > 0 ? missingInWords(told.missing) : undefined,
    told.unfollowed > 0 ? unfollowedInWords(told.unfollowed) : undefined,
    told.unseen,
    ...worstInWords(account),
  ].filter((fact) => fact !== undefined);
  const tables = deliveryTables(account, mostRowsOfMarkdown, Infinity);
  const examples = examplesInWords(account, mostRowsOfMarkdown);
  const list = (lines: readonly string[]): string[] =>
    lines.map((line) => `- ${markdownText(line, 1000)}`);
  return [
    "### Delivery",
    "",
    markdownText(`${told.sum}: ${told.fates.map(([text]) => text).join(", ")}`),
    ...(facts.length > 0 ? ["", ...list(facts)] : []),
    ...tables.flatMap(({ head, rows }) => {
      const align = head.map((_, column) => (column === 0 ? "left" : "right"));
      const cells = rows.map(([who = "", ...figures]) => [markdownText(who)].concat(figures));
      return [""].concat(markdownTable(head, cells, align));
    }),
    ...(examples.length > 0 ? ["", ...list(examples)] : []),
  ];
}

/** What there is to tell of messages that came, or were missing. */
interface Told {
  readonly sum: string;
  readonly fates: readonly (readonly [text: string, count: number])[];
  readonly isAmiss: boolean;
  /** Where they were lost, when any was, and that is known. */
  readonly where: string | undefined;
  readonly missing: number;
  readonly unfollowed: number;
  /** How long they took. */
  readonly took: string | undefined;
  /** What nobody can see. */
  readonly unseen: string | undefined;
}

/** Undefined when nothing came, and nothing is known to be missing. */
function toldOf(result: RunResult): Told | undefined {
  const count = (name: string): number => totalOf(result, name);
  const bad = fates.reduce((sum, [name]) => sum + count(name), 0);
  // That nothing came is no proof that nothing was lost: a stream that nobody saw has no gaps.
  const delivered = count("ws_msg_delivered");
  if (delivered + bad === 0) return undefined;
  const isNumbered = result.delivery?.by === "sequence";
  const took = result.trends["ws_delivery"];
  const away = result.totals["ws_msg_missing{where:reconnect}"] ?? 0;
  const connected = result.totals["ws_msg_missing{where:connected}"] ?? 0;
  return {
    sum: isNumbered
      ? `${formatCount(delivered)} numbered messages delivered`
      : `${formatCount(count("ws_msg_stamped"))} stamped, ${formatCount(delivered)} delivered`,
    fates: fates
      // Numbers have no checksum.
      .filter(([name]) => !isNumbered || name !== "ws_msg_corrupt" || count(name) > 0)
      .map(([name, word]) => [`${formatCount(count(name))} ${word}`, count(name)] as const),
    isAmiss: bad > 0,
    where:
      away + connected > 0
        ? `lost while connected ${formatCount(connected)}, in the gap of a reconnect ${formatCount(away)}`
        : undefined,
    missing: isNumbered ? 0 : unaccountedFor(result),
    unfollowed: count("ws_msg_unfollowed"),
    took:
      took && took.count > 0
        ? `delivered in ${percentiles(took)}, sender to each receiver`
        : undefined,
    unseen:
      !isNumbered && took && took.count > 0 && isUnheardBySenders(result)
        ? "what came last is seen by nobody who lost it: senders do not hear themselves"
        : undefined,
  };
}

/** Whether there are stamps of which no sender expects to hear its own. */
function isUnheardBySenders(result: RunResult): boolean {
  const { by } = Object(result.plan["correlate"]) as { by?: unknown };
  return by === "stamp" && totalOf(result, "ws_msg_stamped") > totalOf(result, "ws_msg_expected");
}

/** Of messages that nobody has seen, or that nobody has found. */
function nothingSeen(result: RunResult): string | undefined {
  const stamped = totalOf(result, "ws_msg_stamped");
  if (result.delivery?.by === "sequence" && totalOf(result, "ws_msgs_received") > 0) {
    return "no message had a number where config.sequence looks for one, so nothing is known of losses";
  }
  if (stamped === 0) return undefined;
  return `${formatCount(stamped)} stamped, and none was seen again or looked for`;
}

function missingInWords(missing: number): string {
  return `${formatCount(missing)} stamped, and neither delivered nor known to be lost`;
}

function unfollowedInWords(unfollowed: number): string {
  return `${formatCount(unfollowed)} came on more streams than are followed: of these nobody knows what is lost`;
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

function percentiles({ p50, p99, max }: RunResult["trends"][string]): string {
  return `p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)}, max ${formatDuration(max)}`;
}
