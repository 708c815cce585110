/** Owns the picture of how many connections were open from before a cut until all was well again. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { OpenPoint, RecoveryEpisode } from "../metrics/recovery.js";

/** A moment that is named below the picture, in ms after the cut. */
interface Mark {
  readonly at: number;
  readonly name: string;
}

/** What a curve is drawn between: ms after the cut, and connections. */
export interface CurveFrame {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** One line: what stands left of the picture, and its part of that. */
export interface CurveLine {
  readonly side: string;
  readonly drawn: string;
}

const heights = " ▁▂▃▄▅▆▇█";
const rows = 6;
const widest = 72;
const narrowest = 20;

/**
 * The frame that holds the curves of all these, so that they can be held against each other; undefined
 * when there is none. Where little was cut it does not begin at 0, as a dip of a hundredth would be
 * none: the number at its foot says so.
 */
export function curveFrame(episodes: readonly RecoveryEpisode[]): CurveFrame | undefined {
  let [from, to, least, high] = [Infinity, -Infinity, Infinity, 0];
  for (const { curve, at, cut } of episodes) {
    // Of an event that hit nobody there is nothing to be seen.
    if (cut === 0) continue;
    from = Math.min(from, beginOf(curve) - at);
    to = Math.max(to, (curve.at(-1)?.at ?? -Infinity) - at);
    for (const { open } of curve) {
      least = Math.min(least, open);
      high = Math.max(high, open);
    }
  }
  if (!(to > from && high > 0)) return undefined;
  // The lowest point stands a row above the foot, so that it is not taken for nothing at all.
  const foot = Math.floor(least - (high - least) / (rows - 1));
  return { from, to, low: least < high / 2 ? 0 : Math.max(0, foot), high };
}

/** When the stretch began that the first point ends: all are equally long. */
function beginOf([first, second]: readonly OpenPoint[]): number {
  if (!first) return Infinity;
  return second ? first.at - (second.at - first.at) : first.at;
}

/**
 * An episode's curve: the fewest that were open in each column's time, and below it the cut and when
 * half of those cut, nearly all and all were back, as far as there is room for the words; last the
 * moments of the run between which it is drawn.
 * @param width columns that it may take altogether
 */
export function curveLines(
  episode: RecoveryEpisode,
  frame: CurveFrame,
  width: number,
): CurveLine[] {
  const [top, foot] = [formatCount(frame.high), formatCount(frame.low)];
  const margin = Math.max(top.length, foot.length);
  const columns = Math.max(narrowest, Math.min(widest, width - margin - 2));
  const levels = columnsOf(episode, frame, columns).map((open) => {
    if (open === undefined) return 0;
    const share = (open - frame.low) / Math.max(1, frame.high - frame.low);
    return Math.round(Math.min(1, Math.max(0, share)) * rows * 8);
  });
  const picture = Array.from({ length: rows }, (_, row): CurveLine => {
    const below = (rows - 1 - row) * 8;
    const cells = levels.map((level) => heights[Math.min(8, Math.max(0, level - below))]);
    const label = row === 0 ? top : row === rows - 1 ? foot : "";
    const side = `${label.padStart(margin)} ${label === "" ? "│" : "┤"}`;
    return { side, drawn: cells.join("").trimEnd() };
  });
  const { axis, names } = scale(marksOf(episode), frame, columns);
  const [begin, end] = [frame.from, frame.to].map((ms) =>
    formatDuration(Math.max(0, episode.at + ms)),
  ) as [string, string];
  const indent = " ".repeat(margin + 1);
  return [
    ...picture,
    { side: `${indent}└${axis}`, drawn: "" },
    { side: `${indent} ${names}`.trimEnd(), drawn: "" },
    { side: `${indent} ${begin}${end.padStart(columns - begin.length)}`, drawn: "" },
  ];
}

/** The more important go before the others, where there is not room for all. */
function marksOf({ to50, to95, to100 }: RecoveryEpisode): Mark[] {
  const named: [number | undefined, string][] = [
    [0, "cut"],
    [to100, "all"],
    [to50, "50 % back"],
    [to95, "95 %"],
  ];
  return named.flatMap(([at, name]) => (at === undefined ? [] : [{ at, name }]));
}

/** The fewest that were open in each column's time; undefined where nothing is known. */
function columnsOf(
  { curve, at: cutAt }: RecoveryEpisode,
  { from, to }: CurveFrame,
  columns: number,
): (number | undefined)[] {
  const step = (to - from) / columns;
  const fewest = Array.from({ length: columns }, (): number | undefined => undefined);
  let begin = beginOf(curve) - cutAt;
  for (const { at, open } of curve) {
    const end = at - cutAt;
    // A stretch that ends where a column begins has no part in it.
    const last = Math.min(columns - 1, Math.ceil((end - from) / step) - 1);
    for (let column = Math.max(0, Math.floor((begin - from) / step)); column <= last; column++) {
      fewest[column] = Math.min(fewest[column] ?? Infinity, open);
    }
    begin = Math.max(begin, end);
  }
  return fewest;
}

/** The axis with a tick at each moment, and the names below; a name that has no room is left out. */
function scale(
  marks: readonly Mark[],
  { from, to }: CurveFrame,
  columns: number,
): { axis: string; names: string } {
  const axis = Array.from({ length: columns }, () => "─");
  let names = " ".repeat(columns);
  for (const { at, name } of marks) {
    const column = Math.floor(((at - from) / (to - from)) * columns);
    if (!(column >= 0)) continue;
    const place = Math.min(columns - 1, column);
    axis[place] = "┬";
    const begin = Math.max(0, Math.min(columns - name.length, place));
    const end = begin + name.length;
    const isFree = names.slice(Math.max(0, begin - 2), end + 2).trim() === "";
    if (isFree) names = names.slice(0, begin) + name + names.slice(end);
  }
  return { axis: axis.join(""), names };
}
