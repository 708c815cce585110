/** Owns how merged figures and the workers' last words become the RunResult with its verdict. */
import type { Finished, Opened } from "../load/engine.js";
import type { FlowFacts } from "../load/play.js";
import type { Accumulator } from "../metrics/accumulator.js";
import { parseSeriesKey, seriesKey } from "../metrics/catalogue.js";
import { conservationOf, unaccounted } from "../metrics/conservation.js";
import { mergeDeliveries } from "../metrics/delivery.js";
import type {
  ExpectationResult,
  RunEnvironment,
  RunResult,
  Throughput,
  UserFacts,
} from "../metrics/run-result.js";
import { lagPercent } from "../metrics/lag.js";
import { healthy } from "../metrics/healthy.js";
import { mergeSlowConsumers } from "../metrics/slow-consumers.js";
import { judge } from "../metrics/validity.js";
import { judgedAs, type Plan } from "../scenario/plan.js";
import { redactPlan } from "../scenario/redact.js";
import type { FanoutLedger } from "./fanout.js";
import type { Gates } from "./gates.js";
import { isOnLoopback } from "../dial/loopback.js";
import { type Pacing, pacerOf } from "./pacing.js";
import { recoveryOf } from "./recovery.js";
import { errorsOf, leftInQueues } from "./run-errors.js";
import { compareWithServers } from "./server-counters.js";

