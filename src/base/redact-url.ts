/** Owns URLs as they may be shown and kept: without the secrets that ride in them. */
import { queryParts } from "./query-parts.js";
import { redacted } from "./secret-name.js";
import { replaceTokens } from "./web-tokens.js";

/** What stands in a URL where a secret was; the brackets would have to be encoded there. */
const mark = "redacted";

/** The text with each JSON Web Token hidden. */
export function redactTokens(text: string): string {
  return replaceTokens(text, () => mark);
}

/** The query, which begins behind the `?`, without the values of parameters that look like secrets. */
export function redactQuery(query: string): string {
  return queryParts(query)
    .map(({ plain, secret }) => {
      const shown = redactTokens(plain);
      if (!secret) return shown;
      return shown + secret.before + (secret.value === "" ? "" : mark);
    })
    .join("&");
}

/**
 * The URL without its password (or the user's name, where that stands alone), and without the values
 * of parameters that look like secrets. What is no URL is not shown at all.
 */
export function redactUrl(url: string): string {
  // What cannot be read cannot be told apart either.
  if (!URL.canParse(url)) return redacted;
  const parsed = new URL(url);
  if (parsed.password) parsed.password = mark;
  // A name that stands alone is as likely a token.
  else if (parsed.username) parsed.username = mark;
  const pathname = redactTokens(parsed.pathname);
  if (pathname !== parsed.pathname) parsed.pathname = pathname;
  if (parsed.search) parsed.search = redactQuery(parsed.search.slice(1));
  // OAuth hands tokens over behind a `#`.
  if (parsed.hash) parsed.hash = redactQuery(parsed.hash.slice(1));
  return parsed.href;
}
