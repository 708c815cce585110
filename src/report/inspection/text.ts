/** Owns the page of an inspection as a person reads it on a terminal, in ten seconds. */
import wrapAnsi from "wrap-ansi";
import { formatDuration, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { type Ink, warn } from "../ink.js";
import { factLines, type Section } from "../section.js";
import { exchangeSection } from "./exchange.js";
import { agreedSection, serverSection, tlsSection } from "./facts.js";
import { hintSection, reachedSection } from "./failure.js";
import { findingBlocks } from "./findings.js";
import { groupsAgainst, type Judged, standingOf, standingWords, tally } from "./judgement.js";
import { originSection } from "./origin-table.js";
import { summarySections } from "./summary.js";
import { waterfallSection } from "./waterfall.js";

const margin = 13;

/** The whole page; ends with a newline. */
export function textPage(judged: Judged, page: Ink): string {
  const { inspection, verbose = false } = judged;
  const ink: Ink = { ...page, width: page.width - margin };
  const sections = (all: readonly Section[]): string[] =>
    all.filter(({ lines }) => lines.length > 0).map((section) => block(section, ink));
  const blocks = [
    ...sections([
      verdictSection(judged, ink),
      reachedSection(inspection, ink),
      hintSection(inspection),
      waterfallSection(inspection, ink),
      exchangeSection(inspection, ink, verbose),
      tlsSection(inspection, ink),
      agreedSection(inspection, ink),
      serverSection(inspection, ink),
      originSection(inspection, ink),
    ]),
    ...findingBlocks(judged, page),
    ...sections(summarySections(judged, ink)),
  ];
  return `\n${blocks.join("\n\n")}\n\n`;
}

/** Whether all is well, in one line; under it what the checks came to, and what it took to know. */
function verdictSection(judged: Judged, { chalk, width }: Ink): Section {
  const { inspection, verbose = false } = judged;
  const { url, took, budget, wsctl } = inspection;
  const standing = standingOf(judged);
  const title = {
    ok: groupsAgainst(inspection).length === 0 ? chalk.green("✔ OK") : warn({ chalk }, "▲ OPENS"),
    found: chalk.red("✘ FAILED"),
    invalid: chalk.red("✘ INVALID"),
    refused: chalk.red("✘ REFUSED"),
    failed: chalk.red("✘ FAILED"),
    interrupted: warn({ chalk }, "INTERRUPTED"),
  }[standing];
  const facts = [
    safeLine(url, 500),
    `${budget.handshakes} of ${budget.planned} handshakes`,
    formatDuration(took),
    ...(verbose ? [`${formatSize(budget.bytes)} sent`, `wsctl ${safeLine(wsctl, 40)}`] : []),
  ];
  const counts = tally(inspection).map((count) => {
    if (!/finding/.test(count)) return count;
    return standing === "ok" ? warn({ chalk }, count) : chalk.red(count);
  });
  return {
    title,
    lines: [
      chalk.bold(safeLine(standingWords(judged), 500)),
      ...(counts.length > 0 ? [counts.join(", ")] : []),
      ...factLines(facts, width).map((line) => chalk.dim(line)),
    ],
  };
}

function block({ title, lines }: Section, { chalk, width }: Ink): string {
  const body = lines
    .flatMap((line) => wrapAnsi(line, width, { trim: false, hard: true }).split("\n").map(unindent))
    .map((line) => `${" ".repeat(margin)}${line}`.trimEnd());
  const [first = "", ...rest] = body;
  const gap = " ".repeat(Math.max(1, margin - 2 - plainLength(title)));
  return [`  ${chalk.bold(title)}${gap}${first.slice(margin)}`, ...rest].join("\n");
}

/** How wide a text is without its colours. */
function plainLength(text: string): number {
  // oxlint-disable-next-line no-control-regex -- ESC is how chalk begins a colour
  return text.replace(/\u001b\[\d+m/g, "").length;
}

/** A line that goes on has kept the space it was broken at, perhaps behind a colour. */
function unindent(line: string, index: number): string {
  // oxlint-disable-next-line no-control-regex -- ESC is how chalk begins a colour
  return index === 0 ? line : line.replace(/^((?:\u001b\[\d+m)*) /, "$1");
}
