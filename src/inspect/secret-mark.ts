/** Owns the one word that stands in a secret's place, wherever an inspection shows something. */

/** What stands in a secret's place. */
export const mark = "SECRET";
