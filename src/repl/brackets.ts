/** Owns whether a line is finished: JSON whose brackets are open goes on in the next line. */

/** Characters; beyond, the line is taken for finished. */
const longest = 1024 * 1024;

/** What may stand before JSON. */
const before = /^(?:\/(?:send|fragment\s+\d+|repeat\s+\d+\S*(?:\s+\d\S*)?)\s+)?\s*(?=[{[])/;

/**
 * Where a key of JSON would begin at the end of the text, quotation mark included: it stands in an
 * object, behind its bracket or a comma. Undefined anywhere else.
 */
export function keyStart(text: string): number | undefined {
  const start = before.exec(text);
  if (!start || text.length > longest) return undefined;
  const open: string[] = [];
  let quote: number | undefined;
  // The last sign that is neither in a string nor white space, and none of the key begun.
  let last = "";
  for (let at = start[0].length; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== undefined) {
      if (char === "\\") at++;
      else if (char === '"') quote = undefined;
      if (quote === undefined) last = '"';
      continue;
    }
    if (char === '"') quote = at;
    else if (/\S/.test(char)) {
      if (char === "{" || char === "[") open.push(char);
      else if (char === "}" || char === "]") open.pop();
      last = char;
    }
  }
  if (open.at(-1) !== "{" || (last !== "{" && last !== ",")) return undefined;
  return quote ?? text.length;
}

/** Whether the text begins like JSON and leaves a bracket or a string open. */
export function isUnfinished(text: string): boolean {
  if (text.length > longest) return false;
  const start = before.exec(text);
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
