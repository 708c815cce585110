/** Owns the part of the text report on connections that were lost, and on how they came back. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { Recovery, RecoveryEpisode, RecoveryFigures } from "../metrics/recovery.js";
import type { RunResult } from "../metrics/run-result.js";
import { Trend } from "../metrics/trend.js";
import { histogram } from "./drawing.js";
import { totalOf } from "./figures-of.js";
import { warn, type Ink } from "./ink.js";
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
  recoveredInWords,
  resubscribedInWords,
} from "./reconnect-words.js";
import type { Section } from "./section.js";
import { plainTable } from "./table.js";

/** Each is drawn and told in full; of more than that the slowest is, and the rest in a table. */
const mostInFull = 2;
const mostRows = 20;
const mostMoves = 8;
const bins = 10;
const longestName = 24;

/** Connections that were lost, and each occasion on which they were; none when none was. */
export function reconnectSections(result: RunResult, ink: Ink): Section[] {
  const { recovery } = result;
  if (!recovery) return [counted(result)];
  const { episodes } = recovery;
  if (recovery.cut === 0 && episodes.length === 0) return [];
  const isWhole = episodes.length === 1 && episodes[0]!.cut === recovery.cut;
  const rest = isWhole ? [] : [...figureLines(recovery, ink), ...moveLines(recovery, ink)];
  const few = episodes.length <= mostInFull;
  const told = few ? episodes : slowest(episodes);
  return [
    { title: "reconnects", lines: [...runLines(recovery, ink), ...rest] },
    ...(few ? [] : [tableSection(recovery, ink)]),
    ...told.map((episode) => episodeSection(episode, ink)),
  ];
}

/** What the counters alone tell, of runs that have nothing else. */
function counted(result: RunResult): Section {
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

/** What is told of the run whatever its episodes are. */
function runLines(recovery: Recovery, ink: Ink): string[] {
  const availability = availabilityInWords(recovery);
  const { unfollowed } = recovery;
  return [
    policyInWords(recovery.policy),
    tinted(recovery, fateInWords(recovery), ink),
    ...(availability === undefined ? [] : [availability]),
    ...hintsInWords(recovery),
    ...(unfollowed > 0
      ? [warn(ink, `${formatCount(unfollowed)} losses more than are followed were only counted`)]
      : []),
  ];
}

function tinted({ lostForGood }: RecoveryFigures, words: string, { chalk }: Ink): string {
  return lostForGood > 0 ? chalk.red(words) : words;
}

/** How they came back. */
function figureLines(figures: RecoveryFigures, ink: Ink): string[] {
  const { times, resubscribed } = figures;
  const [missed, heldUp] = [missedInWords(figures), heldUpInWords(figures)];
  return [
    ...(figures.attempts > 0 ? [dialsInWords(figures)] : []),
    ...(heldUp === undefined ? [] : [warn(ink, heldUp)]),
    ...(times.count > 0 ? [`open again after ${percentiles(times)}`] : []),
    ...(missed === undefined ? [] : [figures.missed === 0 ? missed : warn(ink, missed)]),
    ...(resubscribed ? [resubscribedLine(resubscribed, ink)] : []),
  ];
}

function resubscribedLine(
  resubscribed: NonNullable<RecoveryFigures["resubscribed"]>,
  { chalk }: Ink,
): string {
  const { isWell, words } = resubscribedInWords(resubscribed);
  const isProof = isWell && resubscribed.verified && resubscribed.asked > 0;
  if (isWell) return `${isProof ? chalk.green("✓") : chalk.dim("·")} ${words}`;
  return `${chalk.red("✗")} ${chalk.red(words)}`;
}

/** Who moved from which node to which. */
function moveLines(figures: RecoveryFigures, ink: Ink): string[] {
  const shown = figures.moves.slice(0, mostMoves);
  // Of a single node there is nothing to be told.
  if (shown.every(({ from, to }) => from === to) && figures.moves.length < 2) return [];
  const rows = shown.map((move) => {
    const { nodes, figures: cells } = moveCells(move);
    return [nodes.map((node) => safeLine(node, longestName)).join(" → ")].concat(cells);
  });
  const hidden = figures.moves.slice(mostMoves);
  const furtherMoves =
    figures.furtherMoves + hidden.reduce((sum, { connections }) => sum + connections, 0);
  const further = furtherMovesInWords({ ...figures, furtherMoves });
  return [
    "",
    ...plainTable(moveColumns, rows, ink),
    ...(further === undefined ? [] : [ink.chalk.dim(further)]),
  ];
}

function episodeSection(episode: RecoveryEpisode, ink: Ink): Section {
  const { cause } = episode;
  const [name = "", round] = episodeName(cause).split(", ");
  const ends = endsInWords(cause);
  return {
    title: name,
    lines: [
      `${round === undefined ? "" : `${round}: `}${causeInWords(episode)}`,
      tinted(
        episode,
        `${fateInWords(episode, episode.openBefore)}, ${formatCount(episode.fewest)} open at the fewest`,
        ink,
      ),
      ...(ends === "" ? [] : [ends]),
      recoveredInWords(episode),
      ...figureLines(episode, ink),
      ...pictures(episode, ink),
      ...moveLines(episode, ink),
    ],
  };
}

/** The curve of open connections, and how long each that came back had been away. */
function pictures(episode: RecoveryEpisode, ink: Ink): string[] {
  const { chalk, width } = ink;
  const frame = curveFrame([episode]);
  const curve = frame
    ? curveLines(episode, frame, width).map(
        ({ side, drawn }) => chalk.dim(side) + chalk.cyan(drawn),
      )
    : [];
  const { count, hdr, p50, max } = episode.times;
  // Of a few, or of those that came back as one, there is nothing to be seen.
  const isSpread = count >= 20 && max > p50 * 1.05;
  return [
    ...(curve.length > 0 ? ["", chalk.dim("open connections"), ...curve] : []),
    ...(isSpread
      ? [
          "",
          chalk.dim("time without a connection"),
          ...histogram(Trend.decode(hdr).evenBins(bins), ink),
        ]
      : []),
  ];
}

/** Many episodes, a row each. */
function tableSection(recovery: Recovery, ink: Ink): Section {
  const rows = recovery.episodes.slice(0, mostRows).map((episode) => episodeRow(episode));
  const further = furtherEpisodes(recovery, mostRows);
  return {
    title: "episodes",
    lines: [
      ...plainTable(episodeColumns, rows, ink),
      ...(further === undefined ? [] : [ink.chalk.dim(further)]),
    ],
  };
}
