/** Owns the part of the Markdown report on connections that were lost, and on how they came back. */
import { formatDuration } from "../base/quantity.js";
import type { Recovery, RecoveryEpisode, RecoveryFigures } from "../metrics/recovery.js";
import type { RunResult } from "../metrics/run-result.js";
import { cellCode, markdownTable, markdownText } from "./markdown-text.js";
import { curveFrame, curveLines } from "./reconnect-curve.js";
import { episodeColumns, episodeRow, furtherEpisodes, slowest } from "./reconnect-episodes.js";
import {
  availabilityInWords,
  causeInWords,
  dialsInWords,
  endsInWords,
  episodeName,
  fateInWords,
  furtherMovesInWords,
  heldUpInWords,
  hintsInWords,
  missedInWords,
  moveCells,
  moveColumns,
  policyInWords,
  resubscribedInWords,
} from "./reconnect-words.js";

const mostRows = 50;
const width = 100;

/** The blocks of it, each some lines; none when no connection was lost. */
export function reconnectMarkdown({ recovery }: RunResult): string[][] {
  if (!recovery || (recovery.cut === 0 && recovery.episodes.length === 0)) return [];
  const { episodes, policy } = recovery;
  const rows = episodes.slice(0, mostRows).map((episode) => episodeRow(episode));
  const further = furtherEpisodes(recovery, mostRows);
  const align = episodeColumns.map((_, column) => (column === 0 ? "left" : "right"));
  return [
    ["### Reconnects"],
    bullets([`policy: ${policyInWords(policy)}`, ...facts(recovery)]),
    rows.length === 0 ? [] : markdownTable(episodeColumns, rows, align),
    further === undefined ? [] : [further],
    ...slowest(episodes).flatMap((episode) => inFull(episode)),
    moves(recovery),
  ];
}

function facts(recovery: Recovery): string[] {
  const { times, resubscribed } = recovery;
  const { p50, p99, max, count } = times;
  return [
    fateInWords(recovery),
    ...(recovery.attempts > 0 ? [dialsInWords(recovery)] : []),
    heldUpInWords(recovery),
    count > 0
      ? `open again after p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)}, max ${formatDuration(max)}`
      : undefined,
    availabilityInWords(recovery),
    missedInWords(recovery),
    resubscribed && marked(resubscribedInWords(resubscribed)),
    ...hintsInWords(recovery),
  ].filter((fact) => fact !== undefined);
}

function marked({ isWell, words }: { isWell: boolean; words: string }): string {
  return isWell ? words : `❌ ${words}`;
}

function bullets(all: readonly string[]): string[] {
  return all.map((fact) => `- ${markdownText(fact, 500)}`);
}

/** One episode with its curve. */
function inFull(episode: RecoveryEpisode): string[][] {
  const frame = curveFrame([episode]);
  if (!frame) return [];
  const ends = endsInWords(episode.cause);
  const what = `${episodeName(episode.cause)}: ${causeInWords(episode)}`;
  return [
    [markdownText(`open connections, ${what}${ends === "" ? "" : ` (${ends})`}`, 500)],
    curveLines(episode, frame, width).map(({ side, drawn }) => `    ${side}${drawn}`),
  ];
}

function moves(figures: RecoveryFigures): string[] {
  const shown = figures.moves.slice(0, mostRows);
  // Of a single node there is nothing to be told.
  if (shown.every(({ from, to }) => from === to) && figures.moves.length < 2) return [];
  const rows = shown.map((move) => {
    const { nodes, figures: cells } = moveCells(move);
    return [nodes.map((node) => cellCode(node)).join(" → ")].concat(cells);
  });
  const hidden = figures.moves.slice(mostRows);
  const furtherMoves =
    figures.furtherMoves + hidden.reduce((sum, { connections }) => sum + connections, 0);
  const further = furtherMovesInWords({ ...figures, furtherMoves });
  const align = moveColumns.map((_, column) => (column === 0 ? "left" : "right"));
  return [
    ...markdownTable(moveColumns, rows, align),
    ...(further === undefined ? [] : ["", further]),
  ];
}
