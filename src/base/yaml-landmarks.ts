/** Owns what there is of quotes and brackets around a place in YAML that cannot be read. */
import type { CST } from "yaml";

/** Quotes and brackets before a mistake. */
export interface Landmarks {
  /** The last that begins before the mistake. */
  readonly quoted: { readonly offset: number; readonly source: string } | undefined;
  /** The innermost bracket before the mistake that nothing closes. */
  readonly unclosed: number | undefined;
  /** Whether the mistake stands between brackets. */
  readonly isInBrackets: boolean;
}

/** Finds them among the tokens of a file, whose nesting is bounded. */
export function landmarks(tokens: readonly CST.Token[], at: number): Landmarks {
  let quoted: Landmarks["quoted"];
  let unclosed: number | undefined;
  let isInBrackets = false;
  const waiting = [...tokens];
  for (let token = waiting.pop(); token; token = waiting.pop()) {
    if (token.type === "double-quoted-scalar" || token.type === "single-quoted-scalar") {
      const { offset, source } = token;
      if (offset <= at && offset >= (quoted?.offset ?? 0)) quoted = { offset, source };
    }
    if (token.type === "flow-collection") {
      const { offset } = token.start;
      const closing = token.start.source === "{" ? "flow-map-end" : "flow-seq-end";
      const end = token.end.find(({ type }) => type === closing);
      if (offset < at && !end) unclosed = Math.max(unclosed ?? 0, offset);
      if (offset < at && (!end || end.offset >= at)) isInBrackets = true;
    }
    if (token.type === "document" && token.value) waiting.push(token.value);
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) waiting.push(key);
      if (value) waiting.push(value);
    }
  }
  return { quoted, unclosed, isInBrackets };
}
