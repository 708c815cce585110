/** Owns `$randomString(length)`. */
import type { Call } from "../template-syntax.js";
import type { RenderContext, Value } from "../value.js";
import { integers } from "./builtin.js";
import type { Builtin, CallSite } from "./builtin.js";

const longest = 65_536;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function compile(call: Call, site: CallSite): Value {
  const [length] = integers(call, site, 1, "$randomString(16)") as [number];
  if (length < 1 || length > longest) {
    throw site.refuse(`a random string has 1 to ${longest} characters, not ${length}`);
  }
  const draw = ({ random }: RenderContext): string => {
    let text = "";
    while (text.length < length) text += alphabet[random.int(0, alphabet.length - 1)]!;
    return text;
  };
  return {
    name: call.name,
    cadence: "message",
    read: draw,
    isText: true,
    write: (into, at, width, context) =>
      width === length && into.write(draw(context), at, width, "latin1") === width,
  };
}

/** `$randomString(length)` */
export const randomString: Builtin = {
  signature: "$randomString(length)",
  what: "letters and digits",
  compile,
};
