/** Owns the waterfall of an inspection: what each phase of opening took, one after the other. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { Inspection, InspectedTiming } from "../../findings/inspection.js";
import type { Ink } from "../ink.js";
import type { Section } from "../section.js";
import { aligned, endName, runLines } from "./spread.js";

interface Bar {
  readonly name: string;
  /** Milliseconds since the start. */
  readonly from: number;
  readonly took: number;
}

const mostAttempts = 8;

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

/** The phases of one exchange. */
function onceLines(inspection: Inspection, timing: InspectedTiming, ink: Ink): string[] {
  const { chalk, width } = ink;
  const bars = barsOf(timing);
  const whole = bars.reduce((sum, { took }) => sum + took, 0);
  const { dns, tcp, proxy = 0, tls, upgrade } = timing.phases;
  const rows = [
    ...bars.map(({ name, took }) => [name, formatDuration(took)]),
    [endName(inspection), formatDuration(dns + tcp + proxy + tls + upgrade)],
  ];
  const { texts, room } = aligned(rows, width);
  return texts.map((text, index) => {
    const bar = bars[index];
    if (!bar) return chalk.bold(text);
    return `${text}  ${chalk.cyan(drawn(bar, whole, room))}`;
  });
}

/** The section; without an answer there are the addresses alone. */
export function waterfallSection(inspection: Inspection, ink: Ink): Section {
  const { timing } = inspection;
  const { chalk } = ink;
  const attempts = attemptLines(inspection, ink);
  if (!timing) return { title: "addresses", lines: attempts };
  const { runs, firstFrame } = timing;
  // Its bar would leave nothing of the others.
  const first =
    firstFrame === undefined
      ? []
      : [chalk.dim(`the first frame came ${formatDuration(firstFrame)} later`)];
  const phases = runs ? runLines(inspection, runs, ink) : onceLines(inspection, timing, ink);
  return { title: "phases", lines: [...phases, ...first, ...attempts] };
}
