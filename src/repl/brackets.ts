/** Owns whether a line is finished: JSON whose brackets are open goes on in the next line. */

/** Characters; beyond, the line is taken for finished. */
const longest = 1024 * 1024;

/** Whether the text begins like JSON and leaves a bracket or a string open. */
export function isUnfinished(text: string): boolean {
  if (text.length > longest) return false;
  const start = /^(?:\/(?:send|fragment\s+\d+|repeat\s+\d+\S*(?:\s+\d\S*)?)\s+)?\s*(?=[{[])/.exec(
    text,
  );
  // A hole of a template is no JSON: {{ name }}.
  if (!start || text.startsWith("{{", start[0].length)) return false;
  let depth = 0;
  let isString = false;
  for (let at = start[0].length; at < text.length; at++) {
    const char = text[at]!;
    if (isString) {
      if (char === "\\") at++;
      // JSON has no line breaks in strings: whatever this is, another line does not finish it.
      else if (char === "\n") return false;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      depth--;
      if (depth < 0) return false;
    }
  }
  return depth > 0 && !isString;
}
