/** Owns how what stands in a hole becomes a value: names are looked up once, when compiling. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import { builtins } from "./builtins.js";
import type { CallSite } from "./builtin/builtin.js";
import { member } from "./json.js";
import type { JsonValue } from "./json.js";
import { isName } from "./name.js";
import { mistake } from "./template-syntax.js";
import type { Call, Expression, Name } from "./template-syntax.js";
import type { Binding, NameScope, Value } from "./value.js";

/**
 * The value that an expression stands for.
 * @param source the template, for messages
 * @throws WsctlError WSCTL_EUSAGE for unknown names and wrong arguments
 */
export function resolve(expression: Expression, source: string, scope: NameScope): Value {
  if (expression.kind === "name") return resolveName(expression, source, scope);
  if (expression.kind === "call") return resolveCall(expression, source, scope);
  const { value } = expression;
  return { name: String(value), cadence: "constant", read: () => value };
}

function resolveCall(call: Call, source: string, scope: NameScope): Value {
  const builtin = builtins.get(call.name);
  const site: CallSite = {
    env: scope.env,
    resolve: (name) => resolveName(name, source, scope),
    refuse: (what, hint) => mistake(source, call.column, what, hint),
  };
  if (!builtin) {
    const guess = nearest(call.name, builtins.keys());
    const all = [...builtins.values()].map(({ signature }) => signature).join(", ");
    throw site.refuse(
      `there is no built-in ${safeLine(call.name, 60)}`,
      guess ? `did you mean ${builtins.get(guess)!.signature}?` : `there are ${all}`,
    );
  }
  if (call.property !== undefined && call.name !== "$env") {
    throw site.refuse(`${call.name} has no member ${safeLine(call.property, 60)}`);
  }
  return builtin.compile(call, site);
}

function resolveName({ name, column }: Name, source: string, scope: NameScope): Value {
  const found = isName(name) ? findBinding(name, scope) : undefined;
  if (!found) throw unknownName(name, column, source, scope);
  const { binding, bound, members } = found;
  if ("value" in binding) {
    const value = dig(binding.value, members);
    if (value === undefined) throw mistake(source, column, `${bound} has no ${members.join(".")}`);
    return { name, cadence: "constant", read: () => value };
  }
  return {
    name,
    cadence: binding.per,
    read: (context) => {
      const value = dig(context.variable(bound), members);
      if (value !== undefined) return value;
      throw new WsctlError("WSCTL_EUSAGE", `${name} has no value yet`, {
        hint: "a step before this one must set or capture it",
        where: [`column ${column} of ${safeLine(source)}`],
      });
    },
  };
}

interface Found {
  readonly binding: Binding;
  /** The name that is bound. */
  readonly bound: string;
  /** What follows it: `session.user.id` when `session` is bound. */
  readonly members: readonly string[];
}

/** The longest beginning of the name that the scope binds. */
function findBinding(name: string, { names }: NameScope): Found | undefined {
  const parts = name.split(".");
  for (let length = parts.length; length > 0; length--) {
    const bound = parts.slice(0, length).join(".");
    const binding = names.get(bound);
    if (binding) return { binding, bound, members: parts.slice(length) };
  }
  return undefined;
}

function dig(value: JsonValue | undefined, members: readonly string[]): JsonValue | undefined {
  return members.reduce<JsonValue | undefined>(member, value);
}

function unknownName(
  name: string,
  column: number,
  source: string,
  { names }: NameScope,
): WsctlError {
  // Layers may have the same name.
  const known = [...new Set(names.keys())];
  const columns = known.filter((each) => each.startsWith(`${name}.`));
  // Someone who writes `uuid` means `$uuid`.
  const guess = nearest(name, [...known, ...builtins.keys()]);
  let hint = known.length > 0 ? `there are ${known.slice(0, 20).join(", ")}` : "no name is known";
  if (guess !== undefined) hint = `did you mean ${guess}?`;
  if (columns.length > 0) hint = `did you mean ${columns.slice(0, 5).join(" or ")}?`;
  return mistake(source, column, `unknown name ${safeLine(name, 60)}`, hint);
}
