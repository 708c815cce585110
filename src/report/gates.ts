/** Owns the part of the text report that says what was asked of the run, and how it fared. */
import { formatCount } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import { failedSteps, type FailedStep } from "./failed-steps.js";
import type { Ink } from "./ink.js";
import type { Section } from "./section.js";
import { thresholdSentence, thresholdWords } from "./threshold-words.js";

const longest = 1000;
/** So many steps are shown that failed; a scenario may have any number. */
const mostSteps = 50;

/** Every threshold as it can be given again, with what was measured and by how much it was missed. */
export function thresholdSection({ thresholds }: RunResult, { chalk }: Ink): Section {
  const names = thresholds.map((threshold) => thresholdWords(threshold).name);
  const width = Math.min(50, Math.max(0, ...names.map((name) => name.length)));
  return {
    title: "thresholds",
    lines: thresholds.map((threshold, index) => {
      const mark = threshold.ok ? chalk.green("✓") : chalk.red("✗");
      const said = thresholdSentence(threshold);
      return `${mark} ${names[index]!.padEnd(width)}  ${threshold.ok ? said : chalk.red(said)}`;
    }),
  };
}

/** How many expectations were met, and of each step that failed how often and an example. */
export function expectationSection(result: RunResult, { chalk }: Ink): Section {
  const { expectations } = result;
  const failed = failedSteps(result);
  if (expectations.length + failed.length === 0) return { title: "expectations", lines: [] };
  const lines = failed.slice(0, mostSteps).flatMap((step) => {
    const name = safeLine(`${step.scenario}: ${step.step}`);
    const line = `${chalk.red("✗")} ${name}  ${failureInWords(step)}`;
    return step.example === undefined
      ? [line]
      : [line, `  ${chalk.dim(safeLine(step.example, longest))}`];
  });
  const hidden = failed.length - mostSteps;
  return {
    title: expectations.length > 0 ? "expectations" : "failed steps",
    lines: [
      ...(expectations.length > 0 ? [expectationsInAll(result, chalk)] : []),
      ...lines,
      ...(hidden > 0 ? [chalk.dim(`and ${formatCount(hidden)} more steps`)] : []),
    ],
  };
}

function expectationsInAll({ expectations }: RunResult, chalk: Ink["chalk"]): string {
  const passed = expectations.reduce((sum, step) => sum + step.passed, 0);
  const all = expectations.reduce((sum, step) => sum + step.passed + step.failed, 0);
  const mark = passed === all ? chalk.green("✓") : chalk.red("✗");
  return `${mark} ${formatCount(passed)} of ${formatCount(all)} met, in ${formatCount(expectations.length)} step${expectations.length === 1 ? "" : "s"}`;
}

/** `3 of 100 not met`, `failed 3 times` */
export function failureInWords({ failed, of }: FailedStep): string {
  if (of !== undefined) return `${formatCount(failed)} of ${formatCount(of)} not met`;
  return failed === 1 ? "failed once" : `failed ${formatCount(failed)} times`;
}
