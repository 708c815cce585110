/** Owns the tables that set scenarios, or stages, side by side. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { RunPart, RunResult } from "../metrics/run-result.js";
import { rateOf, totalOf } from "./figures-of.js";
import type { Ink } from "./ink.js";
import type { Section } from "./section.js";
import { plainTable } from "./table.js";

/** The columns of such a table. */
export const partColumns = ["sent/s", "received/s", "rtt p50", "p95", "p99", "max", "unmet"];

/** What is left out where there is little room. */
const missedLeast: ReadonlySet<string> = new Set(["received/s", "p95", "max"]);
const wide = 90;

/** A part's figures, one a column; a dash where there is none. */
export function partFigures(part: RunPart): string[] {
  const rate = (name: string): string => {
    const perSecond = rateOf(part, name);
    return perSecond === undefined ? "–" : formatCount(rounded(perSecond));
  };
  const rtt = part.trends["ws_msg_rtt"];
  const time = (ms: number | undefined): string => (ms === undefined ? "–" : formatDuration(ms));
  return [
    rate("ws_msgs_sent"),
    rate("ws_msgs_received"),
    time(rtt?.p50),
    time(rtt?.p95),
    time(rtt?.p99),
    time(rtt?.max),
    formatCount(totalOf(part, "ws_expect_failed")),
  ];
}

/** The scenarios of a run, when there is more than one. */
export function scenarioSection({ scenarios }: RunResult, ink: Ink): Section {
  return { title: "scenarios", lines: partTable(scenarios, "", ink) };
}

/** The stages of a run, when there is more than one. */
export function stageSection({ stages }: RunResult, ink: Ink): Section {
  return { title: "stages", lines: partTable(stages, "time", ink) };
}

function partTable(parts: readonly RunPart[], time: "" | "time", ink: Ink): string[] {
  if (parts.length < 2) return [];
  const isNarrow = ink.width < wide;
  const shown = (cells: readonly string[]): string[] =>
    cells.filter((_, column) => !isNarrow || !missedLeast.has(partColumns[column]!));
  const rows = parts.map((part) =>
    [safeLine(part.name, isNarrow ? 16 : 30)]
      .concat(time ? [formatDuration(part.span)] : [])
      .concat(shown(partFigures(part))),
  );
  return plainTable(["", ...(time ? [time] : []), ...shown(partColumns)], rows, ink);
}

const rounded = (value: number): number => (value < 100 ? value : Math.round(value));
