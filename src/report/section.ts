/** Owns the Section, of which a text report is made. */

/** A titled block: its title stands in the left margin. Without lines it is left out. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Facts in a row, and in further rows where there is no room for them in one. */
export function factLines(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const longer = lines.length === 0 ? fact : `${lines.at(-1)} · ${fact}`;
    if (lines.length === 0 || longer.length > width) lines.push(fact);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
