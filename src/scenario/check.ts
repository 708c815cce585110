/** Owns all that is checked of a scenario's meaning, once its shape is known to be right. */
import { checkConfig } from "./check/config.js";
import type { Checking } from "./check/checking.js";
import { checkLoad } from "./check/load.js";
import { checkNames } from "./check/names.js";
import { checkSteps } from "./check/steps.js";
import { checkThresholds } from "./check/thresholds.js";
import type { Problem } from "./mistake.js";

/** Every mistake in what a scenario means, in the order of its parts. */
export function checkScenario(checking: Omit<Checking, "tell">): Problem[] {
  const problems: Problem[] = [];
  const whole: Checking = { ...checking, tell: (problem) => void problems.push(problem) };
  for (const check of [checkConfig, checkLoad, checkSteps, checkNames, checkThresholds]) {
    check(whole);
  }
  return problems;
}
