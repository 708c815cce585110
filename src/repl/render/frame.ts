/** Owns how a frame looks, and how the end of a connection does. */
import { WsctlError } from "../../base/errors.js";
import { formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { describeCloseCode } from "../../frame/close.js";
import type { Ink } from "../../report/ink.js";
import { controlText, frameBits, opcodeName } from "../../session/frame-text.js";
import type { SessionEnd, SessionFrame } from "../../session/session-events.js";
import { hanging } from "../hanging.js";
import { arrow, stamp } from "./stamp.js";

/** One frame on one line. */
export function drawFrame(frame: SessionFrame, time: number, delta: number, ink: Ink): string {
  const { chalk } = ink;
  const { direction, opcode, length, wire } = frame;
  const words = [opcodeName(opcode), ...frameBits(frame), controlText(frame)];
  const sizes = `${formatSize(length)} payload, ${formatSize(wire)} on the wire`;
  const facts = `${words.filter((word) => word !== "").join(" ")} · ${sizes}`;
  return `${stamp(time, delta, chalk)}${arrow(direction, chalk)} ${chalk.dim(`▪ ${facts}`)}`;
}

const sides = { us: "by us", them: "by the server" };

/** How it ended, and what is known of why. */
export function drawEnd({ code, reason, by, error }: SessionEnd, { chalk, width }: Ink): string {
  const whom = by === undefined ? "" : ` ${sides[by]}`;
  const said = reason === "" ? "" : ` "${safeLine(reason)}"`;
  const isNormal = code === 1000 || code === 1001 || code === 1005;
  const color = isNormal ? chalk.cyan : chalk.red;
  const line = `${color(`closed${whom}: ${code}${said}`)} ${chalk.dim(describeCloseCode(code))}`;
  if (!error) return line;
  const lines = [line, hanging("    ", chalk.red(safeLine(error.message)), width)];
  if (error instanceof WsctlError) {
    lines.push(...error.where.map((each) => hanging("    ", chalk.dim(safeLine(each)), width)));
    if (error.hint) {
      lines.push(hanging("    ", `${chalk.cyan("hint:")} ${safeLine(error.hint)}`, width));
    }
  }
  return lines.join("\n");
}
