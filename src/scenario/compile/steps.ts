/** Owns compiling steps: every number resolved, every default written out. */
import { parseCount, parseDuration, parseRate } from "../../base/quantity.js";
import type { CaptureSpec } from "../../message/capture.js";
import type { PlanCondition, PlanExpectation, PlanSend, PlanStep } from "../flow-plan.js";
import { matchOf } from "../schema/match.js";
import { parseSpan } from "../schema/span.js";
import type { Flow, Loop, StepMap } from "../schema/step.js";
import { innerFlows, listed, stepsOf, type PlacedStep } from "../users.js";
import type { Compiling } from "./compiling.js";
import { sendOf } from "./content.js";
import { withEnv, withEnvWithin } from "./env-holes.js";

/** What steps of one flow need to know. */
export interface StepContext extends Compiling {
  /** Milliseconds; what expectations wait unless they say otherwise. */
  readonly replyTimeout: number;
  /** How many users share a `totalRate`. */
  readonly users: number;
}

/**
 * The steps of a flow.
 * @param where it is, for the names of steps that have none: `chat.flow`
 */
export function compileFlow(flow: Flow, where: string, context: StepContext): PlanStep[] {
  return stepsOf(flow, []).map((step) => {
    const place = `${where}[${String(step.path[0])}]`;
    return Object.assign({ name: step.map.name ?? place }, compileStep(step, place, context));
  });
}

type Unnamed = PlanStep extends infer Step
  ? Step extends PlanStep
    ? Omit<Step, "name">
    : never
  : never;

function compileStep(step: PlacedStep, place: string, context: StepContext): Unnamed {
  const { key, map } = step;
  switch (key) {
    case "send":
      return {
        kind: "send",
        message: sendOf(map.send!, context),
        expect: sendExpectation(map, context),
      };
    case "expect":
    case "wait": {
      const given = map.wait ?? map.expect!;
      const captures = map.wait ? map.wait.capture : map.capture;
      return {
        kind: "wait",
        expect: expectationOf(given, captures, context),
        optional: map.wait?.optional ?? false,
      };
    }
    case "capture":
      return { kind: "capture", captures: capturesOf(map.capture) };
    case "every": {
      const { every } = map;
      return {
        kind: "every",
        rate: rateOf(every!, context),
        for: parseDuration(String(every!.for)),
        messages: messagesOf(every!.send, context),
        expect: every!.expect && expectationOf(every!.expect, undefined, context),
      };
    }
    case "listen":
      return { kind: "listen", for: parseDuration(String(map.listen)) };
    case "think":
      return { kind: "think", for: parseSpan(String(map.think)) };
    case "ping": {
      const ping = typeof map.ping === "object" ? map.ping : { within: map.ping };
      return {
        kind: "ping",
        payload: (ping && "payload" in ping ? ping.payload : undefined) ?? "",
        within:
          ping?.within === undefined ? context.replyTimeout : parseDuration(String(ping.within)),
      };
    }
    case "close": {
      const close = typeof map.close === "number" ? { code: map.close } : (map.close ?? {});
      const reason = "reason" in close ? close.reason : undefined;
      return { kind: "close", code: close.code ?? 1000, reason: reason ?? "" };
    }
    case "reconnect":
      return { kind: "reconnect" };
    case "loop":
      return compileLoop(map.loop!, place, context);
    case "barrier":
      return {
        kind: "barrier",
        barrier: map.barrier!.name,
        timeout: parseDuration(String(map.barrier!.timeout)),
      };
    case "choose":
      return {
        kind: "choose",
        options: innerFlows(step).map(({ flow }, index) => ({
          weight: map.choose![index]!.weight ?? 1,
          flow: compileFlow(flow, `${place}.choose[${index}].flow`, context),
        })),
      };
    case "set":
      return {
        kind: "set",
        variables: Object.fromEntries(
          Object.entries(map.set!).map(([name, value]) => [
            name,
            withEnvWithin(value, context.env),
          ]),
        ),
      };
    case "log":
      return { kind: "log", template: withEnv(map.log!, context.env) };
    default:
      return key satisfies never;
  }
}

function compileLoop(loop: Loop, place: string, context: StepContext): Unnamed {
  const over = loop.over === undefined ? undefined : parseDuration(String(loop.over));
  if (loop.send !== undefined) {
    return {
      kind: "flood",
      for: over ?? 0,
      inFlight: parseCount(String(loop.inFlight ?? 1)),
      messages: messagesOf(loop.send, context),
      expect: loop.expect && expectationOf(loop.expect, undefined, context),
    };
  }
  return {
    kind: "loop",
    count: loop.count === undefined ? undefined : parseCount(String(loop.count)),
    over,
    while: loop.while && conditionOf(loop.while),
    flow: compileFlow(loop.flow ?? [], `${place}.loop.flow`, context),
  };
}

function conditionOf({ var: variable, ...rest }: NonNullable<Loop["while"]>): PlanCondition {
  const asked = Object.entries(rest).find(([, value]) => value !== undefined);
  const [operator, operand = null] = asked ?? ["exists", true];
  return { variable, operator: operator as PlanCondition["operator"], operand };
}

function rateOf(every: NonNullable<StepMap["every"]>, { users }: StepContext): number {
  if (every.totalRate === undefined) return parseRate(String(every.rate ?? 1));
  return parseRate(String(every.totalRate)) / users;
}

function messagesOf(sent: NonNullable<Loop["send"]>, context: StepContext): PlanSend[] {
  return listed(sent, []).map(({ item }) => sendOf(item as string, context));
}

function sendExpectation(map: StepMap, context: StepContext): PlanExpectation | undefined {
  if (map.expect === undefined && map.capture === undefined) return undefined;
  // A capture alone takes its value out of the reply, whatever that is.
  return expectationOf(map.expect ?? {}, map.capture, context);
}

function expectationOf(
  given: NonNullable<StepMap["expect"]>,
  captures: StepMap["capture"],
  { replyTimeout }: StepContext,
): PlanExpectation {
  return {
    match: matchOf(given),
    within: given.within === undefined ? replyTimeout : parseDuration(String(given.within)),
    captures: capturesOf(captures),
  };
}

function capturesOf(captures: StepMap["capture"]): CaptureSpec[] {
  if (captures === undefined) return [];
  return listed(captures, []).map(({ item }) => item as CaptureSpec);
}
