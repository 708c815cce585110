/** Owns a replay as a person reads it: what it came to, and each difference with what it is. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { ConnectionResult, Difference, ReplayResult } from "../../replay/result.js";
import { type Ink, warn } from "../../report/ink.js";
import {
  changeInWords,
  counted,
  countsInWords,
  detectedInWords,
  differenceCount,
  headOf,
  outcomeInWords,
  waitInWords,
} from "./words.js";

/** So many differences of one connection are shown, and so many changes of one message. */
const mostShown = 20;
const mostChanges = 10;
/** So many values that were detected are shown. */
const mostDetected = 10;

const signs: Readonly<Record<Difference["kind"], string>> = {
  changed: "~",
  missing: "-",
  extra: "+",
  moved: "↕",
  close: "~",
  upgrade: "~",
  unsent: "!",
};

/** The page; ends with a newline. */
export function textPage(result: ReplayResult, ink: Ink): string {
  const { connections, pace, took } = result;
  const pages = connections.map((connection) => connectionLines(connection, result, ink));
  const lines = pages.flatMap((page, index) => (index === 0 ? page : [""].concat(page)));
  if (connections.length > 1) {
    const same = connections.filter(({ outcome }) => outcome === "same").length;
    lines.push(
      "",
      `${same} of ${counted(connections.length, "recording")} as recorded, ${pace}, in ${formatDuration(took)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function connectionLines(result: ConnectionResult, all: ReplayResult, ink: Ink): string[] {
  const { chalk } = ink;
  const { name, url, outcome, took, detected, captured, differences, waits, failure, notes } =
    result;
  const verdict = outcomeInWords(result);
  const paint = outcome === "same" || result.updated ? chalk.green : chalk.red;
  return [
    `${chalk.bold(safeLine(name, 200))} ${chalk.dim(`${url === "" ? "" : `→ ${safeLine(url, 200)}, `}${all.pace}, ${formatDuration(took)}`)}`,
    `  ${paint(verdict)}`,
    `  ${chalk.dim(countsInWords(result))}`,
    ...detected.slice(0, mostDetected).map((one) => `  ${detectedInWords(one, all.pace)}`),
    ...(detected.length > mostDetected
      ? [`  … and ${counted(detected.length - mostDetected, "more value")} that were found`]
      : []),
    ...Object.entries(captured).map(
      ([capture, times]) => `  captured ${safeLine(capture, 60)}: sent ${counted(times, "time")}`,
    ),
    ...differences.slice(0, mostShown).flatMap((difference) => differenceLines(difference, ink)),
    ...more(differenceCount(result) - Math.min(mostShown, differences.length)),
    ...waits.slice(0, mostShown).map((wait) => `  ${warn(ink, waitInWords(wait))}`),
    ...(failure
      ? [
          `  ${chalk.red(safeLine(failure.message, 400))}${failure.code === "" ? "" : chalk.dim(`  [${failure.code}]`)}`,
          ...failure.where.map((line) => `    ${safeLine(line, 400)}`),
          ...(failure.hint === undefined ? [] : [`  hint: ${safeLine(failure.hint, 1000)}`]),
        ]
      : []),
    ...notes.map((note) => `  note: ${safeLine(note, 400)}`),
  ];
}

function more(count: number): string[] {
  return count > 0 ? [`  … and ${counted(count, "more difference")}: see -o json=FILE`] : [];
}

function differenceLines(difference: Difference, { chalk }: Ink): string[] {
  const { kind, changes, message } = difference;
  const paint = { was: chalk.red, now: chalk.green };
  const whole = kind === "missing" ? paint.was : kind === "extra" ? paint.now : chalk.dim;
  return [
    `  ${signs[kind]} ${headOf(difference)}`,
    ...changes.slice(0, mostChanges).map((change) => `      ${changeInWords(change, paint)}`),
    ...(changes.length > mostChanges
      ? [`      … and ${counted(changes.length - mostChanges, "more change")}`]
      : []),
    ...(message === undefined ? [] : [`      ${whole(safeLine(message, 300))}`]),
  ];
}
