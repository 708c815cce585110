/** Owns telling the lines of a recording that this version knows from those that it does not. */
import type { KnownLine, MessageLine, OtherLine } from "../recording/line.js";
import { isControl } from "../frame/opcode.js";

const kinds: ReadonlySet<string> = new Set(["upgrade", "in", "out", "gap", "mark", "close", "end"]);

/** The line, if its kind is known; its fields were checked when it was read. */
export function asKnown(line: KnownLine | OtherLine): KnownLine | undefined {
  return kinds.has(line.k) ? (line as KnownLine) : undefined;
}

/** Whether it is a message, and no ping or pong. */
export function isData({ op }: MessageLine): boolean {
  return !isControl(op);
}

/** Whether it is a message that came. */
export function isAnswer(line: KnownLine | OtherLine): boolean {
  const known = asKnown(line);
  return known?.k === "in" && isData(known);
}
