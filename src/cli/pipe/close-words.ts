/** Owns how a close is told in a pipe: its code, what that is called, and the reason that was given. */
import { safeLine } from "../../base/safe-text.js";
import { describeCloseCode } from "../../frame/close.js";

/** `1000 (Normal Closure), reason "done"`; safe for a terminal. */
export function closeWords(code: number, reason: string): string {
  const [name] = describeCloseCode(code).split(":");
  return `${code} (${name})${reason === "" ? "" : `, reason "${safeLine(reason, 125)}"`}`;
}
