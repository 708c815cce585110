/** Owns keeping in a message of now what is ignored: there it stays as it was recorded. */
import type { JsonValue } from "../message/json.js";
import type { MessageView } from "../message/view.js";
import type { IgnoredPaths } from "./ignore.js";
import { deepest, type Overlooked } from "./json-diff.js";
import { type Leaf, leavesOf } from "./json-leaves.js";
import { isStructured } from "./learned.js";

/** Texts and numbers of one message that are looked at. */
const mostLeaves = 10_000;

/** The payload of now, with the texts and numbers of then in the places that are ignored. */
export function keepIgnored(then: MessageView, now: MessageView, ignored: IgnoredPaths): Buffer {
  if (!ignored.any || !isStructured(then) || !isStructured(now)) return now.bytes;
  const was = ignoredLeaves(then, ignored);
  let text = "";
  let done = 0;
  for (const [path, { at, raw }] of ignoredLeaves(now, ignored)) {
    const kept = was.get(path);
    if (kept === undefined || kept.raw === raw) continue;
    text += now.text!.slice(done, at) + kept.raw;
    done = at + raw.length;
  }
  return done === 0 ? now.bytes : Buffer.from(text + now.text!.slice(done));
}

/** Those of its leaves that are ignored, by their places, in their order. */
function ignoredLeaves({ json, text }: MessageView, ignored: IgnoredPaths): Map<string, Leaf> {
  const paths = new Set<string>();
  collect(json!, ignored.in(json!), { path: "", isIgnored: false, depth: 0 }, paths);
  const leaves = paths.size === 0 ? [] : leavesOf(text!, mostLeaves);
  return new Map(leaves.flatMap((leaf) => (paths.has(leaf.path) ? [[leaf.path, leaf]] : [])));
}

interface Place {
  /** As leaves have it. */
  readonly path: string;
  readonly isIgnored: boolean;
  readonly depth: number;
}

function collect(
  value: JsonValue,
  overlooked: Overlooked | undefined,
  { path, isIgnored, depth }: Place,
  paths: Set<string>,
): void {
  if (typeof value !== "object" || value === null) {
    if (isIgnored) paths.add(path);
    return;
  }
  if (depth > deepest || paths.size > mostLeaves) return;
  const isArray = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    const step = isArray ? Number(key) : key;
    const place = {
      path: path + (isArray ? `[${key}]` : `.${JSON.stringify(key)}`),
      isIgnored: isIgnored || overlooked?.has(value, step) === true,
      depth: depth + 1,
    };
    collect(item, overlooked, place, paths);
  }
}
