/** Owns reading the tokens of YAML, within bounds on how much there may be of what takes long. */
import { type CST, Lexer, Parser } from "yaml";
import { deepestYaml, isTooDeep } from "./yaml-depth.js";
import { badEscape, manyBadEscapes } from "./yaml-syntax.js";

/**
 * Words, brackets, spaces and ends of lines, each for one. Every mistake takes some as well, so that
 * this bounds what is found in a file, and how long that takes.
 */
const mostSigns = 50_000;

/** Why a file is not read any further. */
interface Refusal {
  /** How many characters stand before it. */
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

const tooDeep: Refusal = {
  offset: 0,
  message: `something is nested more than ${deepestYaml} levels deep`,
};

const tooMany: Refusal = {
  offset: 0,
  message: `the file has more than ${mostSigns} words and signs`,
  hint: "put data into files of their own, and what is alike into a loop",
};

/**
 * The tokens of a text, or why there are none.
 * @param onNewLine is told of the offset of each line
 */
export function tokensOf(text: string, onNewLine: (offset: number) => void): CST.Token[] | Refusal {
  const tokens: CST.Token[] = [];
  const parser = new Parser(onNewLine);
  onNewLine(0);
  let left = mostSigns;
  for (const sign of new Lexer().lex(text)) {
    if (--left < 0) return tooMany;
    tokens.push(...parser.next(sign));
    // The rest of what is far too deep need not be read to know.
    if (parser.stack.length > 2 * deepestYaml) return tooDeep;
    const escape = sign.startsWith('"') ? manyBadEscapes(sign) : undefined;
    if (escape !== undefined) return badEscape(parser.offset - sign.length + escape);
  }
  tokens.push(...parser.end());
  // The composer recurses: what is nested by the thousand would end the process.
  return isTooDeep(tokens) ? tooDeep : tokens;
}
