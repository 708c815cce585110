/**
 * Owns the tokens within a text: the runs of characters that identifiers, keys and web tokens are
 * made of. Found by their borders, so that however many values are looked for, a text is gone through
 * but once.
 */

/** With the characters that only some tokens have: `a.b.c`, `room:12`, base64. */
const wide = /[A-Za-z0-9_.~+/=:-]{4,}/g;
const narrow = /[A-Za-z0-9_-]{4,}/g;

/** The text with some of its tokens replaced; undefined from `replace` leaves one as it is. */
export function replaceTokens(
  text: string,
  replace: (token: string) => string | undefined,
): string {
  return text.replace(wide, (run) => {
    const whole = replace(run);
    if (whole !== undefined) return whole;
    return run.replace(narrow, (token) => (token === run ? token : (replace(token) ?? token)));
  });
}

/** Every token in the text, the wide ones before those within them; at most `most`. */
export function tokensIn(text: string, most: number): string[] {
  const tokens: string[] = [];
  for (const [run] of text.matchAll(wide)) {
    if (tokens.length >= most) break;
    tokens.push(run);
    for (const [token] of run.matchAll(narrow)) if (token !== run) tokens.push(token);
  }
  return tokens;
}

/**
 * The tokens in which two texts differ, in pairs; undefined when they differ in more than tokens.
 * Wide tokens are taken apart where their separators are the same.
 */
export function differingTokens(left: string, right: string): [string, string][] | undefined {
  return (
    pairsOf(left.split(/([A-Za-z0-9_-]+)/), right.split(/([A-Za-z0-9_-]+)/)) ??
    pairsOf(left.split(/([A-Za-z0-9_.~+/=:-]+)/), right.split(/([A-Za-z0-9_.~+/=:-]+)/))
  );
}

/** Of texts that were split, separators at the even places and tokens between them. */
function pairsOf(
  left: readonly string[],
  right: readonly string[],
): [string, string][] | undefined {
  if (left.length !== right.length) return undefined;
  const pairs: [string, string][] = [];
  for (const [index, part] of left.entries()) {
    if (part === right[index]) continue;
    if (index % 2 === 0) return undefined;
    pairs.push([part, right[index]!]);
  }
  return pairs;
}
