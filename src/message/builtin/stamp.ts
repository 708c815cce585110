/** Owns `$stamp`. */
import { stampLength, writeStamp } from "../stamp.js";
import type { RenderContext } from "../value.js";
import { plain } from "./builtin.js";

const scratch = Buffer.alloc(stampLength);

function write(
  into: Buffer,
  at: number,
  { run, index, seq, stampSeq = seq, micros }: RenderContext,
): void {
  writeStamp(into, at, run, index, stampSeq, micros);
}

/** `$stamp` */
export const stamp = plain("$stamp", `the correlation stamp, ${stampLength} characters`, {
  cadence: "message",
  read: (context) => {
    write(scratch, 0, context);
    return scratch.toString("latin1");
  },
  isText: true,
  write: (into, at, width, context) => {
    if (width !== stampLength) return false;
    write(into, at, context);
    return true;
  },
});
