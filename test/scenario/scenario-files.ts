/** Owns reading of scenarios in tests: a folder with data, and what came of a text. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WsctlError } from "../../src/base/errors.js";
import { compile } from "../../src/scenario/compile.js";
import { ScenarioMistakes, type Mistake } from "../../src/scenario/mistake.js";
import type { Overrides } from "../../src/scenario/overrides.js";
import type { Plan } from "../../src/scenario/plan.js";
import { readScenario, type ReadScenario } from "../../src/scenario/read.js";

/** A folder with the files that scenarios of these tests name. */
export class ScenarioFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), "wsctl-scenario-"));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(path.join(this.path, name), text);
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Reads a scenario as `load.yaml` of this folder. */
  read(
    text: string,
    overrides: Overrides = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<ReadScenario> {
    return readScenario("load.yaml", text, {
      access: { folder: this.path, allowPaths: false },
      env: new Map(Object.entries(env)),
      overrides,
      checkTarget: checkScheme,
    });
  }

  /** The same, compiled. */
  async plan(
    text: string,
    overrides: Overrides = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<Plan> {
    const { scenario, places, resources } = await this.read(text, overrides, env);
    return compile(scenario, { places, resources, env: new Map(Object.entries(env)) });
  }

  /** What is wrong with a text; none when nothing is. */
  async mistakes(text: string, overrides: Overrides = {}): Promise<readonly Mistake[]> {
    try {
      await this.plan(text, overrides);
    } catch (error) {
      if (error instanceof ScenarioMistakes) return error.mistakes;
      throw error;
    }
    return [];
  }
}

/** Stands in for the command line's own check of addresses. */
function checkScheme(url: string): void {
  if (!/^wss?:\/\//.test(url)) {
    throw new WsctlError("WSCTL_EUSAGE", `"${url}" is not a WebSocket address`);
  }
}
