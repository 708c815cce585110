/** Owns the list of the checks that tell what a server is. */
import type { Check } from "../check.js";
import { library } from "./library.js";

/** The checks that tell what a server is. */
export const fingerprintChecks: readonly Check[] = [library];
