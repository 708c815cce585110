/** Owns what is to be known of Node's timers. */

/** The longest delay in ms that a timer holds; with a longer one it would fire at once. */
export const longestTimer = 2 ** 31 - 1;
