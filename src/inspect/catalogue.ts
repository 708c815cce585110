/** Owns the catalogue: every check there is, in the order in which they are listed and run. */
import type { Check } from "./check.js";

/** Every check. */
export const catalogue: readonly Check[] = [];
