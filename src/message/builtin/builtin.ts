/** Owns what a built-in is: a name with a `$` that every template knows. */
import type { WsctlError } from "../../base/errors.js";
import type { Call, Name } from "../template-syntax.js";
import type { Value } from "../value.js";

/** Where a built-in is used. */
export interface CallSite {
  readonly env: ReadonlyMap<string, string> | undefined;
  /** The value of a name among the arguments. */
  resolve(name: Name): Value;
  /** A mistake here. */
  refuse(what: string, hint?: string): WsctlError;
}

/** One built-in. */
export interface Builtin {
  /** How it is written: `$randomInt(min, max)`. */
  readonly signature: string;
  /** What it gives, for the manual. */
  readonly what: string;
  readonly compile: (call: Call, site: CallSite) => Value;
}

/** A built-in without arguments. */
export function plain(signature: string, what: string, value: Omit<Value, "name">): Builtin {
  const compile = (call: Call, site: CallSite): Value => {
    if (call.args.length > 0) throw site.refuse(`${signature} takes no arguments`);
    return { name: signature, ...value };
  };
  return { signature, what, compile };
}

/** The arguments, if they are `count` whole numbers. */
export function integers(
  call: Call,
  site: CallSite,
  count: number,
  example: string,
): readonly number[] {
  const numbers = call.args.map((arg) => (arg.kind === "literal" ? arg.value : undefined));
  if (numbers.length !== count || !numbers.every(Number.isSafeInteger)) {
    const expected = count === 1 ? "a whole number" : `${count} whole numbers`;
    throw site.refuse(`${call.name} takes ${expected}`, `write it like ${example}`);
  }
  return numbers as readonly number[];
}
