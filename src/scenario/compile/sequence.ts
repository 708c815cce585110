/** Owns resolving how a service numbers its messages. */
import { parseCount } from "../../base/quantity.js";
import type { PlanSequence } from "../flow-plan.js";
import type { Scenario } from "../scenario.js";
import { matchOf } from "../schema/match.js";

type Sequence = NonNullable<NonNullable<Scenario["config"]>["sequence"]>;

/** The same with every default written out. @throws WsctlError WSCTL_EUSAGE */
export function sequenceOf({ sender, number, of, match, start, per }: Sequence): PlanSequence {
  return {
    sender,
    number,
    of,
    match: match && matchOf(match),
    start: start === undefined ? undefined : parseCount(String(start)),
    per: per ?? "sender",
  };
}
