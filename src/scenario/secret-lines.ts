/**
 * Owns what may be secret in a file that cannot be read as YAML: nobody knows what belongs to what in
 * it, so everything behind a telling name counts as its value. Rather too much than too little.
 */
import { isSecretKey } from "./redact.js";

/** Offsets: from (included) to (excluded). */
export type Range = readonly [number, number];

/** Whatever may be a name, escapes included. */
const word = /[\w.\\-]+/g;

/** What stands before a name: the beginning of a line, a key or an item; or that it is a name. */
const beforeName = /(?:^|[\n{[,]|[-?](?=[ \t])|\b(?:name|key|header)["']?[ \t]*[:=])[ \t]*["']?$/i;

/** What stands behind a name that has a value. */
const behindName = /^["']?[ \t]*[:=][ \t]*/;

/** So many characters are looked at on either side of a name, and for a key at the beginning of a line. */
const glance = 64;
const longestKey = 256;

/** What follows such a word is a secret (RFC 9110 §11.4). */
const credentials = /\b(?:bearer|basic|token)[ \t]+[^\s"',\]}]+/gi;

/** What goes by such a name is made by chance: words behind it are said of it, and not it. */
const chance = /token|jwt|auth|signature|ticket|session|cookie|^value$/i;
const chosen = /pass|pwd|key|secret|credential|pin|otp/i;

/** Two words and more to the end of the line, and nothing else. */
const sentence = /^[A-Za-z][a-z]{0,13}(?:,?[ \t]+[A-Za-z][a-z]{0,13})+[.!?]?[ \t]*$/;
const longestSentence = 200;

/** A word, or signs, that `token` has behind it in a sentence. */
const remark =
  /^(?:is|was|has|had|in|at|of|on|for|from|with|to|the|and|or|not|no|may|must|should|cannot|could|does|did|found|given|expected|expires|expired|invalid|missing|provided|received|required|revoked|refused|rejected|[^A-Za-z0-9]{1,3})[.:;!?]?$/i;

/** A line that begins with a key. */
const keyed =
  /^[ \t]*(?:[-?][ \t]+)*[{[]?[ \t]*(?:"[\w.$\\-]+"[ \t]*:|'[\w.$-]+'[ \t]*:|[\w.$-]+[ \t]*:(?=\s|$))/;

/** The columns of a tab, which YAML has none of: rather too deep than not deep enough. */
const tab = 8;

/**
 * The secret parts of a text; takes linear time, whatever the text.
 * @param mayBeSaid whether it may be a sentence about secrets, as a text within a message is: there
 * `Invalid token: expected integer` hides nothing
 */
export function secretsOfLines(text: string, mayBeSaid = false): Range[] {
  const found: Range[] = [];
  const words = new RegExp(word);
  for (let match = words.exec(text); match; match = words.exec(text)) {
    const [name] = match;
    const from = match.index + name.length;
    if (!isTelling(unescaped(name)) || !isName(text, match.index, from)) continue;
    const [sign = ""] = behindName.exec(text.slice(from, from + glance)) ?? [];
    const before = found.length;
    const end = hideBlock(text, match.index, from + sign.length, found);
    // What stands on the lines below belongs to it: that is no sentence, or not all of it.
    const isLine = found.length === before + 1 && !sign.includes("=");
    if (mayBeSaid && isLine && isSentence(text, match.index, from + sign.length)) found.pop();
    // What is hidden need not be looked at.
    else words.lastIndex = end;
  }
  for (const { index, 0: whole } of text.matchAll(credentials)) {
    const space = whole.search(/[ \t]/);
    const isToken = whole.slice(0, space).toLowerCase() === "token";
    if (mayBeSaid && isToken && remark.test(whole.slice(space).trim())) continue;
    found.push([index + space, index + whole.length]);
  }
  return found;
}

/** Whether the name at one offset stands amid a sentence, and what begins at the other ends it. */
function isSentence(text: string, at: number, from: number): boolean {
  const before = text.slice(Math.max(0, at - glance), at);
  const name = /^[\w.\\-]*/.exec(text.slice(at, at + glance))![0];
  if (!chance.test(name) || chosen.test(name) || !/[A-Za-z][ \t]+$/.test(before)) return false;
  const [line = ""] = text.slice(from, from + longestSentence).split("\n", 1);
  return line.length < longestSentence && sentence.test(line);
}

/** The value of `{ name: authorization, value: … }` may stand before its name. */
function isTelling(name: string): boolean {
  return name === "value" || isSecretKey(name);
}

/** Whether the word from one offset to another is in the place of a name. */
function isName(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - glance), from);
  // Parameters of addresses are found as such.
  if (/[?&]$/.test(before)) return false;
  return beforeName.test(before) || behindName.test(text.slice(to, to + glance));
}

/**
 * Adds the block of the name at that offset, line by line: it ends before a line that has a key and is
 * not indented deeper.
 * @param from where what belongs to the name begins
 * @returns where the block ends
 */
function hideBlock(text: string, at: number, from: number, found: Range[]): number {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const before = text.slice(start, at);
  // Within a line nobody knows how deep it is; a list may stand right below its key.
  const isFirst = /^[ \t]*(?:[-?][ \t]+)*["']?$/.test(before);
  const [lead = ""] = (isFirst ? /^[^"']*/ : /^[ \t]*/).exec(before) ?? [];
  const depth = width(lead);
  let end = lineEnd(text, at);
  found.push([from, end]);
  // Within brackets lines are indented as anybody likes.
  let open = /[[{]/.test(text[from] ?? "") ? bracketsOpen(text, from, end) : 0;
  while (end < text.length) {
    const line = text.slice(end, Math.min(end + longestKey, lineEnd(text, end)));
    const [blank = ""] = /^[ \t]*/.exec(line) ?? [];
    const own = width(blank);
    const isItem = isFirst && own === depth && /^[ \t]*-\s/.test(line);
    if (open <= 0 && own <= depth && !isItem && keyed.test(line)) return end;
    const next = lineEnd(text, end);
    if (open > 0) open += bracketsOpen(text, end, next);
    found.push([end + blank.length, next]);
    end = next;
  }
  return end;
}

/** How many more brackets are opened than closed; those within quotes count, for want of knowing. */
function bracketsOpen(text: string, from: number, to: number): number {
  let open = 0;
  for (let at = from; at < to; at++) {
    if (text[at] === "{" || text[at] === "[") open++;
    else if (text[at] === "}" || text[at] === "]") open--;
  }
  return open;
}

/** Behind the line's end. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

function width(lead: string): number {
  let columns = 0;
  for (const sign of lead) columns += sign === "\t" ? tab : 1;
  return columns;
}

/** The name that `"pass\u0077ord"` stands for. */
function unescaped(name: string): string {
  if (!name.includes("\\")) return name;
  return name
    .replace(/\\(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8})/gi, (escape) => {
      const code = Number.parseInt(escape.slice(2), 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : "";
    })
    .replaceAll("\\", "");
}
