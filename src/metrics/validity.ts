/**
 * Owns the verdict on the generator itself: whether the figures of a run are evidence, and if not,
 * why and what to do. Rules and limits are those of the metrics chapter of the manual.
 */
import { formatCount, formatDuration } from "../base/quantity.js";
import { lagLimit, lagPercent } from "./lag.js";

/** Why a run is INVALID; stable codes. */
type InvalidCode =
  | "schedule-lag"
  | "loop-delay"
  | "rate-missed"
  | "load-lost"
  | "cpu-saturated"
  | "worker-lost"
  | "target-lost"
  | "nothing-opened"
  | "pairing-lost"
  | "nothing-measured"
  | "sends-cut-off"
  | "fds-exhausted"
  | "ports-exhausted"
  | "not-conserved"
  | "snapshots-differ";

/** One reason why the figures are not evidence. */
interface InvalidReason {
  readonly code: InvalidCode;
  /** What was seen, with figures. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What the target did, and no generator can help. */
const ofTarget: ReadonlySet<InvalidCode> = new Set(["load-lost", "target-lost", "nothing-opened"]);

/** Whether the target alone keeps the figures from being evidence. */
export function isByTarget({ reasons }: Validity): boolean {
  return reasons.length > 0 && reasons.every(({ code }) => ofTarget.has(code));
}

/** The verdict on the generator. */
export interface Validity {
  readonly ok: boolean;
  readonly reasons: readonly InvalidReason[];
}

/** What the verdict is made from; times in ms, rates per second. */
export interface GeneratorFacts {
  /** Closed-loop runs are exempt from the pacing rules: their rate is the server's. */
  readonly model: "closed" | "rate" | "idle";
  /** Who paces it; a spinning one is busy by design. */
  readonly pacer?: string | undefined;
  /** p99 of the corrected round trip. */
  readonly rttP99: number;
  /** The tightest bound that a threshold puts on a latency; undefined where there is none. */
  readonly latencyGate: number | undefined;
  /** How many messages had a schedule, and their lag at the percentile that `lagPercent` says. */
  readonly scheduled: number;
  readonly scheduleLag: number;
  /** The worst p99 of any worker in any window, the monitor's resolution taken off. */
  readonly loopDelayP99: number;
  /** CPU of the busiest worker in any window, as a share of one core. */
  readonly cpu: number;
  /** Messages that were due on open connections, and those actually sent. */
  readonly due: number;
  readonly sent: number;
  /** Messages that fell due on connections that the target had refused or ended. */
  readonly unsent: number;
  readonly connections: number;
  /** Connections that failed by their reason tag. */
  readonly failedFds: number;
  readonly failedPorts: number;
  /** Connections on which it was no longer sure which send a reply answers. */
  readonly pairingLost: number;
  /** How replies are paired; by order unless told. */
  readonly pairedBy?: "order" | "id" | "stamp" | "none";
  /** Messages counted as sent on connections that ended behind a queue that was not taken. */
  readonly cutOff: number;
  /** Whether not one connection opened. */
  readonly nothingOpened: boolean;
  /** Whether replies were to be measured, and none was. */
  readonly nothingMeasured: boolean;
  /** Of a whole run with a warm-up: whether that was all of it, and whether nothing asked after it was answered. */
  readonly warmedUp?: { readonly isAll: boolean; readonly unanswered: boolean } | undefined;
  /** Whether connections were opened, and every one had ended before the traffic did. */
  readonly targetLost: boolean;
  /** One sentence for every worker that was lost. */
  readonly lostWorkers: readonly string[];
  /** Sentences that say which sums do not add up. */
  readonly notConserved: readonly string[];
  /** Sentences that say where delta snapshots and a worker's own final totals differ. */
  readonly snapshotsDiffer: readonly string[];
}

const cpuLimit = 0.95;
const rateTolerance = 0.005;

type Rule = (facts: GeneratorFacts) => InvalidReason | undefined;

const share = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;

/** The rules that hold for a run at a given rate. */
const pacingRules: readonly Rule[] = [
  ({ scheduleLag, scheduled, rttP99, latencyGate }) =>
    scheduleLag <= lagLimit(rttP99, latencyGate)
      ? undefined
      : {
          code: "schedule-lag",
          detail: `messages left ${formatDuration(scheduleLag)} late at p${lagPercent(scheduled).toFixed(0)} (limit ${formatDuration(lagLimit(rttP99, latencyGate))})`,
          remedy:
            "other programs take this machine's cores, or the rate is too high for them: use more workers, a lower rate, or a machine of its own",
        },
  ({ loopDelayP99, rttP99, latencyGate }) =>
    loopDelayP99 <= lagLimit(rttP99, latencyGate)
      ? undefined
      : {
          code: "loop-delay",
          detail: `a worker's event loop was blocked for ${formatDuration(loopDelayP99)} at p99 (limit ${formatDuration(lagLimit(rttP99, latencyGate))})`,
          remedy: "use more workers, and keep other programs off this machine's cores",
        },
  ({ due, sent, connections }) =>
    Math.abs(due - sent) <= Math.max(due * rateTolerance, connections)
      ? undefined
      : {
          code: "rate-missed",
          detail: `${formatCount(sent)} of ${formatCount(due)} due messages were sent (${share(sent / due)})`,
          remedy:
            "ask for a lower rate or add workers; if the target stopped reading, fix that first",
        },
  ({ due, unsent, connections }) =>
    unsent <= Math.max((due + unsent) * rateTolerance, connections)
      ? undefined
      : {
          code: "load-lost",
          detail: `${formatCount(unsent)} of ${formatCount(due + unsent)} messages fell due on connections that had not opened or had ended`,
          remedy:
            "the target refused or ended them, so that its load was less than asked: see the closes and errors",
        },
  ({ cpu, pacer }) =>
    cpu <= cpuLimit || pacer === "spin"
      ? undefined
      : {
          code: "cpu-saturated",
          detail: `a worker used ${share(cpu)} of a core (limit ${share(cpuLimit)})`,
          remedy: "ask for a lower rate, add workers, or use a machine with more cores",
        },
];

/** The rules that hold for every run. */
const generalRules: readonly Rule[] = [
  ({ lostWorkers }) =>
    lostWorkers.length === 0
      ? undefined
      : {
          code: "worker-lost",
          detail: lostWorkers.join("; "),
          remedy: "what the lost worker measured last is missing; look for the cause and run again",
        },
  ({ targetLost }) =>
    targetLost
      ? {
          code: "target-lost",
          detail: "every connection had ended before the traffic was to end",
          remedy: "the figures stop where the target did; see the close codes and errors",
        }
      : undefined,
  ({ nothingOpened }) =>
    nothingOpened
      ? {
          code: "nothing-opened",
          detail: "not one connection opened",
          remedy: "see the errors for the cause",
        }
      : undefined,
  ({ pairingLost, pairedBy = "order" }) => {
    if (pairingLost === 0) return undefined;
    const where = `on ${formatCount(pairingLost)} connections`;
    return pairedBy === "order"
      ? {
          code: "pairing-lost",
          detail: `${where} replies came that answer no request, or one was lost: from then on each is timed from the wrong send`,
          remedy:
            "pairing by order needs one reply a request; use --correlate none for throughput (in a scenario file, config.correlate: { by: none })",
        }
      : {
          code: "pairing-lost",
          detail: `${where} an id was used again while a late answer to its first use could still come: the answer may be timed from the wrong send`,
          remedy:
            "give every request an id of its own, as {{ $seq }} and {{ $uuid }} do, or raise config.correlate.timeout above the slowest answer",
        };
  },
  ({ nothingMeasured, nothingOpened, warmedUp }) => {
    const code = "nothing-measured";
    if (nothingOpened) return undefined;
    if (warmedUp?.isAll === true) {
      return {
        code,
        detail: "the run was over when its warm-up was, so that nothing is left to judge",
        remedy: "make the warm-up shorter, or what comes after it longer",
      };
    }
    if (!nothingMeasured && warmedUp?.unanswered !== true) return undefined;
    const what = nothingMeasured ? "not one request" : "no request after the warm-up";
    return {
      code,
      detail: `${what} was answered in time, so there is no latency to judge`,
      remedy:
        "is it an endpoint that answers? else use --correlate none, or -r 0 to listen (in a scenario file, config.correlate: { by: none })",
    };
  },
  ({ cutOff }) =>
    cutOff === 0
      ? undefined
      : {
          code: "sends-cut-off",
          detail: `the target read more slowly than was sent: up to ${formatCount(cutOff)} messages counted as sent still stood in queues when their connections ended`,
          remedy:
            "send at a rate that it keeps up with, or wait for replies; a longer gracefulStop gives queues the time to empty",
        },
  ({ failedFds }) =>
    failedFds === 0
      ? undefined
      : {
          code: "fds-exhausted",
          detail: `${formatCount(failedFds)} connections found no free file descriptor`,
          remedy: "raise the limit (`ulimit -n`) or use more workers, each of which has its own",
        },
  ({ failedPorts }) =>
    failedPorts === 0
      ? undefined
      : {
          code: "ports-exhausted",
          detail: `${formatCount(failedPorts)} connections found no free local port`,
          remedy: "spread over source addresses, as with --local-address 127.0.0.0/28",
        },
  ({ notConserved }) =>
    notConserved.length === 0
      ? undefined
      : {
          code: "not-conserved",
          detail: notConserved.join("; "),
          remedy: "messages were miscounted: please report this run as a bug of wsctl",
        },
  ({ snapshotsDiffer }) =>
    snapshotsDiffer.length === 0
      ? undefined
      : {
          code: "snapshots-differ",
          detail: snapshotsDiffer.join("; "),
          remedy: "a snapshot was lost on the way: please report this run as a bug of wsctl",
        },
];

/** Judges a run by every rule that applies to its model. */
export function judge(facts: GeneratorFacts): Validity {
  const rules = facts.model === "rate" ? [...pacingRules, ...generalRules] : generalRules;
  const reasons = rules.flatMap((rule) => rule(facts) ?? []);
  return { ok: reasons.length === 0, reasons };
}
