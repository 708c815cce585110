/**
 * Owns how text from the other side is made harmless before it reaches a terminal: nothing that a
 * remote peer sends may move the cursor, set the clipboard, change colours or reorder what is read.
 */

// C0 but newline and tab, DEL, C1, the bidi controls, the line separators and lone surrogates.
const hostile =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function visible(char: string): string {
  const code = char.charCodeAt(0);
  // C0 has pictures of its own in Unicode (U+2400…); the rest is spelled out.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

/** `text` with every control character shown instead of obeyed; newline and tab are kept. */
export function safeText(text: string): string {
  return text.replace(hostile, visible);
}

/**
 * The same on one line, at most `limit` characters long (an ellipsis, which counts, says when it was
 * cut). Not for secrets: it escapes, it does not redact.
 */
export function safeLine(text: string, limit = 200): string {
  // No character becomes shorter by being shown, so that the rest need not be looked at.
  const line = safeText(text.slice(0, limit + 1))
    .replace(/\n/g, "⏎")
    .replace(/\t/g, " ");
  if (line.length <= limit) return line;
  const kept = line.slice(0, limit - 1);
  // Nor is a pair of surrogates cut in two.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
