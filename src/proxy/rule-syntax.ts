/**
 * Owns how a rule of the proxy is written:
 *
 *     rule      = [ direction ":" ] match WSP "=>" WSP action
 *     direction = "in" / "out"                       ; from the server, from the client; else both
 *     match     = "*" / match-expression             ; "*" is every message
 *     action    = "drop"
 *               / "delay" WSP time                     ; what comes after it waits behind it
 *               / "replace" WSP ( TEMPLATE / "@" FILE )
 *               / "edit" WSP path "=" value          ; of JSON: the value, or a member more
 *               / "close" WSP CODE [ WSP REASON ]
 *     time      = duration [ ( "±" / "+-" ) duration ] / delay    ; as `wsctl serve --delay` has it
 *
 * The arrow that counts is the first one outside of quotes and of a regex. White space around it
 * must be there, so that `a=>b` can be looked for.
 */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { formatDuration, parseDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { isValidCloseCode } from "../frame/close.js";
import { matchPrefixes } from "../message/match-expression.js";
import { type Delay, parseDelay } from "../serve/delay.js";

/** What is done with a message; texts are not compiled yet. */
export type RuleAction =
  | { readonly kind: "drop" }
  | { readonly kind: "delay"; readonly delay: Delay }
  | { readonly kind: "replace"; readonly template: string }
  | { readonly kind: "replace-file"; readonly path: string }
  | { readonly kind: "edit"; readonly path: string; readonly value: string }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** A rule taken apart. */
export interface RuleSpec {
  /** `out` is from the client, `in` from the server; undefined is both. */
  readonly direction: "in" | "out" | undefined;
  /** A match expression; undefined for every message. */
  readonly match: string | undefined;
  readonly action: RuleAction;
}

/** Bytes of a close reason (RFC 6455 §5.5: 125, less the two of the code). */
const longestReason = 123;

type Reader = (rest: string, rule: string) => RuleAction;

const actions: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["drop", readDrop],
  ["delay", readDelay],
  ["replace", readReplace],
  ["edit", readEdit],
  ["close", readClose],
]);

/**
 * Takes a rule apart; see the grammar above.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseRule(text: string): RuleSpec {
  const [, direction, rest = ""] = /^\s*(?:(in|out):)?(.*)$/s.exec(text) ?? [];
  const arrow = findArrow(rest);
  if (!arrow) {
    const isTight = rest.includes("=>");
    throw refuse(text, isTight ? "its => wants a space on either side" : "it has no =>");
  }
  const match = rest.slice(0, arrow.start).trim();
  refuseDirection(match, text);
  if (match === "") throw refuse(text, "there is nothing before the =>; * is every message");
  const [, word = "", after = ""] = /^(\S*)\s*(.*)$/s.exec(rest.slice(arrow.end).trim()) ?? [];
  const read = actions.get(word);
  if (!read) {
    const meant = nearest(word, actions.keys());
    const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw refuse(text, `it does not say what to do: "${safeLine(word, 40)}"${guess}`);
  }
  return {
    direction: direction as RuleSpec["direction"],
    match: match === "*" ? undefined : match,
    action: read(after, text),
  };
}

/** What looks like a direction: a word before a colon that nothing else begins with. */
const beforeColon = /^([A-Za-z][\w-]*):(?!\/\/)/;

