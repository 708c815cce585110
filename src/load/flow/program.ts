/** Owns the way from a plan's steps, a tree, to a program, a row: loops and choices become jumps. */
import { compileCapture } from "../../message/capture.js";
import { compileJsonTemplate } from "../../message/json-template.js";
import { compileTemplate } from "../../message/template.js";
import type { NameScope } from "../../message/value.js";
import type { PlanExpectation, PlanScenario, PlanStep } from "../../scenario/flow-plan.js";
import type { Scope } from "../scope.js";
import type { Barriers } from "./barriers.js";
import { compileCondition } from "./condition.js";
import type { Program } from "./cursor.js";
import { compileExpectation, Tally, type Expectation } from "./expectation.js";
import type { MessageCompiler } from "./message.js";
import { AtBarrier } from "./step/barrier.js";
import { CaptureLast, Log, SetVariables } from "./step/data.js";
import { AsideEnd, RoundEnd } from "./step/end.js";
import { Every } from "./step/every.js";
import { Flood } from "./step/flood.js";
import { Choose, Jump, LoopHead, loopSlots, LoopStart } from "./step/jump.js";
import { Close, Reconnect } from "./step/leave.js";
import { Pause } from "./step/pause.js";
import { Ping } from "./step/ping.js";
import { Send } from "./step/send.js";
import type { Place, Step } from "./step/step.js";
import { Wait } from "./step/wait.js";

/** What programs are compiled with. */
export interface ProgramParts {
  readonly names: NameScope;
  readonly messages: MessageCompiler;
  readonly barriers: Barriers;
  /** Whether replies are told from other messages without looking at them. */
  readonly pairs: boolean;
  /** Whether replies are known to be some. */
  readonly correlates: boolean;
}

type Of<Kind extends PlanStep["kind"]> = Extract<PlanStep, { readonly kind: Kind }>;

/** Compiles the programs of one scenario. */
export class ProgramCompiler {
  /** Every expectation's count. */
  readonly tallies: Tally[] = [];
  /** Whether a step looks at messages after they have gone by. */
  keepsLast = false;
  readonly #scenario: PlanScenario;
  readonly #number: number;
  readonly #scope: Scope;
  readonly #parts: ProgramParts;
  #steps: Step[] = [];
  #slots = 0;

  /** @param number of the scenario in the plan */
  constructor(scenario: PlanScenario, number: number, scope: Scope, parts: ProgramParts) {
    this.#scenario = scenario;
    this.#number = number;
    this.#scope = scope;
    this.#parts = parts;
  }

  /** The scenario's flow. */
  flow(): Program {
    const { flow, repeat } = this.#scenario;
    return this.#program(flow, (place) => new RoundEnd(place, repeat));
  }

  /** What is played on a connection in place of a lost one; undefined when nothing is. */
  aside(steps: readonly PlanStep[]): Program | undefined {
    return steps.length === 0 ? undefined : this.#program(steps, (place) => new AsideEnd(place));
  }

  #program(steps: readonly PlanStep[], end: (place: Place) => Step): Program {
    this.#steps = [];
    this.#slots = 0;
    this.#addAll(steps);
    this.#steps.push(end(this.#place("end")));
    return { steps: this.#steps, slots: this.#slots };
  }

  #addAll(steps: readonly PlanStep[]): void {
    for (const step of steps) {
      if (step.kind === "loop") this.#addLoop(step);
      else if (step.kind === "choose") this.#addChoice(step);
      else this.#steps.push(this.#compile(step));
    }
  }

  #addLoop({ name, flow, count, over, while: condition }: Of<"loop">): void {
    const slot = this.#slots;
    this.#slots += loopSlots;
    const place = this.#place(name);
    const head = new LoopHead(place, slot, {
      count,
      while: condition && compileCondition(condition),
    });
    this.#steps.push(new LoopStart(place, slot, over));
    const top = this.#steps.push(head) - 1;
    this.#addAll(flow);
    this.#steps.push(new Jump(place, top));
    head.exit = this.#steps.length;
  }

  #addChoice({ name, options }: Of<"choose">): void {
    const place = this.#place(name);
    const choice = new Choose(
      place,
      options.map(({ weight }) => weight),
    );
    const exits: Jump[] = [];
    this.#steps.push(choice);
    for (const { flow } of options) {
      choice.starts.push(this.#steps.length);
      this.#addAll(flow);
      const exit = new Jump(place);
      this.#steps.push(exit);
      exits.push(exit);
    }
    for (const exit of exits) exit.to = this.#steps.length;
  }

  #compile(step: Exclude<PlanStep, Of<"loop"> | Of<"choose">>): Step {
    const place = this.#place(step.name);
    const { names, messages, barriers, pairs } = this.#parts;
    switch (step.kind) {
      case "send":
        return new Send(
          place,
          messages.compile(step.message),
          this.#expectation(place, step.expect),
          pairs,
        );
      case "wait":
        return new Wait(place, this.#expectation(place, step.expect)!, step.optional);
      case "capture":
        this.keepsLast = true;
        return new CaptureLast(
          place,
          step.captures.map((spec) => compileCapture(spec)),
        );
      case "every":
        return new Every(place, {
          rate: step.rate,
          for: step.for,
          messages: step.messages.map((message) => messages.compile(message)),
          expect: this.#expectation(place, step.expect),
        });
      case "flood":
        return new Flood(place, {
          for: step.for,
          inFlight: step.inFlight,
          messages: step.messages.map((message) => messages.compile(message)),
          expect: this.#expectation(place, step.expect),
          pairs: this.#parts.correlates && step.messages.every(({ reply }) => reply),
        });
      case "listen":
        return new Pause(place, [step.for, step.for]);
      case "think":
        return new Pause(place, step.for);
      case "ping":
        return new Ping(place, step.payload, step.within, this.#tally(place));
      case "close":
        return new Close(place, step.code, step.reason);
      case "reconnect":
        return new Reconnect(place);
      case "barrier":
        return new AtBarrier(
          place,
          barriers.at(step.barrier, this.#number, step.timeout),
          step.timeout,
          this.#tally(place),
        );
      case "set":
        return new SetVariables(
          place,
          new Map(
            Object.entries(step.variables).map(([name, value]) => [
              name,
              compileJsonTemplate(value, names),
            ]),
          ),
        );
      case "log":
        return new Log(place, compileTemplate(step.template, names));
    }
  }

  #expectation(place: Place, plan: PlanExpectation): Expectation;
  #expectation(place: Place, plan: PlanExpectation | undefined): Expectation | undefined;
  #expectation(place: Place, plan: PlanExpectation | undefined): Expectation | undefined {
    return plan && compileExpectation(plan, this.#tally(place));
  }

  #tally({ scenario, step }: Place): Tally {
    const tally = new Tally(scenario, step, this.#scope);
    this.tallies.push(tally);
    return tally;
  }

  #place(step: string): Place {
    return { scenario: this.#scenario.name, step };
  }
}
