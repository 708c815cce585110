/** Owns the Section, of which a text report is made. */

/** A titled block: its title stands in the left margin. Without lines it is left out. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}
