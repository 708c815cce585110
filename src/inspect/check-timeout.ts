/** Owns how long checks wait for what may never come. */

/** Milliseconds that a malformed request is given to be answered. */
export const probeTimeout = 1500;
