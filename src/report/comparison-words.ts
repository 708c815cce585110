/** Owns what is said of two runs that are set side by side. All of it is harmless. */
import { safeLine } from "../base/safe-text.js";
import { figureName, type ComparedFigure, type Comparison } from "../metrics/compare.js";
import type { Difference } from "../metrics/differences.js";
import { formatFigure, formatShare } from "./figure.js";

/** A figure's line: name, both values, the change, the change relative to the base. */
export function figureCells(figure: ComparedFigure): string[] {
  const { metric, aggregate, base, now, change, relative } = figure;
  const value = (amount: number | undefined): string =>
    amount === undefined ? "–" : formatFigure(amount, metric, aggregate);
  return [
    figureName(figure),
    value(base),
    value(now),
    change === undefined || change === 0 ? "" : signed(change, value(change)),
    relative === undefined || relative === 0
      ? ""
      : signed(relative, formatShare(Number(relative.toPrecision(2)))),
  ];
}

function signed(amount: number, text: string): string {
  return amount > 0 ? `+${text}` : text.replace(/^-/, "−");
}

/** `connections: 100 → 200` */
export function differenceInWords({ path, base, now }: Difference): string {
  return safeLine(`${path}: ${base ?? "none"} → ${now ?? "none"}`, 300);
}

/** What came of it, in one line. */
export function verdictInWords({ verdict, gates }: Comparison): string {
  const failed = gates.filter(({ ok }) => !ok).length;
  if (verdict === "no-evidence") {
    return "NO EVIDENCE  a run is INVALID or incomplete: gates cannot be judged by it";
  }
  if (verdict === "regressed") return `REGRESSED  ${failed} of ${gates.length} gates failed`;
  return gates.length === 0
    ? "no gates were given"
    : `OK  ${gates.length} of ${gates.length} gates held`;
}
