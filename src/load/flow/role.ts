/** Owns the role: a scenario compiled, as all users who play it share it. */
import type { Scope } from "../scope.js";
import type { Program } from "./cursor.js";

/** One scenario. */
export interface Role {
  readonly name: string;
  /** Its number in the plan. */
  readonly number: number;
  readonly scope: Scope;
  readonly program: Program;
  /** What is played on a connection in place of a lost one. */
  readonly aside: Program | undefined;
  /** Whether a step looks at messages after they have gone by. */
  readonly keepsLast: boolean;
}
