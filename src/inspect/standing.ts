/**
 * Owns the good request after the bad ones. A server, or what guards it, may have had enough by then
 * and refuse whatever comes: that looks just like bad requests that are refused as they should be.
 */
import { WsctlError } from "../base/errors.js";
import { Asker, type AskerBase } from "./asker.js";
import type { Observation } from "./check.js";
import { patience } from "./check-timeout.js";
import { isSwitch, saidOf } from "./reply.js";
import type { Subject } from "./subject.js";

/** Handshakes that it takes, however many checks it is for. */
export const standingCost = 1;

/** What of a refusal is held against a server: without its standing the refusal tells nothing. */
const refusals: ReadonlySet<string | undefined> = new Set([
  "refused",
  "no version named",
  "13 not named",
]);

/** Why refusals tell nothing. */
type Doubt = Pick<Observation, "kind" | "message">;

function isDoubtful({ verdict, kind }: Observation): boolean {
  if (verdict === "pass") return true;
  return (verdict === "warn" || verdict === "fail") && refusals.has(kind);
}

/**
 * Asks as in the first exchange, once more, where anything hangs on it.
 * @param all what the checks saw that passes by refusals
 * @returns why refusals tell nothing; undefined where they do
 */
export async function lostStanding(
  base: AskerBase,
  subject: Omit<Subject, "asker">,
  all: readonly Observation[],
): Promise<Doubt | undefined> {
  if (!isSwitch(subject.baseline) || !all.some(isDoubtful)) return undefined;
  const asker = new Asker(base, { handshakes: standingCost });
  try {
    const reply = await asker.ask({ timeout: patience({ ...subject, asker }) });
    if (isSwitch(reply)) return undefined;
    const message = `a good request after that came to ${saidOf(reply, 100)}: the server may refuse whatever comes by now, and for another reason`;
    return { message };
  } catch (error) {
    if (!(error instanceof WsctlError && error.code === "WSCTL_EABORTED")) throw error;
    const message =
      "the inspection ended before a good request could show that the refusals mean anything";
    return { kind: "ended", message };
  } finally {
    await asker.settle();
  }
}

/** What is left of what a check saw, once refusals tell nothing. */
export function doubted(seen: readonly Observation[], why: Doubt): readonly Observation[] {
  return seen.map((each): Observation => {
    if (!isDoubtful(each)) return each;
    const { case: which, cases, evidence = [], message } = each;
    return {
      ...(which === undefined ? {} : { case: which }),
      ...(cases === undefined ? {} : { cases }),
      verdict: "inconclusive",
      ...why,
      evidence: [`otherwise: ${message}`, ...evidence],
    };
  });
}
