/** Owns what a text report is drawn with: colours and a width, handed in by whoever owns the stream. */
import type { ChalkInstance } from "chalk";

/** How to draw for one stream. */
export interface Ink {
  readonly chalk: ChalkInstance;
  /** Columns that may be used. */
  readonly width: number;
}

/** What is to be noticed and is no failure. Yellow would be lost on a light background. */
export function warn({ chalk }: Pick<Ink, "chalk">, text: string): string {
  return chalk.magenta(text);
}
