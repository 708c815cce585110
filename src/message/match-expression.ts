/** Owns the matcher as one writes it on one line, for `--filter`, `--expect` and the prompt. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { JsonValue } from "./json.js";
import { compileMatcher } from "./matcher.js";
import type { Matcher, MatchSpec } from "./matcher.js";

/*
 * match     = condition / regex / prefixed / plain
 * condition = path [ operator operand ]               ; no operator: the path selects something
 * path      = "$" …                                   ; RFC 9535
 * operator  = "==" / "!=" / ">" / ">=" / "<" / "<=" / "=~" / "contains"
 * operand   = JSON / bare word                        ; done is "done"; =~ takes a regex
 * regex     = "/" RE2 "/" [ flags ]                   ; found anywhere in the text; flags: i m s
 * prefixed  = "text:" TEXT                            ; the whole text, exactly
 *           / "hex:" HEX                              ; the first bytes
 *           / "opcode:" ( "text" / "binary" / "close" / "ping" / "pong" )
 *           / "contains:" TEXT                        ; text that looks like one of the others
 * plain     = TEXT                                    ; found anywhere in the text
 *
 * A path begins with "$" and then ".", "[", an operator or nothing, so that "$5 paid" is plain
 * text. White space around operators may be left out, except with "contains". A text that begins
 * with "/" but does not end like a regex (`/etc/passwd`) is plain, too.
 */

const operators: ReadonlyMap<string, keyof MatchSpec> = new Map<string, keyof MatchSpec>([
  ["==", "equals"],
  ["!=", "notEquals"],
  [">=", "gte"],
  ["<=", "lte"],
  [">", "gt"],
  ["<", "lt"],
  ["=~", "matches"],
  ["contains", "contains"],
]);

const prefixes: ReadonlyMap<string, keyof MatchSpec> = new Map<string, keyof MatchSpec>([
  ["text", "text"],
  ["hex", "binary"],
  ["opcode", "opcode"],
  ["contains", "contains"],
]);

/** What may stand before a colon and means something. */
export const matchPrefixes: ReadonlySet<string> = new Set(prefixes.keys());

const beginsPath = /^\$(?:[.[]|$|\s*(?:[=!<>]|contains\s))/;

/** `/…/flags`, with JavaScript's flags, so that `/a/g` is told of its mistake and not searched for. */
const slashed = /^\/(.*)\/([dgimsuvy]*)$/s;

/**
 * Compiles a matcher written on one line; see the grammar above.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseMatchExpression(source: string): Matcher {
  return compileMatcher(matchSpecOf(source));
}

/**
 * The spec that a matcher written on one line stands for; it may still be one that cannot be compiled.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function matchSpecOf(source: string): MatchSpec {
  const text = source.trim();
  if (text === "") throw refuse(source, "it is empty");
  if (beginsPath.test(text)) return readPath(text);
  if (slashed.test(text)) return { matches: readRegex(text) };
  const [, prefix = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  const key = prefixes.get(prefix);
  return key ? { [key]: rest } : { contains: text };
}

function readPath(text: string): MatchSpec {
  const at = findOperator(text);
  if (at === undefined) return { json: text };
  const [, symbol = "", operand = ""] = /^([=!<>~]+|\S+)\s*(.*)$/s.exec(text.slice(at)) ?? [];
  const key = operators.get(symbol);
  if (!key) {
    throw refuse(text, `there is no operator "${safeLine(symbol, 20)}"`);
  }
  if (operand === "") throw refuse(text, `"${symbol}" needs a value after it`);
  const json = text.slice(0, at).trimEnd();
  const value = key === "matches" ? readRegex(operand) : readOperand(operand);
  return { json, [key]: value };
}

/** Where the operator begins: at the first sign or word of its own outside of quotes and brackets. */
function findOperator(text: string): number | undefined {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "[") depth++;
    else if (char === "]") depth--;
    else if (depth === 0 && /[=!<>]/.test(char)) return at;
    else if (depth === 0 && /\s/.test(char)) return at + text.slice(at).search(/\S/);
  }
  return undefined;
}

/** `/…/i`, or the bare source. The flags travel within the source, as RE2 allows. */
function readRegex(text: string): string {
  const [, source, flags = ""] = slashed.exec(text) ?? [];
  if (source === undefined) return text;
  const known = flags.replaceAll("u", "");
  if (/[^ims]/.test(known)) {
    throw refuse(text, `unknown flag in "${safeLine(flags, 20)}", there are i, m and s`);
  }
  return known === "" ? source : `(?${known})${source}`;
}

/** JSON, or a word that stands for itself. */
function readOperand(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    const quoted = /^'(.*)'$/s.exec(text);
    if (quoted) return quoted[1]!;
    if (/^["{[]/.test(text)) throw refuse(text, "the value is not JSON");
    return text;
  }
}

function refuse(source: string, why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a match: ${why}`, {
    hint: `write it like '$.op == "done"', '$.n > 5', '/^ok/i', 'text:hello', 'hex:0001', 'opcode:ping' or plain text; operators: ${[...operators.keys()].join(" ")}`,
    where: [safeLine(source)],
  });
}
