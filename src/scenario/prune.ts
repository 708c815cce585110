/**
 * Owns cutting out of a document what is wrong with its shape, so that the meaning of the rest can
 * be looked at, and everything that is wrong be told at once.
 */
import type { z } from "zod";
import type { YamlPath } from "../base/yaml-source.js";
import type { Problem } from "./mistake.js";

/** After so many cuts the rest is not worth looking at. */
const mostRounds = 20;

/**
 * The document without what the schema refuses; undefined when no sound document is left. Indexes
 * stay what they are, so that paths still lead to their places.
 */
export function pruned<Shape>(
  schema: z.ZodType<unknown, Shape>,
  document: unknown,
  first: readonly Problem[],
): Shape | undefined {
  const copy: unknown = structuredClone(document);
  let paths: readonly YamlPath[] = first.map(({ path }) => path);
  for (let round = 0; round < mostRounds; round++) {
    for (const path of paths) if (!cut(copy, path)) return undefined;
    const { success, error } = schema.safeParse(copy);
    if (success) return copy as Shape;
    paths = error.issues.flatMap((issue) => {
      const path = issue.path as YamlPath;
      return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
    });
  }
  return undefined;
}

/** Cuts out what is at the path, or if that is missing, the map that misses it. */
function cut(root: unknown, path: YamlPath): boolean {
  const last = path.at(-1);
  if (last === undefined) return false;
  const parentPath = path.slice(0, -1);
  const parent = parentPath.reduce<unknown>(
    (value, step) =>
      (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step],
    root,
  );
  if (Array.isArray(parent)) {
    const list = parentPath.at(-1);
    // A step makes room for one that does nothing; other lists go as a whole.
    if (list !== "flow" && list !== "onReconnect") return cut(root, parentPath);
    parent[Number(last)] = { log: "" };
    return true;
  }
  if (typeof parent !== "object" || parent === null) return true;
  const map = parent as Record<string, unknown>;
  if (!Object.hasOwn(map, last)) return cut(root, parentPath);
  delete map[last];
  return true;
}
