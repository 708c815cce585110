/**
 * Owns the words for what is no YAML: one mistake, at the place where it was made rather than where
 * the reader of YAML noticed, and what to do about it.
 */
import type { CST, YAMLError } from "yaml";
import { landmarks } from "./yaml-landmarks.js";
import {
  badIndent,
  colonInText,
  indentedMore,
  lineEnd,
  lineStart,
  listOnLine,
  noColon,
  strayDash,
  tabbed,
  textBlock,
  type Noticed,
  type SyntaxMistake,
} from "./yaml-lines.js";

type Explain = (noticed: Noticed) => SyntaxMistake | undefined;

const expression = /\{\{\s*[$\w][\w$.-]*(?:\([^{}]*\))?\s*\}\}/g;

/**
 * The mistake behind the first of several errors: the others mostly follow from it.
 * @param errors at least one
 */
export function syntaxMistake(
  text: string,
  tokens: readonly CST.Token[],
  errors: readonly YAMLError[],
): SyntaxMistake {
  const first = errors.reduce((best, each) => (each.pos[0] < best.pos[0] ? each : best));
  const at = first.pos[0];
  const noticed = { ...landmarks(tokens, at), text, at, said: first.message };
  return (
    bareTemplate(noticed) ??
    openQuote(noticed) ??
    longQuote(noticed) ??
    explanations[first.code]?.(noticed) ?? {
      offset: at,
      message: "this cannot be read as YAML",
      hint: "text with signs in it goes in quotes",
    }
  );
}

/** A warning, such as a tag that nobody knows, is a mistake where a file means something. */
export function syntaxWarning({ code, pos }: YAMLError): SyntaxMistake {
  const [offset] = pos;
  return code === "TAG_RESOLVE_FAILED"
    ? { offset, message: "there is no such tag", hint: "text that begins with ! goes in quotes" }
    : { offset, message: "there is no such directive", hint: "take out the line with the %" };
}

const explanations: Readonly<Partial<Record<YAMLError["code"], Explain>>> = {
  TAB_AS_INDENT: ({ at }) => tabbed(at),
  BAD_INDENT: (noticed) => unclosedBracket(noticed) ?? badIndent(noticed),
  MISSING_CHAR: (noticed) =>
    (/must end with/.test(noticed.said) ? unclosedBracket(noticed) : undefined) ??
    (noticed.isInBrackets ? missingComma(noticed) : (strayDash(noticed) ?? noColon(noticed))),
  BLOCK_AS_IMPLICIT_KEY: (noticed) =>
    strayDash(noticed) ?? colonInText(noticed) ?? indentedMore(noticed),
  MULTILINE_IMPLICIT_KEY: (noticed) => strayDash(noticed) ?? noColon(noticed),
  BAD_SCALAR_START: ({ text, at }) => ({
    offset: at,
    message: `text cannot begin with ${text[at] ?? "this"}`,
    hint: "put it in quotes",
  }),
  UNEXPECTED_TOKEN: (noticed) =>
    textBlock(noticed) ?? strayBracket(noticed) ?? listOnLine(noticed) ?? missingComma(noticed),
  BAD_DQ_ESCAPE: ({ at }) => badEscape(at),
  BAD_ALIAS: ({ at }) => ({
    offset: at,
    message: "an anchor or alias needs a name",
    hint: "text that begins with & or * goes in quotes",
  }),
  KEY_OVER_1024_CHARS: ({ at }) => ({
    offset: at,
    message: "a key is longer than 1024 characters",
    hint: "is there a colon too many, or a quote too few?",
  }),
};

/** What is said of a backslash that makes no escape. */
export function badEscape(offset: number): SyntaxMistake {
  return {
    offset,
    message: "there is no such escape",
    hint: "write \\\\ for a backslash, or put the text in single quotes, where it stands for itself",
  };
}

/** In all of a file; each of them takes the reader of YAML a while. */
const mostBadEscapes = 100;

