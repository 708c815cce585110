/** Owns the body of a response as people read it: its text, and of a page the text without the tags. */
import { safeLine } from "../base/safe-text.js";
import { headerValue, type UpgradeResponse } from "../frame/upgrade.js";

/** Characters; an excerpt is a line of an error, and no more. */
const longest = 300;

/** Tags within a sentence; all others end one. */
const inline = /^<\/?(?:a|b|big|code|em|font|i|kbd|mark|small|span|strong|sub|sup|tt|u)[\s/>]/i;

/** What is between those tags is for the browser only. */
const unseen = /^<(script|style|template|noscript|svg)[\s/>]/i;

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  "#x27": "'",
  nbsp: " ",
};

/** Where the text goes on behind the tag, comment or unseen element that begins here. */
function behindTag(page: string, open: number): number {
  const isComment = page.startsWith("<!--", open);
  let from = open;
  const name = unseen.exec(page.slice(open, open + 12))?.[1];
  if (name !== undefined) {
    const end = new RegExp(`</${name}`, "gi");
    end.lastIndex = open;
    const found = end.exec(page);
    if (!found) return page.length;
    from = found.index;
  }
  const [last, length] = isComment ? ["-->", 3] : [">", 1];
  const close = page.indexOf(last, from);
  return close < 0 ? page.length : close + length;
}

/** The sentences of a page, each once, in order. */
function sentences(page: string): string[] {
  let text = "";
  for (let at = 0; at < page.length;) {
    const open = page.indexOf("<", at);
    text += page.slice(at, open < 0 ? undefined : open).replace(/\s+/g, " ");
    if (open < 0) break;
    if (!/[a-z/!?]/i.test(page.charAt(open + 1))) {
      text += "<";
      at = open + 1;
      continue;
    }
    if (!inline.test(page.slice(open, open + 10))) text += "\n";
    at = behindTag(page, open);
  }
  const said = text
    .replace(/&(#?\w{2,4});/g, (whole, name: string) => entities[name.toLowerCase()] ?? whole)
    .split("\n")
    .map((sentence) => sentence.trim());
  return [...new Set(said)].filter((sentence) => sentence !== "");
}

/** One line that is safe for a terminal; of what is still encoded, only how much it is. */
export function bodyText({ headers }: UpgradeResponse, body: Buffer): string {
  const coding = headerValue(headers, "Content-Encoding");
  if (coding !== undefined && coding.toLowerCase() !== "identity") {
    return `${body.length} bytes of ${safeLine(coding, 40)}`;
  }
  const begin = body.subarray(0, 200).toString("latin1");
  const type = headerValue(headers, "Content-Type") ?? "";
  if (!/html/i.test(type) && !/^\s*<(?:!doctype html|html)/i.test(begin)) {
    return safeLine(body.subarray(0, 2000).toString().trim(), longest);
  }
  const said = sentences(body.toString()).join(" · ");
  return said === "" ? `${body.length} bytes of HTML` : safeLine(said, longest);
}
