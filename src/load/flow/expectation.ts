/** Owns what is expected of a message, compiled, and the count of how often that was met. */
import { safeLine } from "../../base/safe-text.js";
import { compileCapture, type Capture } from "../../message/capture.js";
import { compileMatcher, type Matcher } from "../../message/matcher.js";
import type { ExpectationResult } from "../../metrics/run-result.js";
import type { PlanExpectation } from "../../scenario/flow-plan.js";
import type { Counter, Scope } from "../scope.js";
import type { Place } from "./step/step.js";

/** How the expectations of one step fared, over all users of the worker. */
export class Tally {
  /** The step whose count it is. */
  readonly place: Place;
  /** What a failure besides comes to, behind why it is one: `; so … was not captured`, or nothing. */
  followedBy = "";
  readonly #scope: Scope;
  readonly #passes: Counter;
  readonly #fails: Counter;
  #failedHere: Counter | undefined;
  #passed = 0;
  #failed = 0;
  #example: string | undefined;

  /** @param scope of the scenario */
  constructor(place: Place, scope: Scope) {
    this.place = place;
    this.#scope = scope;
    this.#passes = scope.counter("checks", { result: "pass" });
    this.#fails = scope.counter("checks", { result: "fail" });
  }

  /** Whether an example of a failure is still wanted: explaining one costs something. */
  get wantsExample(): boolean {
    return this.#example === undefined;
  }

  pass(): void {
    this.#passed++;
    this.#passes.value++;
  }

  /** @param why is made harmless; only the first is kept */
  fail(why: string): void {
    this.#failed++;
    this.#fails.value++;
    this.#failedHere ??= this.#scope.counter("ws_expect_failed", {
      scenario: this.place.scenario,
      step: this.place.step,
    });
    this.#failedHere.value++;
    this.#example ??= `${safeLine(why, 700)}${this.followedBy}`;
  }

  result(): ExpectationResult {
    return {
      scenario: this.place.scenario,
      step: this.place.step,
      passed: this.#passed,
      failed: this.#failed,
      example: this.#example,
    };
  }
}

/** One expectation, compiled. */
export interface Expectation {
  readonly matcher: Matcher;
  /** Milliseconds. */
  readonly within: number;
  readonly captures: readonly Capture[];
  readonly tally: Tally;
}

/** @throws WsctlError WSCTL_EUSAGE for what cannot be compiled */
export function compileExpectation(plan: PlanExpectation, tally: Tally): Expectation {
  const captures = plan.captures.map((spec) => compileCapture(spec));
  tally.followedBy = uncaptured(captures);
  return { matcher: compileMatcher(plan.match), within: plan.within, captures, tally };
}

/** That captures beside an expectation take nothing out of a message that does not meet it. */
function uncaptured(captures: readonly Capture[]): string {
  if (captures.length === 0) return "";
  const names = safeLine(captures.map(({ name }) => name).join(", "), 100);
  return `; so ${names} ${captures.length === 1 ? "was" : "were"} not captured`;
}
