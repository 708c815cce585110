/** Owns the built-ins that are numbers of the engine: sequences, the index, the time of day. */
import type { RenderContext } from "../value.js";
import { plain } from "./builtin.js";
import type { Builtin } from "./builtin.js";
import { writeDigits } from "./digits.js";

/** A whole number not below zero that may change with every message. */
function counter(
  signature: string,
  what: string,
  read: (context: RenderContext) => number,
): Builtin {
  return plain(signature, what, {
    cadence: "message",
    read,
    write: (into, at, width, context) => writeDigits(into, at, width, read(context)),
  });
}

/** `$seq` */
export const seq = counter(
  "$seq",
  "the message's sequence on its connection",
  (context) => context.seq,
);

/** `$lastSeq` */
export const lastSeq = counter(
  "$lastSeq",
  "the last sequence received on this connection",
  (context) => context.lastSeq,
);

/** `$now` */
export const now = counter("$now", "milliseconds since 1970", (context) => context.now);

/** `$index` */
export const index = plain("$index", "the connection's global index", {
  cadence: "connection",
  read: (context) => context.index,
});
