/** Owns what a pipe came to: its exit code, and what is to be said of it. */
import { WsctlError } from "../../base/errors.js";
import { formatCount, formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { describeCloseCode } from "../../frame/close.js";
import type { SessionEnd } from "../../session/session-events.js";
import { ExitCode } from "../exit-codes.js";
import type { ErrorReport } from "../render-error.js";
import type { Goals } from "./goals.js";

/** Why a pipe closes the connection; undefined when it did not. */
export type Why =
  /** All was sent, and the other side has been silent. */
  | "silence"
  /** What was asked for has come. */
  | "met"
  /** What was asked for has not come in time. */
  | "timeout"
  /** The time that it was given is over. */
  | "over"
  | "interrupted"
  /** The input cannot be read or sent. */
  | "input";

/** What is known at the end of a session. */
export interface Course {
  readonly why: Why | undefined;
  readonly end: SessionEnd;
  readonly goals: Goals;
  /** Milliseconds that were waited for the goals. */
  readonly wait: number;
  /** Messages that did not arrive, or may not have. */
  readonly lost: number;
}

/** What came of it. */
export interface Outcome {
  readonly exitCode: number;
  readonly report: ErrorReport | undefined;
}

const wellClosed = new Set([1000, 1005]);

function howItEnded({ code, reason, by, error }: SessionEnd): string[] {
  if (error) return [error.message, ...(error instanceof WsctlError ? error.where : [])];
  const said = reason === "" ? "" : `, saying "${safeLine(reason, 125)}"`;
  const who = by === "us" ? "we closed it" : "the server closed it";
  return [`${who} with ${code} (${describeCloseCode(code)})${said}`];
}

function unmet({ why, end, goals, wait }: Course): Outcome {
  const { missing } = goals;
  if (why === "timeout") {
    const report = {
      code: "WSCTL_EWAIT",
      message: `what was asked for did not come within ${formatDuration(wait)}`,
      where: missing,
      hint: "--wait gives it longer; --json shows all that came",
    };
    return { exitCode: ExitCode.waited, report };
  }
  if (why === "over") {
    const message = "the time was over before what was asked for had come";
    const report = {
      code: "WSCTL_EWAIT",
      message,
      where: missing,
      hint: "a longer --duration may help",
    };
    return { exitCode: ExitCode.waited, report };
  }
  const report = {
    code: "WSCTL_EEXPECT",
    message: "the connection was over before what was asked for had come",
    where: [...missing, ...(why === undefined ? howItEnded(end) : [])],
    hint: "--json shows all that came",
  };
  return { exitCode: ExitCode.unmet, report };
}

function abnormal(message: string, end: SessionEnd, hint?: string): Outcome {
  const report = { code: "WSCTL_ELOST", message, where: howItEnded(end), hint };
  return { exitCode: ExitCode.abnormal, report };
}

/** What a session came to that was not interrupted and whose input was in order. */
export function outcomeOf(course: Course): Outcome {
  const { why, end, goals, lost } = course;
  if (!goals.isMet) return unmet(course);
  // Once all has come that was asked for, a careless end changes nothing.
  if (goals.any) return { exitCode: ExitCode.ok, report: undefined };
  if (end.error) {
    const { error } = end;
    if (!(error instanceof WsctlError)) return abnormal("the connection broke", end);
    const { code, message, hint, where } = error;
    return { exitCode: ExitCode.abnormal, report: { code, message, hint, where } };
  }
  if (lost > 0) {
    const count = lost === 1 ? "1 message" : `${formatCount(lost)} messages`;
    const message = `${count} did not go out, or nobody knows whether they arrived`;
    return abnormal(message, end, "a connection that ends takes what is on its way with it");
  }
  if (why === undefined && !wellClosed.has(end.code)) {
    return abnormal(`the server closed the connection with ${end.code}`, end);
  }
  return { exitCode: ExitCode.ok, report: undefined };
}
