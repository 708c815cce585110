/** Owns variables that the command line or the environment sets, and that a scenario does not know. */
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import { oneOf, someOf } from "./check/causes.js";
import { mentions, type Problem } from "./mistake.js";
import type { Scenario } from "./scenario.js";
import { namesIn } from "./template-names.js";

/** What the environment calls the variable of a scenario. */
export function variableInEnv(name: string): string {
  return `WSCTL_VAR_${name}`;
}

/**
 * A problem for each variable that is set, and neither has a value in the scenario nor is used by
 * it: a mistyped name would let the run go on with the value of the file.
 * @param scenario as it is written
 * @param ofEnv those that the environment set, and no flag
 */
export function unknownVariables(
  scenario: Scenario,
  given: ReadonlyMap<string, string>,
  ofEnv: ReadonlySet<string>,
): Problem[] {
  if (given.size === 0) return [];
  const written = Object.keys(scenario.config?.variables ?? {});
  const known = new Set([...written, ...usedNames(scenario)]);
  return [...given.keys()].flatMap((name): Problem[] => {
    if (known.has(name)) return [];
    const guess = nearest(name, known);
    const all = known.size > 0 ? `there are ${someOf(known)}` : "it has none at all";
    return [
      {
        path: ["config", "variables", name],
        flag: ofEnv.has(name) ? variableInEnv(name) : "--var",
        message: `the scenario has no variable "${safeLine(name, 60)}"`,
        hint: guess ? `did you mean ${guess}?` : all,
        mayFollow: (cut) =>
          oneOf(["config", "variables"])(cut) || mentions(cut, (text) => text.includes(name)),
      },
    ];
  });
}

/** The variables that anything in the scenario asks for. */
export function usedNames(scenario: Scenario): ReadonlySet<string> {
  const { variables: _own, data = {}, ...config } = scenario.config ?? {};
  const names = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === "string" && value.includes("{{")) {
      for (const name of namesIn(value)) names.add(name.split(".", 1)[0]!);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (key === "var" && typeof item === "string") names.add(item);
        else look(item);
      }
    }
  };
  look({ ...scenario, config });
  for (const feeder of Object.keys(data)) names.delete(feeder);
  return names;
}
