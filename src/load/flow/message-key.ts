/**
 * Owns what a request is known by under correlation by id. Where the value comes from a number or a
 * name it is taken from there; else it is read from what was made, at the cost of parsing it.
 */
import { compileJsonPath } from "../../message/json-path.js";
import { compileJsonTemplate } from "../../message/json-template.js";
import type { JsonValue } from "../../message/json.js";
import type { NameScope } from "../../message/value.js";
import type { UserContext } from "./context.js";
import type { Prepared } from "./prepared.js";

/**
 * The key of the message that was just made from this context.
 * @param prepared its bytes; without them `text` is the whole message
 */
export type KeyOf = (
  context: UserContext,
  prepared: Prepared | undefined,
  text: string | undefined,
) => JsonValue | undefined;

/** Drawn anew with each rendering: a second one would give another value. */
const drawn: ReadonlySet<string> = new Set(["$uuid", "$randomInt", "$randomString", "$pick"]);

/** A text that is nothing but one of the built-ins without arguments. */
const lone = /^\s*\{\{\s*(\$seq|\$uuid)\s*\}\}\s*$/;

/**
 * Compiles the key of a JSON message.
 * @param path the JSONPath of the request's id
 * @throws WsctlError WSCTL_EUSAGE for a path or a template that cannot be compiled
 */
export function compileKey(message: JsonValue, path: string, names: NameScope): KeyOf {
  const compiled = compileJsonPath(path);
  const node = compiled.first(message);
  const parse: KeyOf = (_context, prepared, text) =>
    compiled.first(JSON.parse(text ?? prepared!.bytes.toString("utf8")) as JsonValue);
  if (node === undefined) return () => undefined;
  if (typeof node !== "string") {
    return typeof node === "object" && node !== null ? parse : () => node;
  }
  const name = lone.exec(node)?.[1];
  if (name === "$seq") return ({ seq }) => seq;
  if (name === "$uuid") {
    return (context, prepared, text) => prepared?.read(name) ?? parse(context, prepared, text);
  }
  const template = compileJsonTemplate(node, names);
  if (template.constant !== undefined) {
    const value = JSON.parse(template.constant) as JsonValue;
    return () => value;
  }
  for (const each of template.uses) if (drawn.has(each)) return parse;
  return (context) => JSON.parse(template.render(context)) as JsonValue;
}