const escape =
  /\\(?:[0abefnrtvN_LP "/\\\t\n\r]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})|(\\)/g;

/** The bad escapes of a file, counted up to where they are too many. */
export class BadEscapes {
  #first: number | undefined;
  #count = 0;

  /**
   * @param text in double quotes
   * @param offset how much of the file stands before it
   * @returns where the first one of the file is, if by now there are very many of them
   */
  tooMany(text: string, offset: number): number | undefined {
    for (const { index, 1: bad } of text.matchAll(escape)) {
      if (bad === undefined) continue;
      this.#first ??= offset + index;
      if (++this.#count > mostBadEscapes) return this.#first;
    }
    return undefined;
  }
}

/** `{{ name }}` that is not in quotes: to YAML, braces are maps. */
function bareTemplate({ text, at, quoted }: Noticed): SyntaxMistake | undefined {
  const start = lineStart(text, at);
  for (const { index } of text.slice(start, lineEnd(text, at)).matchAll(expression)) {
    const offset = start + index;
    const isQuoted =
      quoted && offset > quoted.offset && offset < quoted.offset + quoted.source.length;
    if (offset <= at && !isQuoted) return unquotedTemplate(offset);
  }
  return undefined;
}

/** What is said of a template without its quotes. */
export function unquotedTemplate(offset: number): SyntaxMistake {
  return {
    offset,
    message: "a template is not in quotes, and braces are maps of YAML",
    hint: 'put the whole text in quotes: "{{ name }}"',
  };
}

/** A quote that was forgotten makes the next one close the text, lines later. */
function longQuote({ text, at, quoted }: Noticed): SyntaxMistake | undefined {
  if (!quoted?.source.includes("\n")) return undefined;
  const end = quoted.offset + quoted.source.length;
  if (quoted.offset !== at && (end > at || text.slice(end, at).trim() !== "")) return undefined;
  return {
    offset: quoted.offset,
    message: "the quote that opens here is closed only lines later",
    hint: `put the closing ${quoted.source[0]} where its text ends`,
  };
}

function openQuote({ quoted, said }: Noticed): SyntaxMistake | undefined {
  if (!quoted || !said.startsWith("Missing closing")) return undefined;
  const sign = quoted.source[0]!;
  return {
    offset: quoted.offset,
    message: "the quote that opens here is never closed",
    hint: `put a ${sign} where its text ends; within the text it is written ${sign === "'" ? "''" : '\\"'}`,
  };
}

function unclosedBracket({ text, at, unclosed }: Noticed): SyntaxMistake | undefined {
  if (unclosed === undefined) return undefined;
  // It may be there, on a line that begins too far to the left.
  const [next] = /[[\]{}]/.exec(text.slice(at, lineEnd(text, at))) ?? [];
  if (at > lineEnd(text, unclosed) && next === (text[unclosed] === "{" ? "}" : "]")) {
    return undefined;
  }
  const [sign, closing] = text[unclosed] === "{" ? ["{", "}"] : ["[", "]"];
  const hasComment = /\s#/.test(text.slice(unclosed, lineEnd(text, unclosed)));
  return {
    offset: unclosed,
    message: `the ${sign} that opens here is never closed`,
    hint: hasComment
      ? `put its ${closing} before the #, which makes the rest of the line a comment; a text with a # goes in quotes`
      : `put a ${closing} where it ends; text with brackets in it goes in quotes`,
  };
}

function strayBracket({ text, at }: Noticed): SyntaxMistake | undefined {
  const sign = text[at];
  if (sign !== "}" && sign !== "]") return undefined;
  return {
    offset: at,
    message: `this ${sign} closes nothing`,
    hint: "take it out, or open a bracket for it; text with brackets in it goes in quotes",
  };
}

function missingComma({ text, at, quoted, isInBrackets }: Noticed): SyntaxMistake {
  const before = text.slice(0, at).trimEnd();
  const isBehindQuote =
    quoted !== undefined && before.length === quoted.offset + quoted.source.length;
  if (isBehindQuote && !/^["[{,]/.test(text.slice(at).trimStart())) {
    return {
      offset: at,
      message: "text goes on behind its closing quote",
      hint: "put all of it in quotes; within \"…\" a quote is written \\\", within '…' it is ''",
    };
  }
  if (isInBrackets) {
    return {
      offset: at,
      message: "a comma is missing before this",
      hint: "members are told apart by commas; text with brackets or commas in it goes in quotes",
    };
  }
  return {
    offset: at,
    message: "this does not belong to what stands before it",
    hint: "text with brackets or quotes in it goes in quotes as a whole",
  };
}
