/**
 * Owns the mistakes of lines: how deep they begin, and what makes them a key, an item or a text of
 * several lines.
 */
import type { Landmarks } from "./yaml-landmarks.js";

/** What is wrong with the syntax of a file. */
export interface SyntaxMistake {
  /** How many characters stand before it. */
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** Where a mistake was noticed, and what stands around it. */
export interface Noticed extends Landmarks {
  readonly text: string;
  readonly at: number;
  /** As the reader of YAML says it; never shown. */
  readonly said: string;
}

/** A line that begins in another column than it should. */
export function badIndent({ text, at, isInBrackets }: Noticed): SyntaxMistake {
  // What is noticed at the end of a line is made on the next.
  const offset = firstSign(text, at);
  const [blank = ""] = offset < lineEnd(text, at) ? [] : (/^\s*/.exec(text.slice(offset)) ?? []);
  if (blank.includes("\t")) return tabbed(offset + blank.indexOf("\t"));
  return {
    offset: offset + (offset + blank.length < text.length ? blank.length : 0),
    message: "this line begins in another column than those it belongs to",
    hint: isInBrackets
      ? "what stands in brackets over several lines is indented more than the key before it"
      : "let what belongs together begin in the same column",
  };
}

/** A tab in place of spaces. */
export function tabbed(offset: number): SyntaxMistake {
  return {
    offset,
    message: "a tab indents this line",
    hint: "YAML is indented by spaces: put two of them in place of each tab",
  };
}

/** A dash of a list that does not stand below the others. */
export function strayDash({ text, at }: Noticed): SyntaxMistake | undefined {
  const offset = firstSign(text, at);
  if (!/^-\s/.test(text.slice(offset, offset + 2))) return undefined;
  return {
    offset,
    message: "this dash is in another column than those of its list",
    hint: "let the dashes of a list stand below each other",
  };
}

/** `text: more text`, which is a map within a value. */
export function colonInText({ text, at }: Noticed): SyntaxMistake | undefined {
  const colon = text.slice(at, lineEnd(text, at)).search(/:(?:\s|$)/);
  if (colon < 0) return undefined;
  return {
    offset: at + colon,
    message: "a colon with a space behind it makes a map, and this is one already",
    hint: "put the whole text in quotes, or the map on lines of its own",
  };
}

/** A line deeper than the one before it, which it cannot belong to. */
export function indentedMore({ text, at }: Noticed): SyntaxMistake {
  const rest = text.slice(lineEnd(text, at));
  const [blank = ""] = /^\s*/.exec(rest) ?? [];
  return {
    offset: lineEnd(text, at) + (blank.length < rest.length ? blank.length : 0),
    message: "this line is indented more than the one before, which has its value already",
    hint: "let what belongs together begin in the same column",
  };
}

/** A line that should be a key with a value, and is none. */
export function noColon(noticed: Noticed): SyntaxMistake {
  const { text, at } = noticed;
  const offset = firstSign(text, at);
  if (/:\s/.test(text.slice(offset, lineEnd(text, at) + 1))) return badIndent(noticed);
  const [tight] = /^[\w$-]+:(?=\S)/.exec(text.slice(offset, offset + 100)) ?? [];
  if (tight !== undefined) {
    return {
      offset: offset + tight.length,
      message: "a space is missing behind the colon",
      hint: "write it like name: value",
    };
  }
  return {
    offset,
    message: "this line has no colon, and so is no key with a value",
    hint: "write it like name: value",
  };
}

/** A sign of a text block, with text on its own line. */
export function textBlock({ text, at }: Noticed): SyntaxMistake | undefined {
  const start = lineStart(text, at);
  const before = /(?:^|[\s:-])([|>])[^\s|>]*\s*$/.exec(text.slice(start, at));
  if (!before) return undefined;
  return {
    offset: start + text.slice(start, at).lastIndexOf(before[1]!),
    message: `behind ${before[1]} text begins on the next line`,
    hint: `put it there, indented; a text that begins with ${before[1]} goes in quotes`,
  };
}

/** A list that begins behind something else. */
export function listOnLine({ text, at, isInBrackets }: Noticed): SyntaxMistake | undefined {
  if (text[at] !== "-" || isInBrackets) return undefined;
  return {
    offset: at,
    message: "a list begins on a line of its own",
    hint: "put the dash on the next line, or write the list like [a, b]",
  };
}

/** Where the line of an offset begins. */
export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

/** Where the line of an offset ends, its line feed excluded. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** The first sign that is no space, from the place on within its line. */
function firstSign(text: string, at: number): number {
  const [blank = ""] = /^[ \t]*/.exec(text.slice(at, lineEnd(text, at))) ?? [];
  return at + blank.length;
}
