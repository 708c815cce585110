/** Owns `$env.NAME`. */
import { nearest } from "../../base/nearest.js";
import type { Call } from "../template-syntax.js";
import type { Value } from "../value.js";
import type { Builtin, CallSite } from "./builtin.js";

function compile({ property, args }: Call, site: CallSite): Value {
  if (property === undefined || args.length > 0) {
    throw site.refuse("$env needs the name of a variable", "write it like $env.API_TOKEN");
  }
  const value = site.env?.get(property);
  if (value === undefined) {
    const guess = nearest(property, site.env?.keys() ?? []);
    throw site.refuse(
      `the environment has no ${property}`,
      guess ? `did you mean $env.${guess}?` : "set it before starting wsctl",
    );
  }
  return { name: `$env.${property}`, cadence: "constant", read: () => value };
}

/** `$env.NAME` */
export const env: Builtin = {
  signature: "$env.NAME",
  what: "a variable of the environment",
  compile,
};
