/** Owns how a case can end without an answer that says anything of it, and what is told of that. */
import type { Severity } from "../../findings/severity.js";
import type { Verdict } from "../../findings/verdict.js";
import type { Observation } from "../check.js";
import { type Reply, saidOf } from "../reply.js";

/** A status given for another reason, no answer, or none that can be read; or no connection. */
export type Ending = "limited" | "closed" | "silent" | "garbled" | "unreachable";

/** What is thought of servers that do not answer. */
export interface Manners {
  /** Of those that hang up without a word; `info` unless told. */
  readonly closed?: Verdict;
  /** Of those that stay silent; `warn` unless told. */
  readonly silent?: Verdict;
}

/** How it ended; undefined where the answer is one to judge. */
export function endingOf(reply: Reply, besides: readonly number[]): Ending | undefined {
  if (reply.kind === "answered") {
    return besides.includes(reply.response.status) ? "limited" : undefined;
  }
  const { phase, reason } = reply.error;
  if (phase !== "upgrade") return "unreachable";
  if (reason === "timeout") return "silent";
  return reason === "handshake" ? "garbled" : "closed";
}

/** Such as `1.5 s`: what the way there took does not matter to people. */
function shownTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms / 10) * 10} ms` : `${Math.round(ms / 100) / 10} s`;
}

/**
 * What is told of all cases that ended in the same way.
 * @param replies by the name of the case
 * @param time milliseconds that each was given at least
 */
export function tellEnding(
  ending: Ending,
  replies: ReadonlyMap<string, Reply>,
  { closed = "info", silent = "warn" }: Manners,
  time: number,
): Observation {
  const names = [...replies.keys()].join(", ");
  const low: { severity: Severity } = { severity: "low" };
  const [first] = replies.values();
  const said = first ? saidOf(first) : "";
  const shared = {
    case: ending,
    cases: [...replies.keys()],
    kind: ending,
    request: first?.request,
    evidence: [...replies].map(([name, reply]) => `${name}: ${saidOf(reply)}`),
  };
  switch (ending) {
    case "limited":
      return {
        ...shared,
        verdict: "inconclusive",
        message: `answered with ${said} for another reason, so nothing can be said of: ${names}`,
      };
    case "closed":
      return {
        ...shared,
        ...low,
        verdict: closed,
        message: `the server hung up without an HTTP answer (legal, yet it leaves clients guessing): ${names}`,
      };
    case "silent":
      return {
        ...shared,
        ...low,
        verdict: silent,
        message: `no answer within ${shownTime(time)}, so that clients wait for their own timeout: ${names}`,
      };
    case "garbled":
      return {
        ...shared,
        ...low,
        verdict: "warn",
        evidence: [],
        message: `what came back is no HTTP response that can be read: ${names}`,
      };
    case "unreachable":
      return {
        ...shared,
        verdict: "inconclusive",
        message: `no connection came to stand any more: ${said}: ${names}`,
      };
    default:
      return ending satisfies never;
  }
}
