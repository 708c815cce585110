/** Owns the indentation of JSON in a pipe: all of it, two spaces a level, each part as it was written. */
import { type JsonNode, jsonTree } from "../../repl/render/json-tree.js";

/** Longer text, in characters, is nothing that anybody reads. */
const longest = 1024 * 1024;

function laidOut(node: JsonNode, indent: string): string {
  if (typeof node === "string") return node;
  const [open, close] = node.isObject ? ["{", "}"] : ["[", "]"];
  if (node.items.length === 0) return open + close;
  const deeper = `${indent}  `;
  const items = node.items.map(([key, value]) => {
    const name = key === undefined ? "" : `${key}: `;
    return `${deeper}${name}${laidOut(value, deeper)}`;
  });
  return `${open}\n${items.join(",\n")}\n${indent}${close}`;
}

/**
 * The text indented, without a line break at its end; undefined when it is no JSON object or array, or
 * too much.
 */
export function indentJson(text: string): string | undefined {
  const tree = text.length > longest ? undefined : jsonTree(text);
  return tree && laidOut(tree, "");
}
