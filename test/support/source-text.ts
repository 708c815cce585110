/**
 * Owns the reading of TypeScript source as text: what is code and what is comment, string, template
 * or regular expression, and which modules a file imports. A scanner, not a parser: enough to hold
 * imports against a table, with nothing to install.
 */

/** One module that a file names. */
export interface Import {
  /** What stands between the quotes; undefined when `import(…)` is given something computed. */
  readonly specifier: string | undefined;
  /** Whether the whole statement is `import type` or `export type`, so that nothing of it runs. */
  readonly typeOnly: boolean;
  /** The line of the statement, from 1. */
  readonly line: number;
}

/** Words after which a `/` starts a regular expression instead of dividing. */
const beforeExpression = new Set(
  "return typeof instanceof in of new delete void throw case do else yield await default".split(
    " ",
  ),
);

/** Everything but line breaks becomes a space, so that offsets and lines stay as they were. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** The offset just after the string that starts at `start` with a `'` or `"`. */
function endOfString(source: string, start: number): number {
  const quote = source[start];
  let at = start + 1;
  while (at < source.length && source[at] !== quote && source[at] !== "\n") {
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(at + 1, source.length);
}

/** The offset just after the body of the regular expression that starts at `start`. */
function endOfRegex(source: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  while (at < source.length && source[at] !== "\n" && (inClass || source[at] !== "/")) {
    if (source[at] === "[") inClass = true;
    if (source[at] === "]") inClass = false;
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(at + 1, source.length);
}

/** The offset of the backtick or `${` that ends the stretch of template text from `start`. */
function endOfTemplateText(source: string, start: number): number {
  let at = start;
  while (at < source.length && source[at] !== "`" && !source.startsWith("${", at)) {
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, source.length);
}

/** Whether a `/` after this code divides: it follows a value. */
function endsInValue(code: string): boolean {
  const last = /([\w$]+|[)\]}"'`]|\+\+|--)\s*$/.exec(code.trimEnd().slice(-40))?.[1];
  return last !== undefined && !beforeExpression.has(last);
}

/**
 * The source with every comment, and the inside of every string, template text and regular
 * expression, turned into spaces. Same length, same line breaks; quotes stay.
 */
export function maskSource(source: string): string {
  let code = "";
  // One entry for each `${` we are inside of: how many braces are open in it.
  const holes: number[] = [];
  const keep = (end: number): void => {
    code += source.slice(code.length, end);
  };
  const hide = (end: number): void => {
    code += blank(source.slice(code.length, end));
  };
  const templateText = (): void => {
    hide(endOfTemplateText(source, code.length));
    if (source[code.length] === "$") {
      holes.push(0);
      keep(code.length + 2);
    } else {
      keep(code.length + 1);
    }
  };
  while (code.length < source.length) {
    const at = code.length;
    const next = source[at];
    const depth = holes.at(-1);
    if (next === '"' || next === "'") {
      const end = endOfString(source, at);
      keep(at + 1);
      hide(Math.max(end - 1, at + 1));
      keep(end);
    } else if (next === "`") {
      keep(at + 1);
      templateText();
    } else if (next === "}" && depth === 0) {
      holes.pop();
      keep(at + 1);
      templateText();
    } else if (source.startsWith("//", at)) {
      const end = source.indexOf("\n", at);
      hide(end === -1 ? source.length : end);
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      hide(end === -1 ? source.length : end + 2);
    } else if (next === "/" && !endsInValue(code)) {
      hide(endOfRegex(source, at));
    } else {
      if (depth !== undefined && next === "{") holes[holes.length - 1] = depth + 1;
      if (depth !== undefined && next === "}") holes[holes.length - 1] = depth - 1;
      keep(at + 1);
    }
  }
  return code;
}

/** What stands before the quote of a specifier: with a clause, bare, re-export, dynamic. */
const importForms = [
  /(?<![\w$.])import\b\s*(?<type>type\b(?!\s*from\b))?[\w$*{},\s]+?\bfrom\s*(?<quote>["'])/g,
  /(?<![\w$.])import\s*(?<quote>["'])/g,
  /(?<![\w$.])export\s*(?<type>type\b)?\s*(?:\*(?:\s*as\s+[\w$]+)?|\{[^{}]*\})\s*from\s*(?<quote>["'])/g,
  /(?<![\w$.])import\s*\(\s*(?<quote>["'`])?/g,
];

/**
 * Every module that a source names: `import`, `export … from`, type-only or not, and `import()`,
 * as an expression or as a type. In the order of the lines.
 *
 * @param source - the file's text
 * @param code - the same text masked by {@link maskSource}
 */
export function importsOf(source: string, code: string): Import[] {
  const found = new Map<number, Import>();
  for (const form of importForms) {
    for (const match of code.matchAll(form)) {
      const { type, quote } = match.groups ?? {};
      const start = match.index + match[0].length;
      const end = quote === undefined ? -1 : code.indexOf(quote, start);
      const text = end === -1 ? undefined : source.slice(start, end);
      found.set(match.index, {
        specifier: text?.includes("${") ? undefined : text,
        typeOnly: type !== undefined,
        line: code.slice(0, match.index).split("\n").length,
      });
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, one]) => one);
}
