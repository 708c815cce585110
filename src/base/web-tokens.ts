/** Owns finding JSON Web Tokens (RFC 7519) within other text. */

/** What tokens are made of; each run is looked at once, however many beginnings it holds. */
const runs = /[\w.-]+/g;

/** What the header of a token, an object of JSON, begins with in base64. */
const opening = "eyJ";

/** Shorter headers name no algorithm, in characters behind the opening. */
const shortestHeader = 8;

/** Where a token begins in such a run; -1 where none does. */
function beginOf(run: string): number {
  let from = 0;
  for (const part of run.split(".")) {
    const within = part.startsWith(opening) ? 0 : part.indexOf(`-${opening}`) + 1;
    const isToken = within > 0 || part.startsWith(opening);
    const end = from + part.length;
    // What comes later in the part is shorter, and something has to follow the header.
    if (isToken && part.length - within - opening.length >= shortestHeader) {
      if (end + 1 < run.length) return from + within;
    }
    from = end + 1;
  }
  return -1;
}

/** The text with each token in it replaced by what is given for it. */
export function replaceTokens(text: string, replace: (token: string) => string): string {
  if (!text.includes(opening)) return text;
  return text.replace(runs, (run) => {
    const at = run.includes(opening) ? beginOf(run) : -1;
    return at < 0 ? run : run.slice(0, at) + replace(run.slice(at));
  });
}
