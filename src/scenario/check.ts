/** Owns all that is checked of a scenario's meaning, once its shape is known to be right. */
import { checkConfig } from "./check/config.js";
import type { Checking } from "./check/checking.js";
import { checkLoad } from "./check/load.js";
import { checkNames } from "./check/names.js";
import { checkSteps } from "./check/steps.js";
import { checkThresholds } from "./check/thresholds.js";
import { mostMistakes, type Problem } from "./mistake.js";
import { isStamped } from "./reply.js";
import { usersOf } from "./users.js";

/** Ends the checks when there are mistakes enough. */
class Enough extends Error {}

/** The mistakes in what a scenario means, in the order of its parts; not many more than are told. */
export function checkScenario(checking: Omit<Checking, "tell" | "users" | "isStamped">): Problem[] {
  const { scenario } = checking;
  const problems: Problem[] = [];
  const whole: Checking = {
    ...checking,
    users: usersOf(scenario),
    isStamped: isStamped(scenario),
    tell: (problem) => {
      problems.push(problem);
      if (problems.length > mostMistakes) throw new Enough();
    },
  };
  try {
    for (const check of [checkConfig, checkLoad, checkSteps, checkNames, checkThresholds]) {
      check(whole);
    }
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return problems;
}
