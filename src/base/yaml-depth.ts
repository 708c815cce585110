/** Owns the bound on nesting of YAML, held before anything recurses over it. */
import type { CST } from "yaml";

/** More levels than this are refused. */
export const deepestYaml = 100;

/** Whether anything in these tokens is nested more than {@link deepestYaml} levels deep. */
export function isTooDeep(tokens: readonly CST.Token[]): boolean {
  const waiting = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { token, depth } = next;
    // A document's content is no level of its own.
    if (depth > deepestYaml + 1) return true;
    if (token.type === "document" && token.value) waiting.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) waiting.push({ token: key, depth: depth + 1 });
      if (value) waiting.push({ token: value, depth: depth + 1 });
    }
  }
  return false;
}