/** @throws WsctlError WSCTL_EUSAGE for a direction that is none, which would be looked for as text */
function refuseDirection(match: string, rule: string): void {
  const [, word] = beforeColon.exec(match) ?? [];
  if (word === undefined || matchPrefixes.has(word)) return;
  throw new WsctlError("WSCTL_EUSAGE", `not a rule: "${safeLine(word, 40)}" is no direction`, {
    hint:
      "in: is from the server, out: from the client, neither is both; to look for this text " +
      `write contains:${safeLine(match, 60)}`,
    where: [safeLine(rule)],
  });
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The arrow that ends the match. Where quotes or a regex are not closed they are no quotes and no
 * regex, but letters such as the one in "it's", and the first arrow counts.
 */
function findArrow(text: string): Place | undefined {
  const arrows = [...text.matchAll(/(?<=^|\s)=>(?=\s|$)/g)].map(({ index }) => index);
  const start = arrows.find((at) => isOutside(text.slice(0, at))) ?? arrows[0];
  return start === undefined ? undefined : { start, end: start + 2 };
}

/** A regex stands alone, or behind `=~`. */
const beginsRegex = /^\s*(?:\$[^"']*?=~\s*)?\//;
const endsRegex = /^\s*(?:\$[^"']*?=~\s*)?\/.*(?<!\\)(?:\\\\)*\/[dgimsuvy]*\s*$/s;
const beginsWithQuotes = /^\s*\$/;

/** Whether a match that ends here is closed in itself. */
function isOutside(before: string): boolean {
  if (beginsRegex.test(before)) return endsRegex.test(before);
  // Only what begins as a path has quotes; elsewhere they are letters.
  if (!beginsWithQuotes.test(before)) return true;
  let quote = "";
  for (let at = 0; at < before.length; at++) {
    const char = before[at]!;
    if (quote === "") {
      if (char === '"' || char === "'") quote = char;
    } else if (char === "\\") at++;
    else if (char === quote) quote = "";
  }
  return quote === "";
}

function readDrop(rest: string, rule: string): RuleAction {
  if (rest !== "") throw refuse(rule, `drop takes nothing: "${safeLine(rest, 40)}"`);
  return { kind: "drop" };
}

function readDelay(rest: string, rule: string): RuleAction {
  if (rest === "") throw refuse(rule, "delay needs a time, such as 200ms or 200ms±50ms");
  return { kind: "delay", delay: readTime(rest, rule) };
}

function readTime(time: string, rule: string): Delay {
  try {
    const [middle = "", spread, ...more] = time.split(/\s*(?:±|\+-)\s*/);
    if (spread === undefined || more.length > 0) return parseDelay(time);
    const [mean, around] = [parseDuration(middle), parseDuration(spread)];
    if (around > mean)
      throw refuse(rule, `${formatDuration(around)} is more than the delay itself`);
    return parseDelay(`uniform=${mean - around}ms..${mean + around}ms`);
  } catch (error) {
    if (!(error instanceof WsctlError) || error.where.length > 0) throw error;
    const { code, message, hint } = error;
    throw new WsctlError(code, message, { hint, where: [safeLine(rule)], cause: error });
  }
}

function readReplace(rest: string, rule: string): RuleAction {
  if (rest === "") throw refuse(rule, "replace needs a text, or @file");
  if (rest.startsWith("@")) return { kind: "replace-file", path: rest.slice(1) };
  return { kind: "replace", template: rest };
}

function readEdit(rest: string, rule: string): RuleAction {
  const at = assignment(rest);
  if (at === undefined) throw refuse(rule, "edit is written like: edit $.price = 9.99");
  const [path, value] = [rest.slice(0, at).trim(), rest.slice(at + 1).trim()];
  if (value === "") throw refuse(rule, `edit needs a value for ${safeLine(path, 60)}`);
  return { kind: "edit", path, value };
}

/** Where the `=` is that stands in no quotes. */
function assignment(text: string): number | undefined {
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "=") return at;
  }
  return undefined;
}

function readClose(rest: string, rule: string): RuleAction {
  const [, digits = "", reason = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const code = Number(digits);
  if (!/^\d{4}$/.test(digits) || !isValidCloseCode(code)) {
    throw refuse(rule, "close needs a code that may be sent: 1000–1014, 3000–4999");
  }
  if (Buffer.byteLength(reason) > longestReason) {
    throw refuse(rule, `a close reason has at most ${longestReason} bytes`);
  }
  return { kind: "close", code, reason };
}

function refuse(rule: string, why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a rule: ${why}`, {
    hint:
      `write it like 'out:$.op == "buy" => drop'; there is ` +
      "drop, delay 200ms±50ms, replace TEXT, replace @FILE, edit $.a = 1, close 1011 REASON",
    where: [safeLine(rule)],
  });
}
