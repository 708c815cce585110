/** Owns the guess whether a line carries a secret, so that it is not written down: rather one too many. */

const names =
  "authorization|cookie|passw|pwd|secret|token|api[-_]?key|credential|jwt|private[-_]?key";

const carriers: readonly RegExp[] = [
  // A name like that and a value, as in headers, JSON, queries and forms.
  new RegExp(`(?:${names})[\\w-]*["']?\\s*[:=]\\s*["']?[^\\s"'{},]`, "i"),
  new RegExp(`^/(?:set|alias)\\s+\\S*(?:${names})\\S*\\s+\\S`, "i"),
  /\b(?:bearer|basic)\s+[\w.~+/-]{6,}/i,
  /\beyJ[\w-]{8,}\.[\w-]+/,
  /:\/\/[^/\s@]+@/,
];

/** Whether the line seems to hold a secret; a variable in its place, `{{ token }}`, is none. */
export function isSecretLine(line: string): boolean {
  const typed = line.replace(/\{\{[^{}]*\}\}/g, "");
  return carriers.some((carrier) => carrier.test(typed));
}
