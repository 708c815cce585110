/** Owns the map of steps that stand for themselves: a new one is a file beside this one, and a line here. */
import { compileCapture } from "../../../message/capture.js";
import { compileJsonTemplate } from "../../../message/json-template.js";
import { compileTemplate } from "../../../message/template.js";
import type { NameScope } from "../../../message/value.js";
import type { PlanExpectation, PlanStep } from "../../../scenario/flow-plan.js";
import type { Barriers } from "../barriers.js";
import type { Expectation, Tally } from "../expectation.js";
import type { MessageCompiler } from "../message.js";
import { AtBarrier } from "./barrier.js";
import { CaptureLast, Log, SetVariables } from "./data.js";
import { Every } from "./every.js";
import { Flood } from "./flood.js";
import { Close, Reconnect } from "./leave.js";
import { Pause } from "./pause.js";
import { Ping } from "./ping.js";
import { Send } from "./send.js";
import type { Place, Step } from "./step.js";
import { Wait } from "./wait.js";

/** What steps are compiled with, whatever the scenario. */
export interface StepParts {
  readonly names: NameScope;
  readonly messages: MessageCompiler;
  readonly barriers: Barriers;
  /** Whether replies are told from other messages without looking at them. */
  readonly pairs: boolean;
  /** Whether replies are known to be some. */
  readonly correlates: boolean;
}

/** The same, of one scenario. */
export interface StepTools extends StepParts {
  /** Number of the scenario in the plan. */
  readonly scenario: number;
  /** A new count of expectations. */
  tally(place: Place): Tally;
  expectation(place: Place, plan: PlanExpectation): Expectation;
}

/** The plan's step of a kind. */
export type StepOf<Kind extends PlanStep["kind"]> = Extract<PlanStep, { readonly kind: Kind }>;

/** Kinds that are one step of a program; the others become jumps. */
type LeafKind = Exclude<PlanStep["kind"], "loop" | "choose">;

/** How a step is compiled, by its kind. */
const steps: {
  readonly [Kind in LeafKind]: (step: StepOf<Kind>, place: Place, tools: StepTools) => Step;
} = {
  send: ({ message, expect }, place, tools) =>
    new Send(
      place,
      tools.messages.compile(message),
      expect && tools.expectation(place, expect),
      tools.pairs,
    ),
  wait: ({ expect, optional }, place, tools) =>
    new Wait(place, tools.expectation(place, expect), optional),
  capture: ({ captures }, place) =>
    new CaptureLast(
      place,
      captures.map((spec) => compileCapture(spec)),
    ),
  every: (step, place, tools) =>
    new Every(place, {
      rate: step.rate,
      for: step.for,
      messages: step.messages.map((message) => tools.messages.compile(message)),
      expect: step.expect && tools.expectation(place, step.expect),
    }),
  flood: (step, place, tools) =>
    new Flood(place, {
      for: step.for,
      inFlight: step.inFlight,
      messages: step.messages.map((message) => tools.messages.compile(message)),
      expect: step.expect && tools.expectation(place, step.expect),
      pairs: tools.correlates && step.messages.every(({ reply }) => reply),
    }),
  listen: (step, place) => new Pause(place, [step.for, step.for]),
  think: (step, place) => new Pause(place, step.for),
  ping: ({ payload, within }, place, tools) => new Ping(place, payload, within, tools.tally(place)),
  close: ({ code, reason }, place) => new Close(place, code, reason),
  reconnect: (_step, place) => new Reconnect(place),
  barrier: ({ barrier, timeout }, place, tools) =>
    new AtBarrier(
      place,
      tools.barriers.at(barrier, tools.scenario, timeout),
      timeout,
      tools.tally(place),
    ),
  set: ({ variables }, place, { names }) =>
    new SetVariables(
      place,
      new Map(
        Object.entries(variables).map(([name, value]) => [name, compileJsonTemplate(value, names)]),
      ),
    ),
  log: ({ template }, place, { names }) => new Log(place, compileTemplate(template, names)),
};

/**
 * Compiles one step.
 * @throws WsctlError WSCTL_EUSAGE for what cannot be compiled
 */
export function compileStep(step: StepOf<LeafKind>, place: Place, tools: StepTools): Step {
  // The map's line for a kind takes the steps of that kind.
  const compile = steps[step.kind] as (step: PlanStep, place: Place, tools: StepTools) => Step;
  return compile(step, place, tools);
}
