/** Owns the waterfall of an inspection: what each phase of opening took, one after the other. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { Inspection, InspectedTiming } from "../../findings/inspection.js";
import type { Ink } from "../ink.js";
import type { Section } from "../section.js";

interface Bar {
  readonly name: string;
  /** Milliseconds since the start. */
  readonly from: number;
  readonly took: number;
}

const mostAttempts = 8;
const widestBar = 48;
const narrowestBar = 12;

/** Each phase that took place; what no name had to be looked up for, and no TLS, is left out. */
function barsOf({ phases }: InspectedTiming): Bar[] {
  const { dns, tcp, proxy, tls, upgrade } = phases;
  const named: readonly (readonly [string, number | undefined])[] = [
    ["dns", dns === 0 ? undefined : dns],
    ["tcp", tcp],
    ["proxy", proxy],
    ["tls", tls === 0 ? undefined : tls],
    ["upgrade", upgrade],
  ];
  let at = 0;
  return named.flatMap(([name, took]) => {
    if (took === undefined) return [];
    const bar = { name, from: at, took };
    at += took;
    return [bar];
  });
}

function drawn({ from, took }: Bar, whole: number, width: number): string {
  const scale = whole > 0 ? width / whole : 0;
  const start = Math.min(width - 1, Math.floor(from * scale));
  const length = Math.max(1, Math.min(width - start, Math.round(took * scale)));
  return `${" ".repeat(start)}${"━".repeat(length)}`;
}

/** The address that answered, and those that did not. */
function attemptLines({ attempts }: Inspection, { chalk }: Ink): string[] {
  const shown = attempts.slice(0, mostAttempts).map(({ address, family, port, took, error }) => {
    const host = safeLine(address, 60);
    const where = family === 6 ? `[${host}]:${port}` : `${host}:${port}`;
    const time = formatDuration(took);
    return error === undefined
      ? chalk.dim(`${where} connected after ${time}`)
      : `${where} ${chalk.red(safeLine(error, 60))} after ${time}`;
  });
  const more = attempts.length - shown.length;
  return more > 0 ? [...shown, chalk.dim(`… and ${more} more addresses`)] : shown;
}

function countedRuns({ runs }: InspectedTiming, { chalk }: Ink): string[] {
  if (!runs) return [];
  const failed = runs.failed === 0 ? "" : chalk.red(`, ${runs.failed} of them failed`);
  return [
    chalk.dim(`p50 and p95 of ${runs.count} exchanges; the bars are those of the first`) + failed,
  ];
}

/** The section; without an answer there are the addresses alone. */
export function waterfallSection(inspection: Inspection, ink: Ink): Section {
  const { timing } = inspection;
  const { chalk, width } = ink;
  const attempts = attemptLines(inspection, ink);
  if (!timing) return { title: "addresses", lines: attempts };
  const { runs } = timing;
  const bars = barsOf(timing);
  const whole = bars.reduce((sum, { took }) => sum + took, 0);
  const spread = (name: string): string[] => {
    const found = runs && Object.hasOwn(runs.phases, name) ? runs.phases[name] : undefined;
    if (!runs) return [];
    return found ? [formatDuration(found.p50), formatDuration(found.p95)] : ["", ""];
  };
  const { dns, tcp, proxy = 0, tls, upgrade } = timing.phases;
  const total = dns + tcp + proxy + tls + upgrade;
  const rows = [
    ...(runs ? [["", "first", "p50", "p95"]] : []),
    ...bars.map(({ name, took }) => [name, formatDuration(took), ...spread(name)]),
    ["open after", formatDuration(total), ...spread("total")],
  ];
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const taken = widths.reduce((sum, each) => sum + each + 2, 0);
  const room = Math.max(narrowestBar, Math.min(widestBar, width - taken));
  const lines = rows.map((row, index) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
    );
    const text = cells.join("  ");
    const bar = bars[index - (runs ? 1 : 0)];
    if (runs && index === 0) return chalk.dim(text);
    if (!bar) return chalk.bold(text);
    return `${text}  ${chalk.cyan(drawn(bar, whole, room))}`;
  });
  // Its bar would leave nothing of the others.
  const first =
    timing.firstFrame === undefined
      ? []
      : [chalk.dim(`the first frame came ${formatDuration(timing.firstFrame)} later`)];
  return { title: "phases", lines: [...lines, ...first, ...countedRuns(timing, ink), ...attempts] };
}
