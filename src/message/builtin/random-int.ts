/** Owns `$randomInt(min, max)`. */
import type { Call } from "../template-syntax.js";
import type { Value } from "../value.js";
import { integers } from "./builtin.js";
import type { Builtin, CallSite } from "./builtin.js";
import { writeDigits } from "./digits.js";

function compile(call: Call, site: CallSite): Value {
  const [min, max] = integers(call, site, 2, "$randomInt(1, 6)") as [number, number];
  if (min > max) throw site.refuse(`from ${min} to ${max} there is nothing`, "smaller one first");
  if (max - min >= Number.MAX_SAFE_INTEGER) throw site.refuse("the range is too large");
  return {
    name: call.name,
    cadence: "message",
    read: ({ random }) => random.int(min, max),
    ...(min >= 0 &&
      String(min).length === String(max).length && {
        write: (into, at, width, { random }) => writeDigits(into, at, width, random.int(min, max)),
      }),
  };
}

/** `$randomInt(min, max)` */
export const randomInt: Builtin = {
  signature: "$randomInt(min, max)",
  what: "a whole number between the two, both included",
  compile,
};
