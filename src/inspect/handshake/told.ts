/** Owns what servers do with requests that differ in one thing, told case by case. */
import { type Against, merged } from "../alike.js";
import type { Question } from "../question.js";
import type { Observation } from "../check.js";
import { patience } from "../check-timeout.js";
import { type Answered, isSwitch, type Reply, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { type Ending, endingOf, type Manners, tellEnding } from "./ending.js";

/** One request that differs in one thing. */
export interface Case {
  /** What differs, such as `version 8`: findings are known by it. */
  readonly name: string;
  readonly question: Question;
}

/** What came of one case: a 101, a 4xx, a 5xx, or another status. */
export interface Told extends Case {
  readonly reply: Answered;
  readonly outcome: "switched" | "refused" | "failed" | "other";
}

/** An observation, or, of a case where all is well, what is added to its line of evidence. */
export type Judged = Omit<Against, "case"> | { readonly well: string };

/** Statuses that are given for another reason than what is odd in a request. */
export const limiting: readonly number[] = [401, 429, 503];

/** How cases are tried. */
export interface Trial extends Manners {
  readonly cases: readonly Case[];
  /** Cases that the first exchange has shown already. */
  readonly shown?: readonly Told[];
  readonly judge: (told: Told) => Judged;
  /** The message where all cases are well. */
  readonly allWell: string;
  /** Statuses that are given for another reason than the case; {@link limiting} unless told. */
  readonly besides?: readonly number[];
}

/** So often a server may be silent before it is left alone. */
const mostSilences = 2;

/** The outcome of an answer by its status. */
export function toldOf(each: Case, reply: Answered): Told {
  const { status } = reply.response;
  const isRefused = status >= 400 && status < 500;
  const outcome = isSwitch(reply)
    ? "switched"
    : isRefused
      ? "refused"
      : status >= 500
        ? "failed"
        : "other";
  return { ...each, reply, outcome };
}

/**
 * Tries the cases one after the other. One observation for each that is not well; where all are
 * well, one that says so. A server that stays silent, or is gone, is not asked to the end.
 */
export async function tryCases(subject: Subject, trial: Trial): Promise<readonly Observation[]> {
  const { cases, shown = [], judge, allWell, besides = limiting } = trial;
  const against: Against[] = [];
  let shortest = Infinity;
  const well: string[] = [];
  const endings = new Map<Ending, Map<string, Reply>>();
  const untried: string[] = [];
  const take = (told: Told): void => {
    const judged = judge(told);
    if ("well" in judged) {
      well.push(`${told.name}: ${saidOf(told.reply)}${judged.well}`);
      return;
    }
    const { request } = told.reply;
    const evidence = [`answer: ${saidOf(told.reply)}`];
    against.push({ case: told.name, kind: told.outcome, request, evidence, ...judged });
  };
  for (const told of shown) take(told);
  for (const each of cases) {
    const isGone = endings.has("unreachable");
    if (isGone || (endings.get("silent")?.size ?? 0) >= mostSilences) {
      untried.push(each.name);
      continue;
    }
    const timeout = patience(subject);
    const reply = await subject.asker.ask({ timeout, ...each.question });
    const ending = endingOf(reply, besides);
    if (ending === "silent") shortest = Math.min(shortest, timeout);
    if (ending !== undefined) {
      endings.set(ending, (endings.get(ending) ?? new Map<string, Reply>()).set(each.name, reply));
    } else if (reply.kind === "answered") take(toldOf(each, reply));
  }
  const seen = merged(against);
  for (const [ending, replies] of endings) seen.push(tellEnding(ending, replies, trial, shortest));
  if (untried.length > 0) {
    const message = `not tried after that: ${untried.join(", ")}`;
    seen.push({ case: "untried", verdict: "inconclusive", message });
  }
  return seen.length > 0 ? seen : [{ verdict: "pass", message: allWell, evidence: well }];
}
