/** Owns turning nodes of YAML into values of JSON, within bounds that aliases cannot break. */
import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import { safeLine } from "./safe-text.js";
import { deepestYaml } from "./yaml-depth.js";
import { unquotedTemplate } from "./yaml-syntax.js";

/** The most values that a file may stand for, every use of an alias counted. */
const mostValues = 100_000;

/** The most characters of text that it may stand for, counted in the same way. */
const mostText = 8 * 1024 * 1024;

/** A key's text; numbers count as what was written. */
export function keyText({ value, source }: Scalar): string {
  return typeof value === "string" ? value : (source ?? String(value));
}

/** Told of what JSON cannot hold. */
type Tell = (node: unknown, message: string, hint?: string) => void;

/**
 * The node as a value of JSON. What is refused is told, and left out.
 * @param anchored what each alias stands for
 */
export function plainValue(
  root: Node | null,
  anchored: ReadonlyMap<unknown, Node>,
  tell: Tell,
): unknown {
  let left = mostValues;
  let text = mostText;

  const read = (node: unknown, depth: number): unknown => {
    if (left < 0) return undefined;
    if (--left < 0) {
      tell(node, `the file stands for more than ${mostValues} values`, "aliases count each time");
      return undefined;
    }
    if (depth > deepestYaml) {
      tell(node, "aliases nest too deeply here", "does an anchor hold an alias of itself?");
      return undefined;
    }
    if (isAlias(node)) {
      const target = anchored.get(node);
      return target ? read(target, depth + 1) : undefined;
    }
    if (isScalar(node) && typeof node.value === "string") {
      text -= node.value.length;
      if (text < 0) {
        left = -1;
        tell(node, "the file stands for more than 8 MiB of text", "aliases count each time");
        return undefined;
      }
    }
    if (isTemplate(node)) return tellTemplate(node);
    if (isMap(node)) return readMap(node, depth);
    if (isSeq(node)) return node.items.map((item) => read(item, depth + 1) ?? null);
    return isScalar(node) ? readScalar(node.value, node.source, node, tell) : null;
  };

  const tellTemplate = (node: YAMLMap): void => {
    const { message, hint } = unquotedTemplate(0);
    tell(node, message, hint);
  };

  const readMap = (map: YAMLMap, depth: number): Record<string, unknown> => {
    const value: Record<string, unknown> = {};
    for (const pair of map.items) {
      const key = isAlias(pair.key) ? anchored.get(pair.key) : pair.key;
      if (!isScalar(key) || key.value === null) {
        if (isTemplate(key)) tellTemplate(key);
        else tell(pair.key ?? map, "a key must be a name", "write it like name: value");
        continue;
      }
      const name = keyText(key);
      // Assigning it would not make a member, but change what the object is.
      if (name === "__proto__") {
        tell(pair.key, '"__proto__" cannot be a key');
        continue;
      }
      if (name === "<<" && key.type === "PLAIN") {
        tell(
          pair.key,
          "YAML 1.2 has no merge keys",
          'write the keys out, or give the whole value an alias; "<<" in quotes is a key',
        );
        continue;
      }
      value[name] = pair.value === null ? null : (read(pair.value, depth + 1) ?? null);
    }
    return value;
  };

  return read(root, 0);
}

/** Whether it is `{{ … }}` without quotes, which is a map whose key is a map. */
function isTemplate(node: unknown): node is YAMLMap {
  if (!isMap(node) || node.flow !== true) return false;
  const key = node.items[0]?.key;
  return isMap(key) && node.range?.[0] !== undefined && key.range?.[0] === node.range[0] + 1;
}

function readScalar(value: unknown, source: string | undefined, node: unknown, tell: Tell) {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) {
      tell(node, `${safeLine(source ?? String(value), 40)} is no number that JSON can hold`);
      return undefined;
    }
    if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? "")) {
      tell(
        node,
        `${safeLine(source!, 40)} has more digits than a number keeps`,
        "put it in quotes, or write the whole message as text",
      );
      return undefined;
    }
    return value;
  }
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  tell(node, "this is no value that JSON can hold", "put it in quotes");
  return undefined;
}
