/** Owns how merged figures and the workers' last words become the RunResult with its verdict. */
import type { Finished, Opened } from "../load/engine.js";
import type { Accumulator } from "../metrics/accumulator.js";
import { seriesKey } from "../metrics/catalogue.js";
import { conservationOf, unaccounted } from "../metrics/conservation.js";
import type { RunEnvironment, RunError, RunResult } from "../metrics/run-result.js";
import { judge } from "../metrics/validity.js";
import { judgedAs, type Plan } from "../scenario/plan.js";
import { redactPlan } from "../scenario/redact.js";
import { isLoopback } from "./loopback.js";
import { compareWithServer } from "./server-counters.js";

/** Everything known at the end of a run. */
export interface RunEnd {
  readonly run: string;
  readonly plan: Plan;
  readonly env: RunEnvironment;
  readonly startedAt: Date;
  readonly took: number;
  readonly workers: number;
  readonly merged: Accumulator;
  readonly opened: readonly Opened[];
  readonly finished: readonly Finished[];
  /** One sentence for each lost worker. */
  readonly lost: readonly string[];
  /** Snapshots that came out of turn. */
  readonly holes: number;
  /** Whether traffic ever began. */
  readonly began: boolean;
  readonly interrupted: boolean;
}

/** Whether every target is an address of this machine. */
export function isOnLoopback(plan: Plan): boolean {
  return plan.targets.every((url) => URL.canParse(url) && isLoopback(new URL(url).hostname));
}

/** Puts the result together; asks the server for its own counters where it offers them. */
export async function resultOf(end: RunEnd): Promise<RunResult> {
  const { plan, merged, finished } = end;
  const totals = { ...merged.peaks(), ...merged.totals() };
  // Only a server on this machine may send us to a port of this machine; and of several servers each
  // has counted a part only.
  const control =
    isOnLoopback(plan) && plan.targets.length === 1
      ? end.opened.find((shard) => shard.control !== undefined)?.control
      : undefined;
  const server = control ? await compareWithServer(control, end.run, totals) : undefined;
  const connectionsOff = sum(finished, (worker) => worker.connectionsOff);
  const conservation = conservationOf(totals, connectionsOff, server);
  const trafficFor = Math.max(0, ...finished.map((worker) => worker.trafficFor));
  // Neither cut short by the user nor by a loss, after which the rest was stopped.
  const isWhole = end.began && !end.interrupted && end.lost.length === 0;
  const targetLost = isWhole && sum(finished, (worker) => worker.openAtEnd) === 0;
  const p99 = (key: string): number => merged.trend(key)?.percentile(99) ?? 0;
  return {
    $schema: "wsctl.run/1",
    run: {
      id: end.run,
      scenario: undefined,
      startedAt: end.startedAt.toISOString(),
      took: end.took,
      trafficFor,
      inTraffic: {
        sent: sum(finished, (worker) => worker.inTraffic.sent),
        received: sum(finished, (worker) => worker.inTraffic.received),
        bytesSent: sum(finished, (worker) => worker.inTraffic.bytesSent),
        bytesReceived: sum(finished, (worker) => worker.inTraffic.bytesReceived),
      },
      workers: end.workers,
      model: judgedAs(plan.traffic),
      pacer: plan.traffic.model === "rate" ? plan.traffic.pacer : undefined,
      askedRate: plan.traffic.model === "rate" ? plan.traffic.rate : undefined,
      loopback: isOnLoopback(plan),
      handshake: end.opened.find((shard) => shard.handshake)?.handshake,
    },
    plan: redactPlan(plan),
    env: end.env,
    totals,
    trends: merged.trends(),
    scenarios: [],
    stages: [],
    series: merged.series(),
    conservation,
    thresholds: [],
    expectations: [],
    validity: judge({
      model: judgedAs(plan.traffic),
      rttP99: p99("ws_msg_rtt"),
      scheduleLagP99: p99("ws_schedule_lag"),
      loopDelayP99: Math.max(0, ...finished.map((worker) => worker.loopDelayP99)),
      cpu: Math.max(0, ...finished.map((worker) => worker.cpu)),
      due: sum(finished, (worker) => worker.schedule.due) + (totals["ws_msg_unsent"] ?? 0),
      sent: sum(finished, (worker) => worker.schedule.sent),
      connections: plan.connections,
      failedFds: totals[seriesKey("ws_connect_failed", { reason: "fds" })] ?? 0,
      failedPorts: totals[seriesKey("ws_connect_failed", { reason: "ports" })] ?? 0,
      pairingLost: sum(finished, (worker) => worker.pairingLost),
      nothingOpened:
        !end.interrupted &&
        end.lost.length === 0 &&
        sum(end.opened, (worker) => worker.opened) === 0,
      nothingMeasured:
        isWhole &&
        !targetLost &&
        plan.traffic.model !== "idle" &&
        plan.correlate.by !== "none" &&
        conservation.answered === 0,
      targetLost,
      lostWorkers: end.lost,
      notConserved: end.lost.length === 0 ? unaccounted(conservation) : [],
      snapshotsDiffer: end.lost.length === 0 ? differences(end) : [],
    }),
    errors: mergeErrors(finished),
    interrupted: end.interrupted,
  };
}

/** Where the merged snapshots and the workers' own totals differ. */
function differences({ finished, merged, holes }: RunEnd): string[] {
  const sentences = holes === 0 ? [] : [`${holes} snapshots came out of turn`];
  const summed = merged.totals();
  const own = new Map<string, number>();
  for (const { totals } of finished) {
    for (const [key, value] of Object.entries(totals)) own.set(key, (own.get(key) ?? 0) + value);
  }
  for (const key of new Set([...own.keys(), ...Object.keys(summed)])) {
    const [ours, theirs] = [summed[key] ?? 0, own.get(key) ?? 0];
    if (ours !== theirs) sentences.push(`${key}: snapshots say ${ours}, the workers ${theirs}`);
  }
  return sentences;
}

function mergeErrors(finished: readonly Finished[]): RunError[] {
  const merged = new Map<string, RunError>();
  for (const error of finished.flatMap((worker) => worker.errors)) {
    const before = merged.get(error.what);
    merged.set(error.what, { ...(before ?? error), count: (before?.count ?? 0) + error.count });
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
