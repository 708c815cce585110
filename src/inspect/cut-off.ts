/** Owns finding what is left of a secret where a text was cut off within it. */

/** What is shorter is there by chance. */
const shortest = 6;
const longest = 600;

/** How far a match falls back where it fails, by its length (Knuth, Morris and Pratt). */
function fallbacks(start: string): Int16Array {
  const table = new Int16Array(start.length);
  let matched = 0;
  for (let at = 1; at < start.length; at++) {
    while (matched > 0 && start[at] !== start[matched]) matched = table[matched - 1]!;
    if (start[at] === start[matched]) matched++;
    table[at] = matched;
  }
  return table;
}

/**
 * How many characters at the end of the text are the beginning of the secret; 0 for too few. The work
 * grows with the length of the end alone, since a server chooses both.
 */
export function startAtEnd(text: string, secret: string): number {
  const start = secret.slice(0, Math.min(secret.length - 1, longest));
  const end = text.slice(-longest);
  // Nearly always, and at no cost.
  if (start.length < shortest || !end.includes(start.slice(0, shortest))) return 0;
  const table = fallbacks(start);
  let matched = 0;
  for (const char of end.split("")) {
    while (matched > 0 && (matched === start.length || char !== start[matched])) {
      matched = table[matched - 1]!;
    }
    if (char === start[matched]) matched++;
  }
  return matched < shortest ? 0 : matched;
}
