/**
 * Owns templates within JSON: every text in a value is a template, and what comes out is JSON
 * whatever the values are.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { jsonText, type JsonValue } from "./json.js";
import { resolve } from "./resolve.js";
import { asText, assemble } from "./template.js";
import type { Encode, Hole, Template } from "./template.js";
import { parseTemplate } from "./template-syntax.js";
import type { NameScope } from "./value.js";

const deepest = 100;
const maxNodes = 100_000;

/** A value of its own: text in quotes, everything else with its type. */
const asJson: Encode = jsonText;

/** Within a text: no quotes around it, but escaped as they ask for. */
const withinText: Encode = (value) => JSON.stringify(asText(value)).slice(1, -1);

/**
 * Compiles a JSON value whose texts are templates; it renders to JSON text. A text that is one
 * hole and nothing else keeps the type of its value: `{"n":"{{ $seq }}"}` gives `{"n":1}`. Keys
 * are no templates.
 * @throws WsctlError WSCTL_EUSAGE as {@link compileTemplate}, with the path of the text; for what
 * JSON cannot hold; for `__proto__` as a key
 */
export function compileJsonTemplate(value: JsonValue, names: NameScope): Template {
  const pieces: (string | Hole)[] = [];
  let nodes = 0;

  const walk = (node: unknown, path: string, depth: number): void => {
    if (depth > deepest) throw refuse(`nested deeper than ${deepest} levels`, path);
    if (++nodes > maxNodes) throw refuse(`more than ${maxNodes} values`, "$");
    if (typeof node === "string") return pushText(node, path);
    if (node === null || typeof node === "boolean") return void pieces.push(String(node));
    if (typeof node === "number" && Number.isFinite(node)) return void pieces.push(asJson(node));
    if (Array.isArray(node)) {
      pieces.push("[");
      for (const [index, item] of node.entries()) {
        if (index > 0) pieces.push(",");
        walk(item, `${path}[${index}]`, depth + 1);
      }
      return void pieces.push("]");
    }
    if (typeof node !== "object" || !isPlain(node)) throw refuse("JSON has no such value", path);
    let separator = "{";
    for (const [key, item] of Object.entries(node)) {
      if (key === "__proto__") throw refuse('"__proto__" cannot be a key', path);
      pieces.push(`${separator}${asJson(key)}:`);
      walk(item, `${path}.${key}`, depth + 1);
      separator = ",";
    }
    pieces.push(separator === "{" ? "{}" : "}");
  };

  const pushText = (source: string, path: string): void => {
    try {
      const parsed = parseTemplate(source);
      const [only] = parsed;
      if (parsed.length === 1 && typeof only === "object") {
        pieces.push(...wholeHole({ value: resolve(only, source, names), encode: asJson }));
        return;
      }
      pieces.push('"');
      for (const piece of parsed) {
        pieces.push(
          typeof piece === "string"
            ? withinText(piece)
            : { value: resolve(piece, source, names), encode: withinText },
        );
      }
      pieces.push('"');
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      const { code, message, hint, where } = error;
      throw new WsctlError(code, message, { hint, where: [...where, `at ${safeLine(path)}`] });
    }
  };

  walk(value, "$", 0);
  return assemble(pieces);
}

/**
 * A hole that is a whole value. What can be overwritten in place must have its quotes outside of
 * it: those values are either numbers or text that needs no escaping.
 */
function wholeHole(hole: Hole): readonly (string | Hole)[] {
  return hole.value.isText ? ['"', { value: hole.value, encode: asText }, '"'] : [hole];
}

function isPlain(node: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

function refuse(what: string, path: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `template: ${what}`, { where: [`at ${safeLine(path)}`] });
}
