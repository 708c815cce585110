/** Owns `$pick(list)`. */
import { isJsonArray } from "../json.js";
import type { JsonValue } from "../json.js";
import type { Call, Literal } from "../template-syntax.js";
import { noContext } from "../value.js";
import type { RenderContext, Value } from "../value.js";
import type { Builtin, CallSite } from "./builtin.js";

function compile(call: Call, site: CallSite): Value {
  const [first, ...rest] = call.args;
  const example = 'write it like $pick(rooms) or $pick("red", "blue")';
  if (!first) throw site.refuse("$pick needs a list variable, or values", example);
  if (rest.length === 0 && first.kind === "name") {
    const list = site.resolve(first);
    const items = (context: RenderContext): readonly JsonValue[] => {
      const value = list.read(context);
      if (isJsonArray(value) && value.length > 0) return value;
      throw site.refuse(`${first.name} is not a list with items`, example);
    };
    const read = (context: RenderContext): JsonValue => {
      const all = items(context);
      return all[context.random.int(0, all.length - 1)]!;
    };
    if (list.cadence === "constant") items(noContext);
    return { name: call.name, cadence: "message", read };
  }
  const values = call.args.filter((arg): arg is Literal => arg.kind === "literal");
  if (values.length < call.args.length) throw site.refuse("$pick takes one list", example);
  const read = ({ random }: RenderContext): JsonValue =>
    values[random.int(0, values.length - 1)]!.value;
  return { name: call.name, cadence: "message", read };
}

/** `$pick(list)` */
export const pick: Builtin = {
  signature: "$pick(list)",
  what: "one item of a list variable, or of the values given",
  compile,
};
