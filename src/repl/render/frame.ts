/** Owns how a frame looks, and how the end of a connection does. */
import { WsctlError } from "../../base/errors.js";
import { formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { describeCloseCode } from "../../frame/close.js";
import { Opcode } from "../../frame/opcode.js";
import type { Ink } from "../../report/ink.js";
import type { SessionEnd, SessionFrame } from "../../session/session-events.js";
import { arrow, stamp } from "./stamp.js";

const names = new Map<number, string>(Object.entries(Opcode).map(([name, code]) => [code, name]));

const flags = [
  [4, "RSV1"],
  [2, "RSV2"],
  [1, "RSV3"],
] as const;

function controlText({ opcode, control }: SessionFrame): string {
  if (!control || control.length === 0) return "";
  if (opcode === Opcode.close && control.length >= 2) {
    const reason = safeLine(control.toString("utf8", 2));
    return ` ${control.readUInt16BE(0)}${reason === "" ? "" : ` "${reason}"`}`;
  }
  const text = control.toString("utf8");
  return text.includes("�") ? ` ${control.toString("hex")}` : ` "${safeLine(text)}"`;
}

/** One frame on one line. */
export function drawFrame(frame: SessionFrame, time: number, delta: number, ink: Ink): string {
  const { chalk } = ink;
  const { direction, opcode, fin, rsv, masked, length, wire } = frame;
  const words = [
    names.get(opcode) ?? `opcode 0x${opcode.toString(16)}`,
    fin ? "FIN" : "",
    ...flags.map(([bit, name]) => ((rsv & bit) === 0 ? "" : name)),
    masked ? "MASK" : "",
  ].filter((word) => word !== "");
  const sizes = `${formatSize(length)} payload, ${formatSize(wire)} on the wire`;
  const facts = `${words.join(" ")}${controlText(frame)} · ${sizes}`;
  return `${stamp(time, delta, chalk)}${arrow(direction, chalk)} ${chalk.dim(`▪ ${facts}`)}`;
}

const sides = { us: "by us", them: "by the server" };

/** How it ended, and what is known of why. */
export function drawEnd({ code, reason, by, error }: SessionEnd, { chalk }: Ink): string {
  const whom = by === undefined ? "" : ` ${sides[by]}`;
  const said = reason === "" ? "" : ` "${safeLine(reason)}"`;
  const isNormal = code === 1000 || code === 1001 || code === 1005;
  const color = isNormal ? chalk.cyan : chalk.red;
  const line = `${color(`closed${whom}: ${code}${said}`)} ${chalk.dim(describeCloseCode(code))}`;
  if (!error) return line;
  const lines = [line, `    ${chalk.red(safeLine(error.message))}`];
  if (error instanceof WsctlError) {
    lines.push(...error.where.map((each) => chalk.dim(`    ${safeLine(each)}`)));
    if (error.hint) lines.push(`    ${chalk.cyan("hint:")} ${safeLine(error.hint)}`);
  }
  return lines.join("\n");
}
