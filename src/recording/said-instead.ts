/** Owns how a mark keeps what went on in the place of a message that was recorded. */
import { isUtf8 } from "node:buffer";
import { Opcode } from "../frame/opcode.js";
import type { MarkLine } from "./line.js";
import type { Redactor } from "./redactor.js";

/** What was said in a message's place. */
export interface SaidInstead {
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly op: number;
  readonly payload: Buffer;
}

/** What is larger is not kept, in bytes: a line has to hold it, whatever it takes to escape it. */
const largest = 32 * 1024 * 1024;

/** It without its secrets, as the fields of a mark. */
export function insteadFields(
  { op, payload }: SaidInstead,
  redactor: Redactor,
): Pick<MarkLine, "op" | "data" | "b64" | "redacted"> {
  const hidden = redactor.payload(op, payload);
  const shown = hidden ?? payload;
  if (shown.length > largest) return {};
  const isText = op === Opcode.text && isUtf8(shown);
  const said = isText ? { data: shown.toString("utf8") } : { b64: shown.toString("base64") };
  return { op, ...said, ...(hidden ? { redacted: true } : {}) };
}
