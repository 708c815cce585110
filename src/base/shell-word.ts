/** Owns how a text is written as one word for a shell. */

/** Control characters, and those that reorder what is read or show nothing; alone, half a character. */
const hidden =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/u;

/**
 * A word for a POSIX shell; what might end a line, move a terminal's cursor or reorder what is read
 * stands in the quotes that bash and zsh have for it, as bytes of UTF-8.
 */
export function shellWord(word: string): string {
  if (hidden.test(word)) return `$'${word.replace(/[^ -&(-[\]-~]/gu, escaped)}'`;
  // Zsh takes =ls for where ls is, and ~ is written with quotes anyway.
  return /^(?!=)[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(char: string): string {
  return Buffer.from(char)
    .toString("hex")
    .replace(/../g, String.raw`\x$&`);
}
