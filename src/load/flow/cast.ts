/** Owns the cast of a worker: every scenario compiled, and who plays which. */
import type { ExpectationResult } from "../../metrics/run-result.js";
import type { Barriers } from "./barriers.js";
import type { Tally } from "./expectation.js";
import { ProgramCompiler } from "./program.js";
import type { Role } from "./role.js";
import type { World } from "./world.js";

/** All roles. */
export class Cast {
  /** By the scenario's number. */
  readonly roles: readonly Role[];
  readonly #tallies: Tally[] = [];

  /** @throws WsctlError WSCTL_EUSAGE for what cannot be compiled */
  constructor(world: World, barriers: Barriers) {
    const { flow, plan, meter, names, messages } = world;
    const { by } = plan.correlate;
    const parts = {
      names: names.scope,
      messages,
      barriers,
      pairs: by === "id" || by === "order",
      correlates: world.correlates,
    };
    this.roles = flow.scenarios.map((scenario, number) => {
      const scope = meter.scenario(scenario.name);
      const compiler = new ProgramCompiler(scenario, number, scope, parts);
      const role: Role = {
        name: scenario.name,
        number,
        scope,
        program: compiler.flow(),
        aside: compiler.aside(flow.onReconnect),
        keepsLast: compiler.keepsLast,
      };
      this.#tallies.push(...compiler.tallies);
      return role;
    });
  }

  /** How the expectations of each step fared. */
  expectations(): ExpectationResult[] {
    return this.#tallies.map((tally) => tally.result());
  }
}
