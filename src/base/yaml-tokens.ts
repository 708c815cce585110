/** Owns reading the tokens of YAML, within bounds on how much there may be of what takes long. */
import { type CST, Lexer, Parser } from "yaml";
import { formatCount } from "./quantity.js";
import { deepestYaml, isTooDeep } from "./yaml-depth.js";
import { badEscape, BadEscapes } from "./yaml-syntax.js";

/** Words, brackets, spaces and ends of lines, each for one. */
const mostSigns = 100_000;

/**
 * What may be a mistake each time, of which nobody writes many: tags, anchors, aliases, commas in a row
 * and brackets that close nothing. A mistake takes many times as long as a word.
 */
const mostOddities = 10_000;

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

const fewer = "put data into files of their own, and what is alike into a loop";

function tooMany(count: number, what: string, offset: number): Refusal {
  return {
    offset,
    message: `the file is too large: with this it has more than ${formatCount(count)} ${what}`,
    hint: fewer,
  };
}

/**
 * The tokens of a text, or why there are none.
 * @param onNewLine is told of the offset of each line
 */
export function tokensOf(text: string, onNewLine: (offset: number) => void): CST.Token[] | Refusal {
  const tokens: CST.Token[] = [];
  const parser = new Parser(onNewLine);
  onNewLine(0);
  const escapes = new BadEscapes();
  let signs = 0;
  let oddities = 0;
  let open = 0;
  let before = "";
  for (const sign of new Lexer().lex(text)) {
    if (++signs > mostSigns) {
      return tooMany(mostSigns, "words, signs and line ends", parser.offset);
    }
    if (opening.has(sign)) open++;
    else if (closing.has(sign) && --open < 0) {
      open = 0;
      oddities++;
    } else if (isOdd(sign, before)) oddities++;
    if (oddities > mostOddities) {
      return tooMany(mostOddities, "anchors, aliases, tags and stray signs", parser.offset);
    }
    if (sign.trim() !== "") before = sign;
    tokens.push(...parser.next(sign));
    // The rest of what is far too deep need not be read to know.
    if (parser.stack.length > 2 * deepestYaml) return tooDeep;
    if (!sign.startsWith('"')) continue;
    const escape = escapes.tooMany(sign, parser.offset - sign.length);
    if (escape !== undefined) return badEscape(escape);
  }
  tokens.push(...parser.end());
  // The composer recurses: what is nested by the thousand would end the process.
  return isTooDeep(tokens) ? tooDeep : tokens;
}

const opening: ReadonlySet<string> = new Set(["[", "{"]);
const closing: ReadonlySet<string> = new Set(["]", "}"]);

/** @param before the sign before it that is no space */
function isOdd(sign: string, before: string): boolean {
  if (sign === ",") return before === "," || opening.has(before);
  return /^[!&*%]/.test(sign);
}
