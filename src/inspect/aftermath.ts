/**
 * Owns HS-19: whether the server is still there, after what breaks the protocol and at the end. What
 * has gone away answers nothing, and that is no answer to any check.
 */
import { WsctlError } from "../base/errors.js";
import type { Target } from "../dial/target.js";
import { Asker, type AskerBase } from "./asker.js";
import type { Check, Observation } from "./check.js";
import { patience } from "./check-timeout.js";
import { reproOf } from "./handshake/own-repro.js";
import { isSwitch, type Reply, saidOf } from "./reply.js";
import type { Subject } from "./subject.js";

/** Handshakes that it takes to see whether the server is still there. */
export const controlCost = 1;
/** The kind of a failure after which a server that answered before does not answer any more. */
export const gone = "gone";

/** A server that is not there any more. */
export interface Gone {
  /** Of the check after which it was seen, and what that sent. */
  readonly id: string;
  readonly sent: string | undefined;
  /** What a good request came to since. */
  readonly said: string | undefined;
}

const lost: ReadonlySet<string> = new Set(["refused", "unreachable", "closed", "reset", "timeout"]);

/** Whether nobody answers there; a proxy that finds nobody behind it says so. */
export function isGoneFrom(reply: Reply): boolean {
  if (reply.kind === "unanswered") return lost.has(reply.error.reason);
  const { status } = reply.response;
  return status === 502 || status === 504;
}

/** What a check has found out about that by itself. */
export function goneBy({ rule }: Check, seen: readonly Observation[]): Gone | undefined {
  const found = seen.some(({ kind, verdict }) => kind === gone && verdict === "fail");
  return found ? { id: rule.id, sent: undefined, said: undefined } : undefined;
}

/** Asks as in the first exchange, after a check that sends what breaks the protocol. */
export async function goneAfter(
  { rule, provokes, cost }: Check,
  base: AskerBase,
  subject: Omit<Subject, "asker">,
): Promise<Gone | undefined> {
  const isAsked = provokes !== undefined && cost.handshakes > 0 && !base.signal.aborted;
  if (!isAsked || !isSwitch(subject.baseline)) return undefined;
  const asker = new Asker(base, { handshakes: controlCost });
  try {
    const reply = await asker.ask({ timeout: patience({ ...subject, asker }) });
    if (!isGoneFrom(reply)) return undefined;
    return { id: rule.id, sent: provokes, said: saidOf(reply, 150) };
  } catch (error) {
    // An inspection that is to end says so by itself.
    if (error instanceof WsctlError && error.code === "WSCTL_EABORTED") return undefined;
    throw error;
  } finally {
    await asker.settle();
  }
}

/** What is told of the checks after it. */
export function leftUntried({ id }: Gone): readonly Observation[] {
  const message = `not tried: the server went away after ${id}`;
  return [{ verdict: "inconclusive", kind: "not tried", message }];
}

/** Nothing that was not looked at may be accepted: that is what this kind stands for. */
const failed = { verdict: "fail", kind: "unreachable", confidence: "firm" } as const;

/** HS-19, where the server went away on the way. */
export function tellGone({ id, sent, said }: Gone, target: Target): readonly Observation[] {
  const after = sent === undefined ? `after ${id}` : `after ${id} sent ${sent}`;
  const since = said === undefined ? "" : ` a good request since then came to: ${said};`;
  const message = `the server went away ${after}:${since} no later check means anything`;
  return [{ ...failed, case: "went away", message, repro: reproOf(id, target) }];
}

function judged(reply: Reply, baseline: Reply): Observation {
  const said = saidOf(reply, 150);
  const first = saidOf(baseline, 60);
  if (isGoneFrom(reply)) {
    const message = `the server went away while it was inspected: the first exchange came to ${first}, and the same request at the end to: ${said}; what was seen in between may mean nothing, or this address is shut out by now`;
    return { ...failed, case: "went away", message, request: reply.request };
  }
  if (!isSwitch(reply)) {
    const message = `the same request as at first, which came to ${first}, came to ${said} at the end: the server may have had enough of this address`;
    return { verdict: "inconclusive", message };
  }
  const message = "the server answers at the end as it did at first";
  return { verdict: "pass", message, evidence: [`a good request at the end: ${said}`] };
}

/** HS-19. */
export const stillThere: Check = {
  rule: {
    id: "HS-19",
    title: "the server is still there afterwards",
    severity: "high",
    source: "practice; RFC 6455 §7.1.7, §10.7",
    why: "One client that breaks the protocol is to lose its own connection. Where the process dies of it, everybody is thrown out, and whoever likes can do that again and again.",
    fix: "Handle the errors of single connections. ws for Node.js: socket.on('error', …) on each connection, since an 'error' event without a listener ends the process. Elsewhere: catch what the connection handler throws, and look in the log for what ended the process.",
    cwe: 248,
  },
  tier: "default",
  needs: "switch",
  cost: { handshakes: controlCost },
  run: async (subject) => {
    const { asker, baseline } = subject;
    return [judged(await asker.ask({ timeout: patience(subject) }), baseline)];
  },
};
