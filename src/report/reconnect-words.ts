/** Owns what is said of lost connections and of their coming back. All of it is harmless. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type {
  Recovery,
  RecoveryCause,
  RecoveryEpisode,
  RecoveryFigures,
  RecoveryHint,
  RecoveryMove,
  RecoveryPolicy,
  Resubscribed,
} from "../metrics/recovery.js";
import { formatAvailability, formatShare } from "./figure.js";

/** No name of a node, nor how a connection ended, takes more of a line. */
const longestName = 40;

const hows: Readonly<Record<"close" | "fin" | "reset" | "silent", string>> = {
  close: "close of",
  fin: "FIN to",
  reset: "reset of",
  silent: "silence of",
};

/** The policy: `exponential from 500 ms to 30.0 s, full jitter, anew after 10.0 s`. */
export function policyInWords(policy: RecoveryPolicy): string {
  const { kind, base, max, jitter, attempts, resetAfter, hints } = policy;
  if (kind === "none") return "none: a connection that is lost stays lost";
  const wait =
    kind === "fixed"
      ? `fixed, ${formatDuration(base)}`
      : `exponential from ${formatDuration(base)} to ${formatDuration(max)}`;
  return [
    wait,
    jitter === "none" ? "no jitter" : `${jitter} jitter`,
    ...(attempts === undefined ? [] : [`${formatCount(attempts)} attempts at most`]),
    `anew after ${formatDuration(resetAfter)}`,
    ...(hints === "ignore" ? ["hints ignored"] : []),
  ].join(", ");
}

/** How an episode is called: `event 1`, `event 2, round 3 of 5`, `losses`. */
export function episodeName(cause: RecoveryCause): string {
  if (cause.kind === "losses") return "losses";
  const { event, round, rounds } = cause;
  if (rounds === 1) return `event ${event}`;
  return `event ${event}, round ${round}${rounds === undefined ? "" : ` of ${rounds}`}`;
}

/** What happened: `reset of 30 % at 10.0 s`. */
export function causeInWords({ cause, at }: Pick<RecoveryEpisode, "cause" | "at">): string {
  if (cause.kind === "losses") return `lost from ${formatDuration(at)} on, by nothing in the plan`;
  const { how, share, over } = cause;
  const words = `${hows[how]} ${formatShare(share)}`;
  if (over > 0) return `${words} from ${formatDuration(at)} on, over ${formatDuration(over)}`;
  return `${words} at ${formatDuration(at)}`;
}

/** How connections ended that the plan did not cut; empty for those that it did. */
export function endsInWords(cause: RecoveryCause): string {
  if (cause.kind === "event") return "";
  return cause.ends
    .map(({ what, count }) => `${formatCount(count)} × ${safeLine(what, longestName)}`)
    .join(", ");
}

/** How many there were and what became of them: `600 of 2 000 cut: 598 back, 2 lost for good`. */
export function fateInWords(figures: RecoveryFigures, openBefore?: number): string {
  const { cut, back, lostForGood, ended } = figures;
  const of = openBefore === undefined ? "" : ` of ${formatCount(openBefore)}`;
  const fates = [
    back === cut && cut > 1 ? "all back" : `${formatCount(back)} back`,
    ...(lostForGood > 0 ? [`${formatCount(lostForGood)} lost for good`] : []),
    ...(ended > 0 ? [`${formatCount(ended)} still away at their end`] : []),
  ];
  return `${formatCount(cut)}${of} connection${cut === 1 && of === "" ? "" : "s"} lost: ${fates.join(", ")}`;
}

/** When they were back: `50 % back after 310 ms, 95 % after 1.40 s, all after 2.02 s`. */
export function recoveredInWords({ to50, to95, to100, cut }: RecoveryEpisode): string {
  if (cut === 0) return "nobody was cut";
  const moment = (ms: number | undefined): string =>
    ms === undefined ? "never" : `after ${formatDuration(ms)}`;
  if (to50 === undefined) return "not even half of them came back";
  return `50 % back ${moment(to50)}, 95 % ${moment(to95)}, all ${moment(to100)}`;
}

/**
 * How they dialled: `640 attempts, at most 312 a second; 29 % of the first within 100 ms`, and where it
 * came otherwise how many of them were really begun within as long.
 */
