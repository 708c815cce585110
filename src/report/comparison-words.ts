/** Owns what is said of two runs that are set side by side. All of it is harmless. */
import { formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { metricOf } from "../metrics/catalogue.js";
import {
  figureName,
  type ComparedFigure,
  type ComparedRun,
  type Comparison,
} from "../metrics/compare.js";
import type { Difference } from "../metrics/differences.js";
import { formatFigure, formatPoints, formatShare } from "./figure.js";

/** A figure's line: name, both values, the change, the change relative to the base. */
export function figureCells(figure: ComparedFigure): string[] {
  const { metric, aggregate, base, now, change, relative } = figure;
  const value = (amount: number | undefined): string =>
    amount === undefined ? "–" : formatFigure(amount, metric, aggregate);
  const isShare = metricOf(metric)?.unit === "share";
  return [
    figureName(figure),
    value(base),
    value(now),
    change === undefined || change === 0
      ? ""
      : signed(change, isShare ? formatPoints(change) : value(change)),
    relative === undefined || relative === 0
      ? ""
      : signed(relative, formatShare(Number(relative.toPrecision(2)))),
  ];
}

function signed(amount: number, text: string): string {
  return amount > 0 ? `+${text}` : text.replace(/^-/, "−");
}

/** How a gate's figure changed: `100 ms → 130 ms, +30.0 ms (+30 %)`. */
export function changeInWords(figure: ComparedFigure): string {
  if (figure.base === undefined && figure.now === undefined) return "measured in neither run";
  if (figure.base === undefined) return "not measured in the base run";
  if (figure.now === undefined) return "not measured in the new run";
  const [, before = "", after = "", change = "", relative = ""] = figureCells(figure);
  if (change === "") return `${after}, unchanged`;
  return `${before} → ${after}, ${relative === "" ? change : `${change} (${relative})`}`;
}

/** Which run it is: `base.json · 2026-01-02 03:04:05 UTC · 10.0 s of traffic`. */
export function runInWords({ file, id, startedAt, trafficFor }: ComparedRun): string[] {
  const at = new Date(startedAt);
  const when = Number.isNaN(at.getTime())
    ? safeLine(startedAt, 60)
    : `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  return [safeLine(file ?? `run ${id}`, 300), when, `${formatDuration(trafficFor)} of traffic`];
}

/** `connections: 100 → 200` */
export function differenceInWords({ kind, path, base, now }: Difference): string {
  const key = keyOf(path);
  const isTime = kind === "duration" || (kind === "plan" && isInMs.test(key));
  const isShare = kind === "plan" && isShareKey.test(key);
  const said = (value: string | undefined): string => {
    if (value === undefined) return "none";
    // A text needs no quotation marks here, and a time has a unit.
    const [, text] = /^"([^"\\]*)"$/.exec(value) ?? [];
    if (isShare && Number.isFinite(Number(value))) return formatShare(Number(value));
    return isTime && Number(value) > 0 ? formatDuration(Number(value)) : (text ?? value);
  };
  const name = path === "trafficFor" ? "traffic lasted" : kind === "plan" ? planName(path) : path;
  return safeLine(`${name}: ${said(base)} → ${said(now)}`, 300);
}

/** Keys of plans that scenarios call otherwise. */
const calledInScenario: Readonly<Record<string, string>> = {
  "reconnect.kind": "reconnect.policy",
  "profiles.N.mute": "profiles.N.pong: never",
};

/** Of a plan, what is in milliseconds. */
const isInMs =
  /(?:^|\.)(?:base|max|resetAfter|at|every|over|for|within|timeout|gracefulStop|warmup|duration|ping|lifetime(?:\.\d+)?)$/;
/** And what is a share of the users. */
const isShareKey = /^(?:events\.\d+\.drop|profiles\.\d+\.share)$/;

/** What a plan's key is called in a scenario: `reconnect.policy`, `events[0].drop`. */
function planName(path: string): string {
  const key = keyOf(path);
  const called = calledInScenario[key.replace(/\.\d+(?=\.|$)/g, ".N")];
  const [, number] = /\.(\d+)(?=\.|$)/.exec(key) ?? [];
  return (called?.replace("N", number ?? "") ?? key).replace(/\.(\d+)(?=\.|$)/g, "[$1]");
}

function keyOf(path: string): string {
  return path.replace(/^traffic\.(?:flow\.)?/, "");
}

/** What came of it, in one line. */
export function verdictInWords({ verdict, gates }: Comparison): string {
  const failed = gates.filter(({ ok }) => !ok).length;
  const noun = gates.length === 1 ? "gate" : "gates";
  if (verdict === "no-evidence") {
    return "NO EVIDENCE  a run is INVALID or incomplete: gates cannot be judged by it";
  }
  // Of what nobody measured it is not known whether it became worse.
  const unmeasured = gates.filter(({ ok, change }) => !ok && change === undefined).length;
  if (verdict === "regressed" && unmeasured === failed) {
    return `NOT MEASURED  ${failed} of ${gates.length} ${noun} failed for want of a value`;
  }
  if (verdict === "regressed") {
    const aside = unmeasured > 0 ? `, ${unmeasured} of them for want of a value` : "";
    return `REGRESSED  ${failed} of ${gates.length} ${noun} failed${aside}`;
  }
  return gates.length === 0
    ? "no gates were given"
    : `OK  ${gates.length} of ${gates.length} ${noun} held`;
}
