/** Owns checking who lives when: stages, profiles, events, and data for everybody. */
import { Backoff } from "../../base/backoff.js";
import { formatCount, formatDuration, parseDuration } from "../../base/quantity.js";
import type { YamlPath } from "../../base/yaml-source.js";
import { backoffOf } from "../compile/reconnect.js";
import { loadOf } from "../compile/load.js";
import { cleanTag } from "../../metrics/catalogue.js";
import { healthy } from "../../metrics/healthy.js";
import type { PlanStage } from "../flow-plan.js";
import { problemOf } from "../mistake.js";
import { Population } from "../population.js";
import { parseShare } from "../schema/share.js";
import { scenarioShares } from "../share-out.js";
import { oneOf } from "./causes.js";
import type { Checking } from "./checking.js";
import { checkEvents } from "./events.js";

/** The most users that one plan may have. */
const mostUsers = 1_000_000;
const longest = 86_400_000;

/** Checks the load, and what goes by its length and its size. */
export function checkLoad(checking: Checking): void {
  const { scenario, tell } = checking;
  const { load, reconnect, onReconnect, heartbeat } = scenario.config ?? {};
  if (reconnect && isShorter(reconnect.max, reconnect.base)) {
    tell({
      path: ["config", "reconnect", "max"],
      message: `the longest wait is shorter than the first one, base: ${reconnect.base}`,
      hint: "give a max above base, or a shorter base",
    });
  } else if (reconnect && reconnect.policy !== "none") {
    try {
      void new Backoff(backoffOf(reconnect));
    } catch (error) {
      tell({ ...problemOf(["config", "reconnect"], error), at: "key" });
    }
  }
  if (onReconnect && (reconnect?.policy ?? "none") === "none") {
    tell({
      path: ["config", "onReconnect"],
      at: "key",
      message: "onReconnect is never played: nothing reconnects",
      mayFollow: oneOf(["config", "reconnect"]),
      hint: "add reconnect: { policy: exponential }",
    });
  }
  if (heartbeat?.timeout !== undefined && heartbeat.ping === undefined) {
    tell({
      path: ["config", "heartbeat", "timeout"],
      at: "key",
      message: "timeout goes with ping",
      mayFollow: oneOf(["config", "heartbeat", "ping"]),
      hint: "write it like { ping: 20s, timeout: 5s }",
    });
  }
  checkProfiles(checking);
  if (!isWhole(checking) || !load) return;
  const resolved = loadOf(load);
  const population = new Population(resolved);
  checkSize(population, checking);
  checkStages(resolved.stages, checking);
  checkWarmup(population.duration, checking);
  checkEvents(population.duration, checking);
  checkUnique(population, checking);
  checkCast(population, checking);
}

function isShorter(one: string | number | undefined, other: string | number | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return parseDuration(String(one)) < parseDuration(String(other));
}

/** Of a load that is all warm-up nothing would be measured. */
function checkWarmup(length: number, { scenario, tell }: Checking): void {
  const { warmup } = scenario.config?.load ?? {};
  if (warmup === undefined || length === 0 || parseDuration(String(warmup)) < length) return;
  tell({
    path: ["config", "load", "warmup"],
    message: `the warm-up is all of the load, which lasts ${formatDuration(length)}`,
    hint: "it is the first part of the load: make it shorter, or the load longer",
  });
}

/** Two stages of one name would be one in reports, and their figures be mixed. */
function checkStages(stages: readonly PlanStage[], { scenario, tell }: Checking): void {
  const seen = new Set<string>();
  for (const [index, { name }] of stages.entries()) {
    // As it stands in the keys of series.
    const tag = cleanTag(name);
    if (seen.has(tag)) {
      const isWritten = scenario.config?.load?.stages?.[index]?.name !== undefined;
      tell({
        path: ["config", "load", "stages", index, ...(isWritten ? ["name"] : [])],
        message: `the stage ${tag} is there twice`,
        hint: "reports and thresholds tell stages apart by their names; without one it is stage 1, stage 2 …",
      });
    }
    seen.add(tag);
  }
}

/** A kind of user that nobody is would be missing from the report without a word. */
function checkCast({ size }: Population, { users, tell }: Checking): void {
  if (size === 0 || size > mostUsers || !users.some(({ weight }) => weight > 0)) return;
  const counts = scenarioShares(users.map(({ weight }) => weight)).counts(size);
  for (const [index, { name, weight, path }] of users.entries()) {
    if (weight === 0 || counts[index]! > 0) continue;
    tell({
      path,
      message: `the scenario ${name} gets none of the ${formatCount(size)} users`,
      hint: "add users, or give it more weight beside the others; weight: 0 leaves it out",
    });
  }
}

