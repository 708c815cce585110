/** Owns the list of the checks of compression. */
import type { Check } from "../check.js";
import { negotiation } from "./negotiation.js";

/** The checks of compression, in the order of the catalogue. */
export const deflateChecks: readonly Check[] = [negotiation];
