/** Owns the way from a plan's steps, a tree, to a program, a row: loops and choices become jumps. */
import type { PlanScenario, PlanStep } from "../../scenario/flow-plan.js";
import type { Scope } from "../scope.js";
import { compileCondition } from "./condition.js";
import type { Program } from "./cursor.js";
import { compileExpectation, Tally } from "./expectation.js";
import { AsideEnd, RoundEnd } from "./step/end.js";
import { Choose, Jump, LoopHead, loopSlots, LoopStart } from "./step/jump.js";
import type { Place, Step } from "./step/step.js";
import { compileStep, type StepOf, type StepParts, type StepTools } from "./step/steps.js";

/** Compiles the programs of one scenario. */
export class ProgramCompiler {
  /** Every expectation's count. */
  readonly tallies: Tally[] = [];
  /** Whether a step looks at messages after they have gone by. */
  keepsLast = false;
  readonly #scenario: PlanScenario;
  readonly #tools: StepTools;
  #steps: Step[] = [];
  #slots = 0;

  /**
   * @param number of the scenario in the plan
   * @param scope of the scenario's figures
   */
  constructor(scenario: PlanScenario, number: number, scope: Scope, parts: StepParts) {
    this.#scenario = scenario;
    const tally = (place: Place): Tally => {
      const made = new Tally(place, scope);
      this.tallies.push(made);
      return made;
    };
    this.#tools = {
      ...parts,
      scenario: number,
      tally,
      expectation: (place, plan) => compileExpectation(plan, tally(place)),
    };
  }

  /**
   * The scenario's flow.
   * @throws WsctlError WSCTL_EUSAGE for what cannot be compiled
   */
  flow(): Program {
    const { flow, repeat } = this.#scenario;
    return this.#program(flow, (place) => new RoundEnd(place, repeat));
  }

  /**
   * What is played on a connection in place of a lost one; undefined when nothing is.
   * @throws WsctlError WSCTL_EUSAGE for what cannot be compiled
   */
  aside(steps: readonly PlanStep[]): Program | undefined {
    return steps.length === 0 ? undefined : this.#program(steps, (place) => new AsideEnd(place));
  }

  #program(steps: readonly PlanStep[], end: (place: Place) => Step): Program {
    this.#steps = [];
    this.#slots = 0;
    this.#addAll(steps);
    this.#steps.push(end(this.#place("(end)")));
    return { steps: this.#steps, slots: this.#slots };
  }

  #addAll(steps: readonly PlanStep[]): void {
    for (const step of steps) {
      if (step.kind === "loop") this.#addLoop(step);
      else if (step.kind === "choose") this.#addChoice(step);
      else {
        if (step.kind === "capture") this.keepsLast = true;
        this.#steps.push(compileStep(step, this.#place(step.name), this.#tools));
      }
    }
  }

  /*
   *   start → head → … body … → jump
   *            ↑ │              │
   *            │ └→ (exit)      │
   *            └────────────────┘
   */
  #addLoop({ name, flow, count, over, while: condition }: StepOf<"loop">): void {
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

  #addChoice({ name, options }: StepOf<"choose">): void {
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

  #place(step: string): Place {
    return { scenario: this.#scenario.name, step };
  }
}
