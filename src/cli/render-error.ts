/** Owns how an error looks: what failed, where, why, what to do, and a stable code. */
import { safeLine } from "../base/safe-text.js";
import type { Ink } from "../report/ink.js";

/** What is told of an error. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly where?: readonly string[] | undefined;
}

const codeColumn = 72;

/** The lines of an error, the last one ended. */
export function renderError(
  { code, message, hint, where = [] }: ErrorReport,
  { chalk, width }: Ink,
): string {
  const first = `error: ${safeLine(message, 400)}`;
  const column = Math.min(codeColumn, width - code.length - "[]".length);
  const gap = " ".repeat(Math.max(2, column - first.length));
  const lines = [
    `${chalk.red.bold("error:")}${first.slice("error:".length)}${gap}${chalk.dim(`[${code}]`)}`,
    ...where.map((line) => `  ${safeLine(line, 400)}`),
  ];
  if (hint) lines.push(`${chalk.cyan("hint:")} ${safeLine(hint, 1000)}`);
  return `${lines.join("\n")}\n`;
}
