/** Owns the part of the text report that says what was asked of the run, and how it fared. */
import { formatCount } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import type { Ink } from "./ink.js";
import type { Section } from "./section.js";
import { thresholdWords } from "./threshold-words.js";

const longest = 1000;
/** So many steps are shown that failed; a scenario may have any number. */
const mostSteps = 50;

/** Every threshold, with what was measured and by how much it was missed. */
export function thresholdSection({ thresholds }: RunResult, { chalk }: Ink): Section {
  const words = thresholds.map(thresholdWords);
  const width = Math.min(50, Math.max(0, ...words.map(({ name }) => name.length)));
  return {
    title: "thresholds",
    lines: words.map(({ name, actual, missedBy }, index) => {
      const { ok, aborted } = thresholds[index]!;
      const details = [missedBy, aborted && "it ended the run"].filter(Boolean).join(", ");
      const mark = ok ? chalk.green("✓") : chalk.red("✗");
      const measured = ok ? actual : chalk.red(actual);
      return `${mark} ${name.padEnd(width)}  ${measured}${details && `, ${details}`}`;
    }),
  };
}

/** How many expectations were met, and of each step that failed how often and an example. */
export function expectationSection({ expectations }: RunResult, { chalk }: Ink): Section {
  if (expectations.length === 0) return { title: "expectations", lines: [] };
  const failed = expectations.filter((step) => step.failed > 0);
  const passed = expectations.reduce((sum, step) => sum + step.passed, 0);
  const all = expectations.reduce((sum, step) => sum + step.passed + step.failed, 0);
  const mark = failed.length === 0 ? chalk.green("✓") : chalk.red("✗");
  const lines = failed.slice(0, mostSteps).flatMap(({ scenario, step, example, ...counts }) => {
    const name = safeLine(`${scenario}: ${step}`);
    const line = `${chalk.red("✗")} ${name}  ${formatCount(counts.failed)} of ${formatCount(counts.passed + counts.failed)} failed`;
    return example === undefined ? [line] : [line, `  ${chalk.dim(safeLine(example, longest))}`];
  });
  const hidden = failed.length - mostSteps;
  return {
    title: "expectations",
    lines: [
      `${mark} ${formatCount(passed)} of ${formatCount(all)} met, in ${formatCount(expectations.length)} step${expectations.length === 1 ? "" : "s"}`,
      ...lines,
      ...(hidden > 0 ? [chalk.dim(`and ${formatCount(hidden)} more steps`)] : []),
    ],
  };
}
