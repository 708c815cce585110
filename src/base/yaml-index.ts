/** Owns what a document of YAML names: what its aliases stand for, and the members of its maps. */
import { type Document, isAlias, isMap, isScalar, type Node, type Pair, visit } from "yaml";
import { safeLine } from "./safe-text.js";
import { keyText } from "./yaml-value.js";

/** What is found by name. */
export interface YamlIndex {
  /** What each alias stands for. */
  readonly anchored: ReadonlyMap<unknown, Node>;
  /** The members of each map by their keys. */
  readonly pairs: ReadonlyMap<unknown, ReadonlyMap<string, Pair>>;
}

/**
 * Goes through a document once.
 * @param tell of aliases of nothing, and of keys that are there twice
 * @param lineOf the line on which a node stands, from 1
 */
export function indexOf(
  document: Document.Parsed,
  tell: (node: unknown, message: string, hint: string) => void,
  lineOf: (node: unknown) => number,
): YamlIndex {
  const anchors = new Map<string, Node>();
  const anchored = new Map<unknown, Node>();
  const pairs = new Map<unknown, ReadonlyMap<string, Pair>>();
  visit(document, {
    Alias: (_key, alias) => {
      const target = anchors.get(alias.source);
      if (target) anchored.set(alias, target);
      else {
        tell(
          alias,
          `nothing before this has the anchor &${safeLine(alias.source, 60)}`,
          "text that begins with * goes in quotes",
        );
      }
    },
    Node: (_key, node) => {
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isMap(node)) return;
      const own = new Map<string, Pair>();
      for (const pair of node.items) {
        if (!isScalar(pair.key)) continue;
        const text = keyText(pair.key);
        const before = own.get(text);
        if (before) {
          const hint = `keep one of them: it stands on line ${lineOf(before.key)} already`;
          tell(pair.key, `"${safeLine(text, 60)}" is there twice`, hint);
        }
        own.set(text, pair);
      }
      pairs.set(node, own);
    },
  });
  return { anchored, pairs };
}