/** Whether the load says all that is needed to know who lives when. */
function isWhole({ scenario, tell }: Checking): boolean {
  const { load } = scenario.config ?? {};
  const path: YamlPath = load ? ["config", "load"] : scenario.config ? ["config"] : [];
  if (!load) {
    tell({
      path,
      at: "key",
      message: "it is not said how many users there are, and for how long",
      mayFollow: oneOf(["config", "load"]),
      hint: "write it like load: { connections: 100, duration: 1m }, or give -c and -d",
    });
    return false;
  }
  const { stages, connections, duration, maxConnections } = load;
  if (!stages) {
    if (connections !== undefined && duration !== undefined) {
      if (maxConnections === undefined) return true;
      tell(onlyArrivals([...path, "maxConnections"]));
      return false;
    }
    tell({
      path,
      at: "key",
      message: `load needs ${connections === undefined ? "connections" : "duration"}, or stages`,
      hint: "write it like { connections: 100, duration: 1m }",
    });
    return false;
  }
  const arrive = stages[0]?.arrivalRate !== undefined;
  const other = stages.findIndex(({ arrivalRate }) => (arrivalRate !== undefined) !== arrive);
  if (other >= 0) {
    tell({
      path: [...path, "stages", other],
      message: "stages are all of one kind: this one mixes connections and arrivalRate",
      hint: arrive ? "give it an arrivalRate" : "give it connections",
    });
  }
  if (!arrive && maxConnections !== undefined) tell(onlyArrivals([...path, "maxConnections"]));
  return other < 0;
}

function onlyArrivals(path: YamlPath) {
  return {
    path,
    at: "key" as const,
    message: "maxConnections goes with arrivals",
    hint: "the stages of a population say themselves how many there are",
  };
}

function checkSize({ size, duration }: Population, { scenario, tell }: Checking): void {
  const isStaged = scenario.config?.load?.stages !== undefined;
  const path = ["config", "load", ...(isStaged ? ["stages"] : [])];
  const refuse = (message: string, hint: string): void => {
    tell({ path, at: "key", message, hint });
  };
  if (isStaged && size === 0) {
    refuse("nobody ever connects", "give a stage connections or an arrivalRate above 0");
  }
  if (size > mostUsers) {
    refuse(`these are ${formatCount(size)} users`, `a run has ${formatCount(mostUsers)} at most`);
  }
  if (isStaged && (duration <= 0 || duration > longest)) {
    refuse(
      `the stages last ${formatDuration(duration)} together`,
      `a run lasts more than 0, and ${formatDuration(longest)} at most`,
    );
  }
}

function checkProfiles({ scenario, tell }: Checking): void {
  const seen = new Set<string>();
  let sum = 0;
  for (const [index, { name, share }] of (scenario.profiles ?? []).entries()) {
    if (seen.has(name)) {
      tell({ path: ["profiles", index, "name"], message: `the profile ${name} is there twice` });
    }
    seen.add(name);
    if (cleanTag(name) === healthy) {
      tell({
        path: ["profiles", index, "name"],
        message: `${healthy} is what those without a profile are called`,
        hint: "give the profile another name",
      });
    }
    const before = sum;
    sum += parseShare(String(share));
    if (sum <= 1 + 1e-9 || before > 1 + 1e-9) continue;
    tell({
      path: ["profiles", index, "share"],
      message: `the shares come to more than 100%: ${formatCount(sum * 100)}%`,
      hint: "each connection has one profile, or none",
    });
  }
}

/** Whoever must have a row of its own needs one. */
function checkUnique({ size }: Population, { scenario, feeders, tell }: Checking): void {
  for (const [name, feeder] of Object.entries(scenario.config?.data ?? {})) {
    const rows = feeders.get(name)?.rows;
    if (rows === undefined) continue;
    const path = ["config", "data", name];
    if (rows === 0) {
      tell({ path, message: `${name} has no rows`, hint: "a header line alone is none" });
    } else if (typeof feeder !== "string" && feeder.order === "unique" && rows < size) {
      tell({
        path: [...path, "order"],
        message: `${name} has ${formatCount(rows)} rows for ${formatCount(size)} users`,
        hint: "add rows, or say order: sequence to use them in turn again",
      });
    }
  }
}
