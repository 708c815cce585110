/** Owns checking what steps do one after the other: what is never reached, and what waits in vain. */
import type { YamlPath } from "../../base/yaml-source.js";
import { encodeClosePayload } from "../../frame/close.js";
import { problemOf } from "../mistake.js";
import { describeReply, expectsReply } from "../reply.js";
import type { Flow } from "../schema/step.js";
import { allSteps, innerFlows, listed, stepsOf, type PlacedStep } from "../users.js";
import { oneOf } from "./causes.js";
import type { Checking } from "./checking.js";

/** Checks all steps. */
export function checkSteps(checking: Checking): void {
  const { scenario, users, tell } = checking;
  const barriers = new Map<string, string>();
  for (const { flow, flowPath } of users) {
    checkReach(flow, flowPath, checking);
    for (const step of allSteps(flow, flowPath)) {
      checkStep(step, checking);
      const { barrier } = step.map;
      if (!barrier) continue;
      const first = barriers.get(barrier.name) ?? String(barrier.timeout);
      barriers.set(barrier.name, first);
      if (first === String(barrier.timeout)) continue;
      tell({
        path: [...step.path, "barrier", "timeout"],
        message: `the barrier ${barrier.name} has another timeout elsewhere: ${first}`,
        hint: "give it the same everywhere, or the barrier another name",
      });
    }
  }
  const path: YamlPath = ["config", "onReconnect"];
  for (const step of allSteps(scenario.config?.onReconnect ?? [], path)) {
    checkStep(step, checking);
    if (step.key !== "barrier" && step.key !== "reconnect") continue;
    tell({
      path: [...step.path, step.key],
      at: "key",
      message: `there is no ${step.key} within onReconnect`,
      hint: "each user plays these steps by itself, whenever its connection was lost",
    });
  }
}

/** Tells of the first step of each flow that is never played. */
function checkReach(flow: Flow, flowPath: YamlPath, { tell }: Checking): void {
  let ended: string | undefined;
  for (const step of stepsOf(flow, flowPath)) {
    if (ended !== undefined) {
      tell({
        path: step.path,
        message: `this step is never reached: ${ended}`,
        hint: "take it out",
        mayFollow: oneOf(flowPath),
      });
      return;
    }
    for (const inner of innerFlows(step)) checkReach(inner.flow, inner.path, { tell } as Checking);
    ended = endOf(step);
  }
}

/** Why nothing comes after the step; undefined when something does. */
function endOf(step: PlacedStep): string | undefined {
  const { key, map } = step;
  if (key === "close") return "the close before it ends the user's flow";
  if (key === "loop" && map.loop) {
    const { count, over, while: condition, flow } = map.loop;
    if (!flow) return undefined;
    if ((count ?? over ?? condition) === undefined) return "the loop before it has no end";
    // A loop with a condition may have no round at all.
    if (condition === undefined && endsAlways(flow)) return "the loop before it always closes";
  }
  if (key === "choose" && (map.choose ?? []).every(({ flow }) => endsAlways(flow))) {
    return "every choice before it closes";
  }
  return undefined;
}

function endsAlways(flow: Flow): boolean {
  return stepsOf(flow, []).some((step) => endOf(step) !== undefined);
}

function checkStep(step: PlacedStep, checking: Checking): void {
  const { map, path } = step;
  const { tell } = checking;
  if (map.send !== undefined && map.expect !== undefined) {
    if (typeof map.send !== "string" && map.send.reply === false) {
      tell({
        path: [...path, "expect"],
        at: "key",
        message: "expect waits for a reply, and reply: false says that there is none",
        hint: "leave one of them out",
      });
    } else if (checking.scenario.config?.correlate?.by === "id") {
      refuseSilent(map.send, [...path, "expect"], "expect", checking);
    }
  }
  for (const key of ["every", "loop"] as const) {
    const lasting = map[key];
    if (lasting?.send === undefined) continue;
    const why = key === "loop" ? "loop" : lasting.expect === undefined ? undefined : "expect";
    if (why === undefined) continue;
    for (const { item, path: at } of listed(lasting.send, [...path, key, "send"])) {
      refuseSilent(item, at, why, checking);
    }
  }
  const { stages = [] } = checking.scenario.config?.load ?? {};
  if (map.every?.totalRate !== undefined && stages.some((each) => each.arrivalRate !== undefined)) {
    tell({
      path: [...path, "every", "totalRate"],
      at: "key",
      message: "totalRate is shared by a population, and these users arrive",
      hint: "give the rate of each user: rate: 2/s",
    });
  }
  if (map.choose && !map.choose.some(({ weight = 1 }) => weight > 0)) {
    tell({
      path: [...path, "choose"],
      at: "key",
      message: "no choice has a weight above 0",
      hint: "give one of them weight: 1",
    });
  }
  checkFrames(step, checking);
  checkMatch(step, checking);
}

/** What is waited for must be due. */
function refuseSilent(
  message: NonNullable<PlacedStep["map"]["send"]>,
  path: YamlPath,
  why: "expect" | "loop",
  { scenario, tell }: Checking,
): void {
  const correlate = scenario.config?.correlate;
  if (expectsReply(message, correlate)) return;
  const { reason, hint } = describeReply(message, correlate);
  tell({
    path,
    ...(path.at(-1) === "expect" ? { at: "key" as const } : {}),
    message:
      why === "loop"
        ? `a loop of messages goes by replies, and ${reason}`
        : `expect waits for a reply, and ${reason}`,
    hint,
    mayFollow: oneOf(["config", "correlate"], path.at(-1) === "expect" ? path.slice(0, -1) : path),
  });
}

/** RFC 6455 §5.5: control frames carry 125 bytes at most, and §7.4: not every code may be sent. */
function checkFrames({ map, path }: PlacedStep, { tell }: Checking): void {
  const { close, ping } = map;
  if (close !== undefined && close !== null) {
    const { code = 1000, reason = "" } = typeof close === "number" ? { code: close } : close;
    try {
      encodeClosePayload(code, reason);
    } catch (error) {
      tell(problemOf([...path, "close"], error));
    }
  }
  const payload = typeof ping === "object" ? ping?.payload : undefined;
  if (payload !== undefined && Buffer.byteLength(payload) > 125) {
    tell({ path: [...path, "ping", "payload"], message: "a ping carries at most 125 bytes" });
  }
}

const compared = ["equals", "notEquals", "contains", "text"] as const;

/** A matcher takes what is written as it is; a template in one would silently never match. */
function checkMatch({ map, path }: PlacedStep, { tell }: Checking): void {
  const places = [
    ["expect", map.expect],
    ["wait", map.wait],
  ] as const;
  for (const [key, match] of places) {
    for (const condition of compared) {
      const value = match?.[condition];
      if (typeof value !== "string" || !/\{\{.*\}\}/.test(value)) continue;
      tell({
        path: [...path, key, condition],
        message: "a matcher holds no templates: the text is compared as it is",
        hint: "compare with what is fixed, or use exists: true",
      });
    }
  }
}
