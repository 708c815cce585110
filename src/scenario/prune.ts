/**
 * Owns cutting out of a document what is wrong with its shape, so that the meaning of the rest can
 * be looked at, and everything that is wrong be told at once.
 */
import type { z } from "zod";
import type { YamlPath } from "../base/yaml-source.js";
import type { Cut, Problem } from "./mistake.js";

/** After so many cuts the rest is not worth looking at. */
const mostRounds = 20;

/** A flow that does nothing. */
const idle = [{ log: "" }];

/** What takes the place of an item of a list, so that the others keep their indexes. */
const standIns: Readonly<Record<string, (index: number) => unknown>> = {
  flow: () => idle[0],
  onReconnect: () => idle[0],
  choose: () => ({ flow: idle }),
  scenarios: (index) => ({ name: unnamed(index), flow: idle }),
  profiles: (index) => ({ name: unnamed(index), share: 0 }),
  events: () => ({ at: "0s", drop: 0 }),
};

/** Never the name of another: people's scenarios are not called so. */
function unnamed(index: number): string {
  return `unnamed.${index}`;
}

/**
 * The document without what the schema refuses, and what was cut out of it; undefined when no sound
 * document is left. Indexes stay what they are, so that paths still lead to their places.
 */
export function pruned<Shape>(
  schema: z.ZodType<unknown, Shape>,
  document: unknown,
  first: readonly Problem[],
): { readonly sound: Shape; readonly cuts: readonly Cut[] } | undefined {
  const copy: unknown = structuredClone(document);
  const cuts: Cut[] = [];
  let problems: readonly Pick<Problem, "path" | "meant">[] = first;
  for (let round = 0; round < mostRounds; round++) {
    for (const { path, meant } of problems) {
      const done = cut(copy, path);
      if (!done) return undefined;
      cuts.push(meant === undefined ? done : { ...done, path: meant });
    }
    const { success, error } = schema.safeParse(copy);
    if (success) return { sound: copy as Shape, cuts };
    problems = error.issues.flatMap((issue) => {
      const path = issue.path as YamlPath;
      return issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({ path: [...path, key] }))
        : [{ path }];
    });
  }
  return undefined;
}

type Members = Record<string | number, unknown>;

/** Cuts out what is at the path, or if that is missing, the map that misses it. */
function cut(root: unknown, path: YamlPath): Cut | undefined {
  const last = path.at(-1);
  if (last === undefined) return withoutFlow(root);
  const parentPath = path.slice(0, -1);
  const parent = parentPath.reduce<unknown>(
    (value, step) => (value as Members | null | undefined)?.[step],
    root,
  );
  if (typeof parent !== "object" || parent === null) return { path, value: undefined };
  const value = (parent as Members)[last];
  const list = parentPath.at(-1);
  if (Array.isArray(parent)) {
    const standIn = typeof list === "string" ? standIns[list] : undefined;
    // Other lists go as a whole.
    if (!standIn) return cut(root, parentPath);
    parent[Number(last)] = standIn(Number(last));
    return { path, value };
  }
  const map = parent as Members;
  // A scenario without its name or its flow is still one: what else it says is looked at.
  if (parentPath.length === 2 && parentPath[0] === "scenarios") {
    if (last === "name") map[last] = unnamed(Number(list));
    else if (last === "flow") map[last] = idle;
    else delete map[last];
    return { path, value };
  }
  if (!Object.hasOwn(map, last)) return cut(root, parentPath);
  delete map[last];
  return { path, value };
}

/** The document itself misses something: a flow, if it is a document at all. */
function withoutFlow(root: unknown): Cut | undefined {
  if (typeof root !== "object" || root === null || Array.isArray(root)) return undefined;
  const map = root as Members;
  if (map["flow"] !== undefined || map["scenarios"] !== undefined) return undefined;
  map["flow"] = idle;
  return { path: ["flow"], value: undefined };
}
