/**
 * Owns the indentation of JSON as text: only white space between its parts changes, so that numbers,
 * escapes and the order of keys stay as they were written.
 */

/** A string, a mark or anything else that stands between them. */
const part = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/** Beyond this the indentation would be most of the text. */
const deepest = 100;

/** Longer text, in characters, is nothing that anybody reads. */
const longest = 1024 * 1024;

/** The text indented by two, without a line break at its end; undefined when it is no JSON, or too much. */
export function indentJson(text: string): string | undefined {
  if (text.length > longest) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  let out = "";
  let depth = 0;
  let before = "";
  for (const [token] of text.matchAll(part)) {
    const closes = token === "}" || token === "]";
    const opened = before === "{" || before === "[";
    if (closes) depth--;
    if (depth > deepest) return undefined;
    // Nothing between the brackets keeps them together.
    if (opened ? !closes : closes || before === ",") out += `\n${"  ".repeat(depth)}`;
    if (!closes && (token === "{" || token === "[")) depth++;
    out += token === ":" ? ": " : token;
    before = token;
  }
  return out;
}