export function dialsInWords({ attempts, peakPerSecond, firstRetries }: RecoveryFigures): string {
  const { count, crowded, at, begun } = firstRetries;
  const peak = attempts > 1 ? `, at most ${formatCount(peakPerSecond)} a second` : "";
  const dials = `${formatCount(attempts)} attempt${attempts === 1 ? "" : "s"}${peak}`;
  if (count < 2 || at === undefined) return dials;
  const [due, real] = [rounded(crowded), rounded(begun)];
  const really = due === real ? "" : ` (${formatShare(real)} as they were begun)`;
  return `${dials}; ${formatShare(due)} of the first within 100 ms${really}`;
}

/** That the crowd may be of the generator's making; undefined where it is not. */
export function heldUpInWords({ firstRetries }: RecoveryFigures): string | undefined {
  const { heldUp, count } = firstRetries;
  if (count < 2 || heldUp < 50) return undefined;
  return `the generator began first attempts up to ${formatDuration(heldUp)} later than they were due`;
}

/** What `onReconnect` came to, and whether all is well. */
export function resubscribedInWords({ verified, asked, confirmed, failed }: Resubscribed): {
  readonly isWell: boolean;
  readonly words: string;
} {
  const under = asked - confirmed - failed;
  const rest =
    (failed > 0 ? `, ${formatCount(failed)} failed` : "") +
    (under > 0 ? `, ${formatCount(under)} under way at the end` : "");
  const done = verified ? "confirmed" : "played (it expects nothing, so nothing is confirmed)";
  const all = confirmed === asked ? `all ${formatCount(asked)}` : undefined;
  const count = all ?? `${formatCount(confirmed)} of ${formatCount(asked)}`;
  return { isWell: failed === 0, words: `onReconnect ${done} on ${count} connections${rest}` };
}

/** What was missed: `137 messages missed in the gaps`; undefined when nothing told. */
export function missedInWords({ missed, cut, back }: RecoveryFigures): string | undefined {
  if (missed === undefined || cut === 0) return undefined;
  // What was missed shows with the first message after the gap.
  if (back === 0) return "what was missed in the gaps nobody knows: none of them closed";
  const open = cut - back;
  const gaps = open === 0 ? "in the gaps" : `in the gaps that closed, ${formatCount(open)} did not`;
  if (missed === 0) return `no message missed ${gaps}`;
  return `${formatCount(missed)} message${missed === 1 ? "" : "s"} missed ${gaps}`;
}

/** `users had a connection for 98.7 % of their time`; undefined when there was no such time. */
export function availabilityInWords({ availability }: RecoveryFigures): string | undefined {
  if (availability === undefined) return undefined;
  return `users had a connection for ${formatAvailability(availability)} of their time`;
}

/** `Retry-After 12 × honoured, 3 × cut to the longest wait`. */
export function hintsInWords({ hints }: Recovery): string[] {
  return hints.map(({ hint, honoured, capped, ignored, notUnderstood = 0 }: RecoveryHint) => {
    const name = hint === "retry-after" ? "Retry-After" : `close code ${hint}`;
    const counts = [
      ...(honoured > 0 ? [`${formatCount(honoured)} × honoured`] : []),
      ...(capped > 0 ? [`${formatCount(capped)} × asked for longer than is waited`] : []),
      ...(notUnderstood > 0 ? [`${formatCount(notUnderstood)} × not understood`] : []),
      ...(ignored > 0 ? [`${formatCount(ignored)} × ignored`] : []),
    ];
    return `${name}: ${counts.join(", ")}`;
  });
}

/** The columns of the table of who moved. */
export const moveColumns = ["moved", "connections", "away p50", "max", "missed"];

/** A move's cells: the names of both nodes, which are still to be made harmless, and the figures. */
export function moveCells(move: RecoveryMove): { nodes: string[]; figures: string[] } {
  const { from, to, connections, away, missed } = move;
  return {
    nodes: [from ?? "unnamed", to ?? "unnamed"],
    figures: [
      formatCount(connections),
      formatDuration(away.p50),
      formatDuration(away.max),
      missed === undefined ? "–" : formatCount(missed),
    ],
  };
}

/** That the list of moves is not all of them; undefined when it is. */
export function furtherMovesInWords({ furtherMoves }: RecoveryFigures): string | undefined {
  if (furtherMoves === 0) return undefined;
  return `and ${formatCount(furtherMoves)} connection${furtherMoves === 1 ? "" : "s"} between further nodes`;
}

/** A share with no more digits than mean anything. */
export function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}