/** Everything known at the end of a run. */
export interface RunEnd {
  readonly run: string;
  /** The scenario's file, as it was named. */
  readonly scenario: string | undefined;
  readonly plan: Plan;
  readonly pacing: Pacing;
  readonly env: RunEnvironment;
  readonly startedAt: Date;
  readonly took: number;
  readonly workers: number;
  readonly merged: Accumulator;
  readonly gates: Gates;
  readonly fanout?: FanoutLedger | undefined;
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

/** The names of a plan's scenarios, stages and profiles; none without virtual users. */
export function partsOf({
  traffic,
}: Plan): Record<"scenarios" | "stages" | "profiles", readonly string[]> {
  if (traffic.model !== "flow") return { scenarios: [], stages: [], profiles: [] };
  const { scenarios, load, profiles } = traffic.flow;
  const names = profiles.length === 0 ? [] : [...profiles.map((p) => p.name), healthy];
  return {
    scenarios: scenarios.map((s) => s.name),
    stages: load.stages.map((s) => s.name),
    profiles: [...new Set(names)],
  };
}

/** Puts the result together; asks the server for its own counters where it offers them. */
export async function resultOf(end: RunEnd): Promise<RunResult> {
  const { plan, merged, finished } = end;
  // Of a short run no second's reading tells.
  for (const { cpu, loopDelayP99 } of finished) {
    if (cpu > 0) merged.atLeast({ wsctl_cpu: cpu });
    if (loopDelayP99 > 0) merged.atLeast({ wsctl_loop_lag: loopDelayP99 });
  }
  const recovery = recoveryOf(plan, finished, merged);
  const totals = { ...merged.peaks(), ...merged.totals() };
  // Only a server on this machine may send us to a port of this machine; and of several targets each
  // has counted a part only.
  const isAsked = isOnLoopback(plan.targets) && plan.targets.length === 1;
  const controls = isAsked ? [...new Set(end.opened.flatMap((shard) => shard.controls))] : [];
  const server = await compareWithServers(controls, end.run, totals);
  const connectionsOff = sum(finished, (worker) => worker.connectionsOff);
  const conservation = conservationOf(totals, connectionsOff, server);
  const trafficFor = Math.max(0, ...finished.map((worker) => worker.trafficFor));
  const flowedFor = Math.max(0, ...finished.map((worker) => worker.flowedFor));
  // Cut short neither by the user, nor by a threshold, nor by a loss, after which all are stopped.
  const isWhole = end.began && !end.interrupted && !end.gates.isBroken && end.lost.length === 0;
  const flows = finished.flatMap(({ flow }) => flow ?? []);
  const users = plan.traffic.model === "flow" ? usersOf(flows) : undefined;
  // Users come and go; of other connections all are to be there at the end.
  const targetLost =
    isWhole &&
    sum(end.opened, (worker) => worker.opened) > 0 &&
    (users
      ? // Whom the plan itself cut, and did not dial again, the target has not lost.
        users.begun > 0 && users.lost === users.begun && sum(flows, lostByPlan) < users.lost
      : sum(finished, (worker) => worker.openAtEnd) === 0);
  const parts = partsOf(plan);
  const throughput: Throughput = {
    sent: sum(finished, (worker) => worker.inTraffic.sent),
    received: sum(finished, (worker) => worker.inTraffic.received),
    bytesSent: sum(finished, (worker) => worker.inTraffic.bytesSent),
    bytesReceived: sum(finished, (worker) => worker.inTraffic.bytesReceived),
  };
  // Where no stages are, snapshots tell by whole seconds only, and these are known to the message.
  const known = users ? {} : countsOf(throughput, totals);
  const lag = merged.trend("ws_schedule_lag");
  const asked = pacerOf(plan);
  const isLost = asked === "ticker" && finished.some((worker) => worker.pacerLost);
  const pacer = isLost ? "timer" : asked;
  const because = isLost ? "the ticker's thread was lost" : end.pacing.because;
  return {
    $schema: "wsctl.run/1",
    run: {
      id: end.run,
      scenario: end.scenario,
      startedAt: end.startedAt.toISOString(),
      took: end.took,
      trafficFor,
      warmupFor: plan.warmup !== undefined && end.began ? flowedFor - trafficFor : undefined,
      inTraffic: throughput,
      workers: end.workers,
      model: judgedAs(plan.traffic),
      pacer,
      pacerBecause: pacer && because,
      askedRate: plan.traffic.model === "rate" ? plan.traffic.rate : undefined,
      loopback: isOnLoopback(plan.targets),
      users,
      handshake: end.opened.find((shard) => shard.handshake)?.handshake,
    },
    plan: redactPlan(plan),
    env: end.env,
    totals,
    inTraffic: { ...merged.inTraffic(), ...known },
    trends: merged.trends(),
    scenarios: merged.scenarios(parts.scenarios, trafficFor),
    stages: merged.stages(parts.stages),
    profiles: parts.profiles.length > 0 ? merged.profiles(parts.profiles, trafficFor) : undefined,
    slow: mergeSlowConsumers(flows.flatMap((flow) => flow.slow ?? [])),
    fanOut: end.fanout?.result(),
    delivery: mergeDeliveries(flows.flatMap((flow) => flow.delivery ?? [])),
    recovery,
    series: merged.series(),
    conservation,
    thresholds: end.gates.results(merged.measured(trafficFor, parts, known)),
    expectations: mergeExpectations(flows),
    validity: judge({
      model: judgedAs(plan.traffic),
      pacer,
      rttP99: merged.trend("ws_msg_rtt")?.percentile(99) ?? 0,
      latencyGate: end.gates.tightestLatency,
      scheduled: lag?.count ?? 0,
      scheduleLag: lag?.percentile(lagPercent(lag.count)) ?? 0,
      loopDelayP99: Math.max(0, ...finished.map((worker) => worker.loopDelayP99)),
      cpu: Math.max(0, ...finished.map((worker) => worker.cpu)),
      due: sum(finished, (worker) => worker.schedule.due),
      unsent: (totals["ws_msg_unsent"] ?? 0) - (totals["ws_msg_unsent_planned"] ?? 0),
      sent: sum(finished, (worker) => worker.schedule.sent),
      connections: plan.connections,
      failedFds: totals[seriesKey("ws_connect_failed", { reason: "fds" })] ?? 0,
      failedPorts: totals[seriesKey("ws_connect_failed", { reason: "ports" })] ?? 0,
      pairingLost: sum(finished, (worker) => worker.pairingLost),
      pairedBy: plan.correlate.by,
      cutOff: leftInQueues(totals, (cause) => cause === "backlog"),
      nothingOpened:
        !end.interrupted &&
        end.lost.length === 0 &&
        sum(end.opened, (worker) => worker.opened) === 0,
      nothingMeasured:
        isWhole &&
        !targetLost &&
        judgedAs(plan.traffic) !== "idle" &&
        // Users need not send anything that expects a reply.
        (!users || conservation.expected > 0) &&
        plan.correlate.by !== "none" &&
        conservation.answered === 0,
      warmedUp:
        plan.warmup !== undefined && isWhole && !targetLost
          ? {
              isAll: trafficFor === 0,
              unanswered:
                (merged.inTraffic()["ws_msg_expected"] ?? 0) > 0 && !merged.trend("ws_msg_rtt"),
            }
          : undefined,
      targetLost,
      lostWorkers: end.lost,
      notConserved: end.lost.length === 0 ? unaccounted(conservation) : [],
      snapshotsDiffer: end.lost.length === 0 ? differences(end) : [],
    }),
    errors: errorsOf(finished, totals, merged),
    interrupted: end.interrupted,
  };
}

/** As counters, those of them that ever counted. */
function countsOf(
  { sent, received, bytesSent, bytesReceived }: Throughput,
  totals: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts = {
    ws_msgs_sent: sent,
    ws_msgs_received: received,
    ws_bytes_sent: bytesSent,
    ws_bytes_received: bytesReceived,
  };
  return Object.fromEntries(Object.entries(counts).filter(([key]) => key in totals));
}

/** Where the merged snapshots and the workers' own totals differ. */
function differences({ finished, merged, holes, fanout }: RunEnd): string[] {
  const sentences = holes === 0 ? [] : [`${holes} snapshots came out of turn`];
  // Where series were put together, they can be compared by metric only.
  const nameOf = (key: string): string => (merged.isFull ? parseSeriesKey(key).name : key);
  const summed = sumBy(Object.entries(merged.totals()), nameOf);
  const told = finished.map(({ totals }) => totals);
  const own = sumBy([...told, fanout?.counts() ?? {}].flatMap(Object.entries<number>), nameOf);
  for (const key of new Set([...own.keys(), ...summed.keys()])) {
    const [ours, theirs] = [summed.get(key) ?? 0, own.get(key) ?? 0];
    if (ours !== theirs) sentences.push(`${key}: snapshots say ${ours}, the workers ${theirs}`);
  }
  return sentences;
}

function sumBy(
  entries: readonly (readonly [string, number])[],
  nameOf: (key: string) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of entries) sums.set(nameOf(key), (sums.get(nameOf(key)) ?? 0) + value);
  return sums;
}

const lostByPlan = ({ users }: FlowFacts): number => users.lostByPlan ?? 0;

function usersOf(flows: readonly FlowFacts[]): UserFacts {
  return {
    begun: sum(flows, ({ users }) => users.begun),
    completed: sum(flows, ({ users }) => users.completed),
    lost: sum(flows, ({ users }) => users.lost),
    dropped: sum(flows, ({ users }) => users.dropped),
  };
}

/** By scenario and step, in the order in which they are first told of. */
function mergeExpectations(flows: readonly FlowFacts[]): ExpectationResult[] {
  const merged = new Map<string, ExpectationResult>();
  for (const step of flows.flatMap(({ expectations }) => expectations)) {
    const key = JSON.stringify([step.scenario, step.step]);
    const before = merged.get(key);
    merged.set(key, {
      ...step,
      passed: (before?.passed ?? 0) + step.passed,
      failed: (before?.failed ?? 0) + step.failed,
      example: before?.example ?? step.example,
    });
  }
  return [...merged.values()];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
