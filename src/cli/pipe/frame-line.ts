/** Owns how a frame is told on one line, for `--frames` and `-P`. */
import { formatDuration, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { describeCloseCode } from "../../frame/close.js";
import { Opcode } from "../../frame/opcode.js";
import type { SessionFrame } from "../../session/session-events.js";

const names = new Map<number, string>(Object.entries(Opcode).map(([name, code]) => [code, name]));

/** What an opcode is called, such as `ping`. */
export function opcodeName(opcode: number): string {
  return names.get(opcode) ?? `opcode ${opcode}`;
}

/** The code and the reason in the payload of a close frame; what is no such payload has none. */
export function closeOf(payload: Buffer): { code: number; reason: string } | undefined {
  if (payload.length < 2) return undefined;
  return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
}

function controlText(opcode: number, payload: Buffer): string {
  const close = opcode === Opcode.close ? closeOf(payload) : undefined;
  if (!close) return payload.length === 0 ? "" : ` "${safeLine(payload.toString("utf8"), 125)}"`;
  const reason = close.reason === "" ? "" : ` "${safeLine(close.reason, 125)}"`;
  return ` ${close.code} (${describeCloseCode(close.code)})${reason}`;
}

/** The frame as it stood on the wire; safe for a terminal. */
export function frameLine(frame: SessionFrame): string {
  const { direction, at, opcode, fin, rsv, masked, length, wire, control } = frame;
  const bits = [
    fin ? "FIN" : "",
    rsv & 4 ? "RSV1" : "",
    rsv & 2 ? "RSV2" : "",
    rsv & 1 ? "RSV3" : "",
    masked ? "masked" : "",
  ].filter((bit) => bit !== "");
  const sizes = `${formatSize(length)}, ${formatSize(wire)} on the wire`;
  const said = control === undefined ? "" : controlText(opcode, control);
  return `${direction === "in" ? "←" : "→"} ${formatDuration(at)} ${opcodeName(opcode)} [${bits.join(" ")}] ${sizes}${said}`;
}
