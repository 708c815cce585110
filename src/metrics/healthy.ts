/** Owns the name of those who have no profile, in reports and in `{profile:healthy}`. */

/** What those are called together whom no profile makes different. */
export const healthy = "healthy";
