/** Owns the words for a frame: what its opcode and its bits are called, and what a control frame says. */
import { isUtf8 } from "node:buffer";
import { safeLine } from "../base/safe-text.js";
import { describeCloseCode } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import type { SessionFrame } from "./session-events.js";

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

/** The bits that are set in the header, such as `FIN`, `RSV1` and `masked`. */
export function frameBits({ fin, rsv, masked }: SessionFrame): string[] {
  return [
    fin ? "FIN" : "",
    rsv & 4 ? "RSV1" : "",
    rsv & 2 ? "RSV2" : "",
    rsv & 1 ? "RSV3" : "",
    masked ? "masked" : "",
  ].filter((bit) => bit !== "");
}

/**
 * What a control frame says, safe for a terminal: the text of a ping in quotes (its bytes in
 * hexadecimal, where they are no text), the code of a close frame with its meaning and its reason.
 * Empty for data frames, and for control frames that say nothing.
 */
export function controlText({ opcode, control }: SessionFrame): string {
  if (!control || control.length === 0) return "";
  const close = opcode === Opcode.close ? closeOf(control) : undefined;
  if (!close) {
    return isUtf8(control)
      ? `"${safeLine(control.toString("utf8"), 125)}"`
      : control.toString("hex");
  }
  const reason = close.reason === "" ? "" : ` "${safeLine(close.reason, 125)}"`;
  return `${close.code} (${describeCloseCode(close.code)})${reason}`;
}
