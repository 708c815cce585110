/** Owns why a run is INVALID, as reports tell it: with the error that is behind it, where one is. */
import { formatCount } from "../base/quantity.js";
import type { RunResult } from "../metrics/run-result.js";

type Reason = RunResult["validity"]["reasons"][number];

/** Those that have their cause among the errors. */
const outOfErrors: ReadonlySet<string> = new Set(["nothing-opened", "target-lost"]);

/** The reasons to tell: of connections that never were none has ended. */
export function reasonsOf({ validity: { reasons } }: RunResult): readonly Reason[] {
  const isNothing = reasons.some(({ code }) => code === "nothing-opened");
  return isNothing ? reasons.filter(({ code }) => code !== "target-lost") : reasons;
}

/**
 * What was seen, for reports that have no list of errors beside it: the most frequent error stands
 * behind it where it is the cause. Holds text of servers, unsafe as it is.
 */
export function detailOf({ code, detail }: Reason, { errors }: RunResult): string {
  const [first, ...rest] = errors;
  if (!outOfErrors.has(code) || !first) return detail;
  const top = rest.reduce((most, error) => (error.count > most.count ? error : most), first);
  const said = top.example === "" ? "" : `: ${top.example}`;
  return `${detail} (${formatCount(top.count)} × ${top.what}${said})`;
}
