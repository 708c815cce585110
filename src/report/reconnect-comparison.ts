/** Owns the renderings of how two runs recovered from lost connections, side by side. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { Comparison } from "../metrics/compare.js";
import type { ComparedEpisode, RecoveryRow, RecoveryValue } from "../metrics/compared-recovery.js";
import type { RecoveryPolicy } from "../metrics/recovery.js";
import { formatAvailability, formatPoints, formatShare } from "./figure.js";
import type { Ink } from "./ink.js";
import { markdownTable } from "./markdown-text.js";
import { curveFrame, curveLines } from "./reconnect-curve.js";
import { causeInWords, episodeName, policyInWords } from "./reconnect-words.js";
import { plainTable } from "./table.js";

const mostEpisodes = 3;
const head = ["base", "new", "change", ""];
const markdownWidth = 100;

/** The blocks of a text, each some lines; none when neither run lost a connection. */
export function recoveryBlocks(comparison: Comparison, isAll: boolean, ink: Ink): string[][] {
  const { recovery } = comparison;
  if (!recovery) return [];
  const { chalk } = ink;
  const { policies } = recovery;
  const { shown, hidden } = chosenEpisodes(comparison, isAll);
  const table = (title: string, rows: readonly RecoveryRow[]): string[] =>
    plainTable(
      [title, ...head],
      rows.map((row) => paintedCells(row, ink)),
      ink,
    );
  return [
    [
      chalk.bold("how they reconnected"),
      `base  ${policyOf(policies.base)}`,
      `new   ${policyOf(policies.now)}`,
    ],
    ...(isWhole(comparison) ? [] : [table("all losses", recovery.rows)]),
    ...shown.flatMap((episode) => [
      table(titleOf(episode), episode.rows),
      curves(episode, ink.width - 2).map(({ side, drawn }) => chalk.dim(side) + chalk.cyan(drawn)),
    ]),
    hidden === 0 ? [] : [chalk.dim(hiddenInWords(hidden, "--all"))],
  ];
}

/** The same as Markdown. */
export function recoveryMarkdown(comparison: Comparison, isAll: boolean): string[][] {
  const { recovery } = comparison;
  if (!recovery) return [];
  const { policies } = recovery;
  const { shown, hidden } = chosenEpisodes(comparison, isAll);
  const align = ["left", "right", "right", "right", "right"] as const;
  const table = (title: string, rows: readonly RecoveryRow[]): string[] =>
    markdownTable(
      [title, ...head],
      rows.map((row) =>
        cells(row).map((cell) => (row.isNoticeable && cell !== "" ? `**${cell}**` : cell)),
      ),
      align,
    );
  return [
    ["### How they reconnected"],
    [`- base: ${policyOf(policies.base)}`, `- new: ${policyOf(policies.now)}`],
    ...(isWhole(comparison) ? [] : [table("all losses", recovery.rows)]),
    ...shown.flatMap((episode) => [
      table(titleOf(episode), episode.rows),
      curves(episode, markdownWidth).map(({ side, drawn }) => `    ${side}${drawn}`),
    ]),
    hidden === 0 ? [] : [hiddenInWords(hidden, "`--all`")],
  ];
}

function policyOf(policy: RecoveryPolicy | undefined): string {
  return policy ? policyInWords(policy) : "no connection was lost";
}

/** Whether one episode is all there is to tell. */
function isWhole({ recovery }: Comparison): boolean {
  if (recovery?.episodes.length !== 1) return false;
  const [{ rows } = { rows: [] }] = recovery.episodes;
  const lost = (of: readonly RecoveryRow[]): RecoveryRow | undefined =>
    of.find(({ figure }) => figure === "lost");
  const [all, own] = [lost(recovery.rows), lost(rows)];
  return all?.base === own?.base && all?.now === own?.now;
}

function chosenEpisodes(
  { recovery }: Comparison,
  isAll: boolean,
): { shown: readonly ComparedEpisode[]; hidden: number } {
  const episodes = recovery?.episodes ?? [];
  const shown = isAll ? episodes : episodes.slice(0, mostEpisodes);
  return { shown, hidden: episodes.length - shown.length };
}

function hiddenInWords(hidden: number, flag: string): string {
  return `${hidden} more episode${hidden === 1 ? "" : "s"} with ${flag}`;
}

/** `event 1: reset of 30 % at 10.0 s`, as the newer run has it. */
function titleOf({ base, now }: ComparedEpisode): string {
  const episode = now ?? base;
  if (!episode) return "";
  return `${episodeName(episode.cause)}: ${causeInWords(episode)}`;
}

function cells({ figure, unit, base, now, change, relative }: RecoveryRow): string[] {
  const value = (of: RecoveryValue): string => {
    if (of === undefined) return "–";
    if (of === "never") return of;
    if (unit === "ms") return formatDuration(of);
    if (unit !== "share") return formatCount(of);
    return figure === "availability" ? formatAvailability(of) : formatShare(of);
  };
  const signed = (amount: number, text: string): string =>
    amount > 0 ? `+${text}` : `−${text.replace(/^-/, "")}`;
  const size = Math.abs(change ?? 0);
  return [
    figure,
    value(base),
    value(now),
    !change ? "" : signed(change, unit === "share" ? formatPoints(size) : value(size)),
    !relative || unit === "share"
      ? ""
      : signed(relative, formatShare(Math.abs(Number(relative.toPrecision(2))))),
  ];
}

function paintedCells(row: RecoveryRow, { chalk }: Ink): string[] {
  const [name = "", before = "", after = "", change = "", relative = ""] = cells(row);
  if (!row.isNoticeable) return [name, before, after, chalk.dim(change), chalk.dim(relative)];
  const tint = row.isWorse ? chalk.red : chalk.green;
  return [chalk.bold(name), before, chalk.bold(after), tint(change), tint(relative)];
}

/** Both curves, between the same bounds. */
function curves({ base, now }: ComparedEpisode, width: number): { side: string; drawn: string }[] {
  const both = [base, now].filter((episode) => episode !== undefined);
  const frame = curveFrame(both);
  if (!frame) return [];
  const drawn = (name: string, episode: typeof base) =>
    episode && episode.curve.length > 0
      ? [{ side: `open connections, ${name}`, drawn: "" }, ...curveLines(episode, frame, width)]
      : [];
  const [before, after] = [drawn("base", base), drawn("new", now)];
  const between = before.length > 0 && after.length > 0 ? [{ side: "", drawn: "" }] : [];
  return [...before, ...between, ...after];
}
