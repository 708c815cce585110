/** Owns how a frame is told on one line, for `--frames` and `-P`. */
import { formatDuration, formatSize } from "../../base/quantity.js";
import { controlText, frameBits, opcodeName } from "../../session/frame-text.js";
import type { SessionFrame } from "../../session/session-events.js";

/** The frame as it stood on the wire; safe for a terminal. */
export function frameLine(frame: SessionFrame): string {
  const { direction, at, opcode, length, wire } = frame;
  const arrow = direction === "in" ? "←" : "→";
  const what = `${opcodeName(opcode)} [${frameBits(frame).join(" ")}]`;
  const sizes = `${formatSize(length)}, ${formatSize(wire)} on the wire`;
  return `${arrow} ${formatDuration(at)} ${what} ${sizes} ${controlText(frame)}`.trimEnd();
}
