/** Owns how a text is written as one word for a shell. */

/**
 * A word for a POSIX shell; control characters, which might end a line or move a terminal's cursor,
 * stand in the quotes that bash and zsh have for them.
 */
export function shellWord(word: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  if (/[\0-\x1f\x7f-\x9f]/.test(word)) return `$'${word.replace(/[^ -&(-[\]-~]/g, escaped)}'`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : char;
}
