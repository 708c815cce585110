/** Owns remarks on a scenario: what is no mistake, and most likely not meant. */
import { formatCount, formatDuration, parseDuration } from "../base/quantity.js";
import type { YamlPath } from "../base/yaml-source.js";
import { loadOf } from "./compile/load.js";
import { eventOf } from "./compile/reconnect.js";
import type { Problem } from "./mistake.js";
import { Population } from "./population.js";
import type { Scenario } from "./scenario.js";
import { allSteps, innerFlows, listed, stepsOf, type PlacedStep, usersOf } from "./users.js";
import { parseShare } from "./schema/share.js";
import type { Flow } from "./schema/step.js";

/** The remarks on a scenario without mistakes. */
export function remarksOn(scenario: Scenario): Problem[] {
  const remarks: Problem[] = [];
  for (const { flow, flowPath, weight, repeat } of usersOf(scenario)) {
    if (weight === 0) continue;
    if (repeat !== "once" && isFlood(flow)) remarks.push(flood(flowPath, "the flow begins again"));
    else findFloods(flow, flowPath, remarks);
  }
  findLateThresholds(scenario, remarks);
  findHollow(scenario, remarks);
  return remarks;
}

/** Metrics that are made when the run is over. */
const knownAtEnd = /^ws_(?:availability|reconnect_peak|recovery_\d+)$/;

/** What looks as if something were to happen, and most likely nothing does, or less. */
function findHollow({ config, events = [], profiles = [] }: Scenario, remarks: Problem[]): void {
  const { load = {}, thresholds = {} } = config ?? {};
  for (const [metric, given] of Object.entries(thresholds)) {
    for (const { item, path } of listed(given, ["config", "thresholds", metric])) {
      if (typeof item === "string" || !item.abortOnFail || !knownAtEnd.test(metric)) continue;
      remarks.push({
        path: [...path, "abortOnFail"],
        at: "key",
        message: `${metric} is known when the run is over, so that this threshold never ends it`,
        hint: "leave abortOnFail out, or bound ws_losses or ws_reconnect_time",
      });
    }
  }
  if (load.stages === undefined && (load.duration === undefined || load.connections === undefined))
    return;
  const { size, duration } = new Population(loadOf(load));
  for (const [index, event] of events.entries()) {
    const { at, every, times, drop } = eventOf(event);
    findFew(["events", index, "drop"], drop, size, remarks);
    const come = every === undefined ? Infinity : Math.ceil((duration - at) / every);
    if (times === undefined || times <= come) continue;
    remarks.push({
      path: ["events", index, event.times === undefined ? "until" : "times"],
      message: `the load lasts ${formatDuration(duration)}: ${formatCount(come)} of these ${formatCount(times)} rounds come`,
      hint: "make the load longer, or let it come again sooner or less often",
    });
  }
  for (const [index, { share }] of profiles.entries()) {
    findFew(["profiles", index, "share"], parseShare(String(share)), size, remarks);
  }
}

/** Of few users a small share may be none of them. */
function findFew(path: YamlPath, share: number, size: number, remarks: Problem[]): void {
  if (share === 0 || share * size >= 1) return;
  remarks.push({
    path,
    message: `of ${formatCount(size)} users this is less than one: it may be nobody`,
    hint: "take a greater share, or more users",
  });
}

/** Thresholds that are to end the run, though not before it is over anyway. */
function findLateThresholds({ config }: Scenario, remarks: Problem[]): void {
  const { load = {}, thresholds = {} } = config ?? {};
  // Without either the steps say how long it takes.
  if (load.stages === undefined && load.duration === undefined) return;
  const { duration } = new Population(loadOf(load));
  for (const [metric, given] of Object.entries(thresholds)) {
    for (const { item, path } of listed(given, ["config", "thresholds", metric])) {
      if (typeof item === "string" || item.after === undefined) continue;
      if (parseDuration(String(item.after)) < duration) continue;
      remarks.push({
        path: [...path, "after"],
        message: `the run is over after ${formatDuration(duration)}, so that this threshold never ends it: it is looked at once, at the end`,
        hint: "give a shorter time, or leave after: out",
      });
    }
  }
}

/** Loops that go on for a time, and never wait. */
function findFloods(flow: Flow, flowPath: YamlPath, remarks: Problem[]): void {
  for (const step of stepsOf(flow, flowPath)) {
    const { map, path } = step;
    const goesOn = map.loop?.count === undefined && map.loop?.flow !== undefined;
    if (goesOn && isFlood(map.loop.flow)) {
      remarks.push(flood([...path, "loop"], "the loop goes on"));
    } else {
      for (const inner of innerFlows(step)) findFloods(inner.flow, inner.path, remarks);
    }
  }
}

/** Whether a flow that is played again and again sends without ever waiting. */
function isFlood(flow: Flow): boolean {
  const steps = allSteps(flow, []);
  return steps.some(({ key }) => key === "send") && !steps.some(waits);
}

/** What takes time: a send does when a reply is expected, whatever is correlated. */
function waits({ key, map }: PlacedStep): boolean {
  if (key === "send") return (map.expect ?? map.capture) !== undefined;
  if (key === "loop") return map.loop?.send !== undefined;
  return !["set", "log", "capture", "choose"].includes(key);
}

function flood(path: YamlPath, why: string): Problem {
  return {
    path,
    at: "key",
    message: `${why} at once, and nothing in it waits: it sends as fast as this machine can`,
    hint: "put think: 1s or an expect into it, or send with every: { rate: 2/s, for: 1m, send: … }",
  };
}
