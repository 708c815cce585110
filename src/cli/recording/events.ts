/** Owns a recording as JSON lines, version 1: what happened, by the names that `connect --json` has for it. */
import { toMicroseconds } from "../../base/microseconds.js";
import { safeText } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import { isMessage } from "../../recording/har/line-kind.js";
import type { KnownLine, MarkLine, OtherLine, RecordingHeader } from "../../recording/line.js";
import { payloadLength } from "../../recording/payload.js";
import { opcodeName } from "../../session/frame-text.js";

/** JSON leaves C1 and bidi controls as they are; the escapes that make them harmless are JSON's. */
function jsonLine(value: object): string {
  return `${safeText(JSON.stringify(value).replaceAll("\u007f", "\\u007f"))}\n`;
}

/** What a mark keeps of what was said in a message's place, by the names that messages have. */
function insteadOf(
  line: KnownLine | OtherLine,
  more: object,
): { facts: object; opcode?: number; type?: string; size?: number } {
  const { op, data, b64 } = line as MarkLine;
  if (line.k !== "mark" || op === undefined) return { facts: more };
  const { op: _op, ...facts } = more as Partial<MarkLine>;
  return { opcode: op, type: opcodeName(op), size: payloadLength({ data, b64 }), facts };
}

/** The first line; of several recordings, with which one it is. */
export function startEvent(
  { wsrec: _wsrec, ...header }: RecordingHeader,
  of?: { readonly number: number; readonly name: string },
): string {
  const which = of && { recording: of.number, file: of.name };
  const known = { event: "start", version: 1, ...which };
  return jsonLine({ ...known, ...header, ...known });
}

/**
 * One line of the recording; `time` is in ms since the start.
 * @param number where it stands in the file
 * @param after ms that are added to its time
 * @param recording of several, from 1: which one it is of
 */
export function lineEvent(
  number: number,
  line: KnownLine | OtherLine,
  after = 0,
  recording?: number,
): string {
  const { t, k, ...more } = line;
  const time = after === 0 ? t : toMicroseconds(t + after);
  const of = recording === undefined ? undefined : { recording };
  if (!isMessage(line)) {
    const { facts, ...said } = insteadOf(line, more);
    const known = { event: k, time, line: number, ...of, ...said };
    // Known names first, and whatever a file has by the same names does not take their places.
    return jsonLine({ ...known, ...facts, ...known });
  }
  const { op: opcode, ...facts } = more;
  const isData = line.op === Opcode.text || line.op === Opcode.binary;
  const known = {
    event: isData ? "message" : "frame",
    time,
    line: number,
    ...of,
    direction: k,
    opcode,
    type: opcodeName(line.op),
    size: payloadLength(line),
  };
  return jsonLine({ ...known, ...facts, ...known });
}
