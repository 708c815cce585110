/** Owns the breaking of lines at words. */
import wrapAnsi from "wrap-ansi";
import { textWidth } from "./char-width.js";

/** Narrower text is no easier to read. */
const narrowest = 16;

/**
 * The text behind a lead, broken at words; the lines below begin where the first does.
 * @param text on one line; colours are kept whole
 */
export function hanging(lead: string, text: string, columns: number): string {
  const width = textWidth(lead);
  const lines = wrapAnsi(text, Math.max(narrowest, columns - width), { hard: true });
  return lead + lines.replaceAll("\n", `\n${" ".repeat(width)}`);
}
