/** Owns whether a new scenario passes `validate`, and which gates it can have at all. */
import { WsctlError } from "../../base/errors.js";
import { parseTarget } from "../../dial/target.js";
import { ScenarioMistakes } from "../../scenario/mistake.js";
import type { Answers } from "./answers.js";
import { newScenario } from "./new-scenario.js";

/**
 * Whether the text passes.
 * @param file its name, for places
 * @throws ScenarioMistakes (WSCTL_EUSAGE)
 */
export async function requireSound(file: string, text: string): Promise<void> {
  // Its schema takes a while to load, which other commands need not wait for.
  const { readScenario } = await import("../../scenario/read.js");
  await readScenario(file, text, {
    access: { folder: process.cwd(), allowPaths: false },
    env: new Map(),
    checkTarget: parseTarget,
  });
}

/**
 * Refuses a gate on what such a scenario never brings about: it would be refused by the first run.
 * @param answers all but the gates
 * @throws WsctlError WSCTL_EUSAGE with the reason that `validate` has
 */
export async function requireMeasured(
  answers: Omit<Answers, "gates">,
  gate: string,
): Promise<void> {
  try {
    await requireSound(
      "scenario.yaml",
      newScenario({ ...answers, gates: [gate] }, "scenario.yaml"),
    );
  } catch (error) {
    const [mistake] = error instanceof ScenarioMistakes ? error.mistakes : [];
    if (!mistake) throw error;
    // What is added to a flow is added by hand, once there is one.
    const hint =
      mistake.hint === undefined
        ? undefined
        : `${mistake.hint}, once the file is there, or leave it out`;
    throw new WsctlError("WSCTL_EUSAGE", mistake.message, { hint, cause: error });
  }
}
