/** Owns the way through two rows of messages, as steps, and which of them are taken at once. */

/** Takes one of both sides, one that was recorded, or one that came. */
export type Step = "pair" | "missing" | "extra";

/** The steps up to the middle of either side: beyond it, what comes next may still change them. */
export function firstHalf(steps: readonly Step[], rows: number, columns: number): Step[] {
  if (rows === 0 || columns === 0) return [...steps];
  let [row, column, count] = [0, 0, 0];
  while (count < steps.length && (count === 0 || (row * 2 < rows && column * 2 < columns))) {
    const step = steps[count++]!;
    if (step !== "extra") row++;
    if (step !== "missing") column++;
  }
  return steps.slice(0, count);
}

/** Behind the last step that takes a message of the recording. */
export function lastUse(steps: readonly Step[]): number {
  return steps.findLastIndex((step) => step !== "extra") + 1;
}
