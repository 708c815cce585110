/**
 * Owns regular expressions: RE2's syntax, matched in time linear in the message (RE2 has neither
 * backreferences nor look-ahead, and JavaScript's own engine can be made to run for hours).
 */
import { RE2JS } from "re2js";
import { WsctlError, messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** Compiling costs time that grows with the source, and no one writes longer ones by hand. */
const longest = 4096;

/** A compiled regular expression. */
type Regex = RE2JS;

const flagBits: ReadonlyMap<string, number> = new Map([
  ["i", RE2JS.CASE_INSENSITIVE],
  ["m", RE2JS.MULTILINE],
  ["s", RE2JS.DOTALL],
  ["u", 0],
]);

/**
 * Compiles a regular expression.
 * @param source RE2 syntax, without slashes
 * @param flags any of `i` (case), `m` (lines), `s` (dot takes newlines), `u` (always so)
 * @throws WsctlError WSCTL_EUSAGE
 */
export function compileRegex(source: string, flags = ""): Regex {
  const refuse = (why: string, cause?: unknown): WsctlError =>
    new WsctlError("WSCTL_EUSAGE", `not a regular expression: ${why}`, {
      hint: "RE2 syntax: no look-ahead, no backreferences; a backslash makes a character literal",
      where: [safeLine(source)],
      cause,
    });
  if (source.length > longest) throw refuse(`longer than ${longest} characters`);
  let bits = 0;
  for (const flag of flags) {
    const bit = flagBits.get(flag);
    if (bit === undefined) throw refuse(`unknown flag "${safeLine(flag)}", there are i, m and s`);
    bits |= bit;
  }
  try {
    return RE2JS.compile(source, bits);
  } catch (error) {
    throw refuse(safeLine(messageOf(error).replace(/^error parsing regexp: /, "")), error);
  }
}
