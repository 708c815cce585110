/** Owns why the first exchange came to nothing: how far it got, and what to do about it. */
import { isIP } from "node:net";
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { Inspection } from "../../findings/inspection.js";
import type { Ink } from "../ink.js";
import type { Section } from "../section.js";

/** Host of a URL, without brackets; undefined for the path of a socket file. */
function hostOf(url: string): string | undefined {
  return /^wss?:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url)?.[1]?.replace(/^\[|\]$/g, "");
}

/** The phases that this address asks for, as far as that is known from it. */
function phasesOf({ url, failure, tls }: Inspection): string[] {
  const host = hostOf(url);
  const isNamed = host !== undefined && isIP(host) === 0;
  return [
    ...(isNamed || failure?.phase === "dns" ? ["dns"] : []),
    "tcp",
    ...(failure?.phase === "proxy" ? ["proxy"] : []),
    ...(/^wss/i.test(url) || tls || failure?.phase === "tls" ? ["tls"] : []),
    "upgrade",
  ];
}

/** What is known of the time of a phase that was done. */
function timeOf(phase: string, { attempts }: Inspection): string {
  const done = attempts.find(({ error }) => error === undefined);
  return phase === "tcp" && done ? ` ${formatDuration(done.took)}` : "";
}

/** Each phase with how it went: done, the one that it ended in, never begun. */
function reachedLine(inspection: Inspection, { chalk }: Ink): string {
  const { failure } = inspection;
  const phases = phasesOf(inspection);
  const at = phases.indexOf(failure?.phase ?? "");
  const isEnded = failure?.code === "WSCTL_EABORTED";
  return phases
    .map((phase, index) => {
      if (index < at) return chalk.green("✔ ") + phase + chalk.dim(timeOf(phase, inspection));
      if (index > at) return chalk.dim(`· ${phase}`);
      return isEnded ? chalk.magenta(`… ${phase}`) : chalk.red.bold(`✘ ${phase}`);
    })
    .join("  ");
}

/** How far it got, where no answer came. */
export function reachedSection(inspection: Inspection, ink: Ink): Section {
  const { failure, outcome } = inspection;
  const isFailed = failure && outcome === "failed";
  // What was ended in its first phase has reached nothing.
  const isNowhere = failure?.code === "WSCTL_EABORTED" && failure.phase === "dns";
  if (!isFailed || isNowhere || !phasesOf(inspection).includes(failure.phase))
    return { title: "reached", lines: [] };
  const { chalk } = ink;
  const addresses = new Set(inspection.attempts.map(({ address, port }) => `${address} ${port}`));
  // What the addresses came to is told beside them.
  const where = failure.where.filter(
    (line) => addresses.size === 0 || !/^\S+:\d+ E[A-Z]+ after/.test(line),
  );
  return {
    title: "reached",
    lines: [
      reachedLine(inspection, ink),
      ...(where.length === 0 && failure.code === "WSCTL_EABORTED"
        ? []
        : [
            chalk.dim(
              [safeLine(failure.code, 60), ...where.map((line) => safeLine(line, 500))].join(" · "),
            ),
          ]),
    ],
  };
}

/** What to do about it, in a sentence. */
export function hintSection({ failure, outcome }: Inspection): Section {
  const hint = outcome === "open" ? "" : (failure?.hint ?? "");
  return { title: "hint", lines: hint === "" ? [] : [safeLine(hint, 500)] };
}
