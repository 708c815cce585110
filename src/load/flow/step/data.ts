/** Owns the steps that only deal with data: `set`, `capture` and `log`. */
import type { Capture } from "../../../message/capture.js";
import type { JsonValue } from "../../../message/json.js";
import type { Template } from "../../../message/template.js";
import type { User } from "../user.js";
import { capture } from "./capture.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Gives variables values. */
export class SetVariables extends Step {
  readonly #templates: ReadonlyMap<string, Template>;

  /** @param templates by the variable's name; they render to JSON */
  constructor(place: Place, templates: ReadonlyMap<string, Template>) {
    super(place);
    this.#templates = templates;
  }

  begin({ context, world }: User, now: number): Outcome {
    world.setClock(context, now);
    for (const [name, template] of this.#templates) {
      context.set(name, JSON.parse(template.render(context)) as JsonValue);
    }
    return "next";
  }
}

/** Takes values out of the last message. */
export class CaptureLast extends Step {
  readonly #captures: readonly Capture[];

  constructor(place: Place, captures: readonly Capture[]) {
    super(place);
    this.#captures = captures;
  }

  begin(user: User): Outcome {
    if (user.last) capture(user, this.#captures, user.last, this.place);
    else user.stepFailed(this.place, () => "nothing to capture from: no message has come");
    return "next";
  }
}

/** Says something to whoever watches the run. */
export class Log extends Step {
  readonly #template: Template;

  constructor(place: Place, template: Template) {
    super(place);
    this.#template = template;
  }

  begin({ world, context, index }: User, now: number): Outcome {
    world.setClock(context, now);
    world.log.say(`${this.place.scenario} ${index}: ${this.#template.render(context)}`);
    return "next";
  }
}
