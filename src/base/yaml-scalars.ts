/** Owns going through all scalars of YAML, within bounds that aliases cannot break. */
import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { keyText } from "./yaml-value.js";

/** So many nodes are looked at once more because an alias stands for them. */
const mostFollowed = 100_000;

/** An alias within what an alias stands for, within what … is followed so deep. */
const mostNested = 20;

/**
 * Told of a scalar: the keys of the maps that it is in, its offsets, the end excluded, and whether it is
 * itself a key.
 */
export type SeeScalar = (keys: readonly string[], from: number, to: number, isKey: boolean) => void;

/**
 * Goes through every scalar; what an alias stands for comes under its keys, too.
 * @param anchored what each alias stands for
 */
export function eachScalar(
  root: Node | null,
  anchored: ReadonlyMap<unknown, Node>,
  see: SeeScalar,
): void {
  let spare = mostFollowed;
  const walk = (node: unknown, keys: readonly string[], aliases: number): void => {
    // An alias may stand within what it stands for.
    if (aliases > 0 && (--spare < 0 || aliases > mostNested)) return;
    if (isAlias(node)) walk(anchored.get(node), keys, aliases + 1);
    else if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isScalar(key) && key.range) see(keys, key.range[0], key.range[1], true);
        walk(value, isScalar(key) ? [...keys, keyText(key)] : keys, aliases);
      }
    } else if (isSeq(node)) {
      for (const item of node.items) walk(item, keys, aliases);
    } else if (isScalar(node) && node.range) {
      see(keys, node.range[0], node.range[1], false);
    }
  };
  walk(root, [], 0);
}
