/** Owns the phases of several exchanges: what half of them took, and all but one in twenty. */
import { formatDuration } from "../../base/quantity.js";
import type { InspectedTiming, Inspection } from "../../findings/inspection.js";
import type { Ink } from "../ink.js";
import { counted } from "./judgement.js";

/** The phases in their order, as timings name them. */
const phaseNames = ["dns", "tcp", "proxy", "tls", "upgrade"] as const;

const widestBar = 48;
const narrowestBar = 12;

type Runs = NonNullable<InspectedTiming["runs"]>;

/** What the exchange came to once all phases were over. */
export function endName({ outcome }: Inspection): string {
  return outcome === "open" ? "open after" : "answer after";
}

/** Cells in columns, figures to the right, and the columns that are left for a picture. */
export function aligned(
  rows: readonly string[][],
  width: number,
): { texts: string[]; room: number } {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const taken = widths.reduce((sum, each) => sum + each + 2, 0);
  const texts = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
      )
      .join("  "),
  );
  return { texts, room: Math.max(narrowestBar, Math.min(widestBar, width - taken)) };
}

/** A phase over several exchanges, at its place: where it mostly begins, and how long it takes. */
interface Spread {
  readonly name: string;
  readonly from: number;
  readonly p50: number;
  readonly p95: number;
}

function spreadsOf(inspection: Inspection, runs: Runs): Spread[] {
  let at = 0;
  const phases = phaseNames.flatMap((name) => {
    const found = Object.hasOwn(runs.phases, name) ? runs.phases[name] : undefined;
    // No name had to be looked up, and there was no TLS.
    if (!found || found.max === 0) return [];
    const spread = { name, from: at, p50: found.p50, p95: found.p95 };
    at += found.p50;
    return [spread];
  });
  const total = Object.hasOwn(runs.phases, "total") ? runs.phases["total"] : undefined;
  return total
    ? [...phases, { name: endName(inspection), from: 0, p50: total.p50, p95: total.p95 }]
    : phases;
}

/** The half of them up to the heavy line, all but one in twenty up to the end of the thin one. */
function spreadBar({ from, p50, p95 }: Spread, whole: number, width: number, ink: Ink): string {
  const column = (ms: number): number =>
    whole > 0 ? Math.min(width, Math.round((ms / whole) * width)) : 0;
  const start = Math.min(width - 1, column(from));
  const middle = Math.max(start + 1, column(from + p50));
  const end = Math.max(middle, column(from + p95));
  return (
    " ".repeat(start) +
    ink.chalk.cyan("━".repeat(middle - start)) +
    ink.chalk.dim("─".repeat(end - middle))
  );
}

/** The phases of several exchanges, none of which counts for more than another. */
export function runLines(inspection: Inspection, runs: Runs, ink: Ink): string[] {
  const { chalk, width } = ink;
  const timed = runs.count - runs.failed;
  const failed =
    runs.failed === 0
      ? []
      : [chalk.red(`${runs.failed} of ${counted(runs.count, "exchange")} failed`)];
  if (timed <= 0) return failed;
  const spreads = spreadsOf(inspection, runs);
  const rows = spreads.map(({ name, p50, p95 }) => [
    name,
    formatDuration(p50),
    formatDuration(p95),
  ]);
  const { texts, room } = aligned([["", "p50", "p95"], ...rows], width);
  const whole = Math.max(...spreads.map(({ from, p95 }) => from + p95));
  return [
    chalk.dim(`${texts[0]!}  ━ to p50, ─ to p95`),
    ...spreads.map((spread, index) => {
      const text = texts[index + 1]!;
      const isTotal = index === spreads.length - 1 && spread.name === endName(inspection);
      return `${isTotal ? chalk.bold(text) : text}  ${spreadBar(spread, whole, room, ink)}`;
    }),
    ...(failed.length > 0
      ? failed
      : [chalk.dim(`of ${counted(runs.count, "exchange")} after the first`)]),
  ];
}
