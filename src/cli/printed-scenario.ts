/** Owns what `--print-scenario` prints: a file that does what the command line does. */
import { scenarioAsYaml } from "../scenario/as-yaml.js";
import type { Scenario } from "../scenario/scenario.js";

/** What is a number to a person, whatever the command line made of it. */
const numbers: ReadonlySet<string> = new Set([
  "connections",
  "maxConnections",
  "arrivalRate",
  "connectRate",
  "rate",
  "totalRate",
  "size",
]);

/** What is sent and held against is left as it is: there `"5"` is not 5. */
const verbatim: ReadonlySet<string> = new Set(["json", "equals", "set", "variables", "headers"]);

/**
 * The scenario as YAML.
 * @param served whether a server is started for the run: where it listens is nobody's business later
 */
export function printedScenario(scenario: Scenario, served: boolean): string {
  const config = { ...scenario.config };
  if (served) delete config.target;
  const yaml = scenarioAsYaml(tidied({ ...scenario, config }, "") as Scenario);
  const note = "# Its target is left to the command line: give a URL, or --serve.\n";
  return served ? `${note}${yaml}` : yaml;
}

function tidied(value: unknown, key: string): unknown {
  if (typeof value === "string") {
    return numbers.has(key) && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
  if (verbatim.has(key) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => tidied(item, key));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, tidied(item, name)]),
  );
}
