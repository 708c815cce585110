/** Owns the list of the checks that tell what a server is. */
import type { Check } from "../check.js";
import { greeting, library } from "./library.js";

/** The checks that tell what a server is. */
export const fingerprintChecks: readonly Check[] = [greeting, library];
