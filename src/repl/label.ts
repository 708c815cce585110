/** Owns what stands before the line being typed: how the session is, and whom one talks to. */
import { hostPort } from "../dial/target.js";
import { safeLine } from "../base/safe-text.js";
import type { Ink } from "../report/ink.js";
import type { SessionState } from "../session/session-events.js";
import type { SessionOptions } from "../session/session-options.js";
import { fitted } from "./char-width.js";

/** The place in a few columns: the default port is left out. */
function place({ target, dial }: SessionOptions, columns: number): string {
  const file = dial.unix ?? target.unix;
  if (file !== undefined) return fitted(safeLine(file), columns);
  const usual = target.secure ? 443 : 80;
  const { host, port } = target;
  return fitted(safeLine(port === usual ? host : hostPort(host, port)), columns);
}

/** The prompt, coloured. `jobs` is how many commands are at work. */
export function label(
  state: SessionState,
  options: SessionOptions,
  jobs: number,
  { chalk, width }: Ink,
): string {
  const where = place(options, Math.max(10, Math.floor(width / 3)));
  // Words have the terminal's own colour: it can be read on any background.
  const marks: Record<SessionState, string> = {
    open: chalk.green("●"),
    connecting: `${chalk.magenta("◌")} connecting`,
    waiting: `${chalk.magenta("◌")} waiting`,
    closing: `${chalk.magenta("◌")} closing`,
    closed: `${chalk.red("○")} closed`,
  };
  const work = jobs > 0 ? chalk.magenta(` ⟳${jobs > 1 ? jobs : ""}`) : "";
  return `${marks[state]} ${where}${work} ${chalk.bold("❯")} `;
}
