/** Owns how tests make a scenario of recorded lines, and read what it came to. */
import { parse } from "yaml";
import { parseTarget } from "../../src/dial/target.js";
import { parseHeader, parseLine } from "../../src/recording/parse-line.js";
import { type Talk, talksOf } from "../../src/replay/to-scenario/talk.js";
import { toScenario, type ToScenarioOptions } from "../../src/replay/to-scenario.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import type { StepMap } from "../../src/scenario/schema/step.js";
import type { Line } from "./mock-rig.js";

export const startedAt = "2026-01-01T00:00:00.000Z";

/** The talks of lines, which come every 10 ms unless they say when. */
export async function talksFrom(
  lines: readonly Line[],
  { url = "ws://127.0.0.1:8080/", name = "talk" } = {},
): Promise<readonly Talk[]> {
  const header = parseHeader(
    JSON.stringify({ wsrec: 1, url, startedAt, tool: "test", redacted: [] }),
  );
  async function* read() {
    for (const [index, line] of lines.entries()) {
      yield await Promise.resolve(parseLine(JSON.stringify({ t: (index + 1) * 10, ...line })));
    }
  }
  return (await talksOf({ name, header, lines: read() })).talks;
}

/** A scenario that was made, as text and as what it says. */
export interface Made {
  readonly text: string;
  readonly notes: readonly string[];
  readonly config: NonNullable<Scenario["config"]>;
  readonly scenarios: NonNullable<Scenario["scenarios"]>;
  /** The steps of the first scenario. */
  readonly flow: readonly StepMap[];
}

/** The scenario of talks. */
export async function scenarioOf(
  talks: readonly Talk[],
  options: Partial<ToScenarioOptions> = {},
): Promise<Made> {
  const { text, notes } = await toScenario(talks, {
    target: undefined,
    idleCap: 5000,
    connections: "10",
    duration: "1m",
    made: "a test",
    checkTarget: parseTarget,
    ...options,
  });
  const { config = {}, scenarios = [] } = parse(text) as Scenario;
  const flow = (scenarios[0]?.flow ?? []) as readonly StepMap[];
  return { text, notes, config, scenarios, flow };
}

/** The scenario of one recording. */
export async function made(lines: readonly Line[], options?: Partial<ToScenarioOptions>) {
  return scenarioOf(await talksFrom(lines), options);
}
