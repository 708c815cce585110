/** Owns how it looks when something that was typed fails. */
import { messageOf, WsctlError } from "../../base/errors.js";
import { safeLine, safeText } from "../../base/safe-text.js";
import type { Ink } from "../../report/ink.js";
import { hanging } from "../hanging.js";

/** The codes that say no more than the words do. */
const plainCodes: ReadonlySet<string> = new Set(["WSCTL_EUSAGE", "WSCTL_EABORTED"]);

function isOfNode(error: Error): boolean {
  return error.name === "AbortError" || "code" in error;
}

/** What went wrong, where, and what to do about it, broken at words. */
export function drawTrouble(error: unknown, { chalk, width }: Ink): string {
  const said = safeLine(messageOf(error), 400);
  const mark = `${chalk.red("✗")} `;
  if (!(error instanceof WsctlError)) {
    // A mistake of ours: where it happened is what helps.
    const stack = error instanceof Error && !isOfNode(error) ? error.stack : undefined;
    const line = hanging(mark, said, width);
    return stack === undefined ? line : `${line}\n${chalk.dim(safeText(stack))}`;
  }
  const { code, where, hint } = error;
  const words = plainCodes.has(code) ? said : `${said} ${chalk.dim(`[${code}]`)}`;
  const lines = [hanging(mark, words, width)];
  lines.push(...where.map((line) => hanging("    ", safeLine(line, 400), width)));
  if (hint) lines.push(hanging(`    ${chalk.cyan("hint:")} `, safeLine(hint, 1000), width));
  return lines.join("\n");
}
