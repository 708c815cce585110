/** Owns what all parts of compiling share. */
import type { Scenario } from "../scenario.js";

/** What is compiled, and what with. */
export interface Compiling {
  readonly scenario: Scenario;
  readonly env: ReadonlyMap<string, string>;
  /** Contents of files, by their paths as written. */
  readonly files: ReadonlyMap<string, Buffer>;
}
