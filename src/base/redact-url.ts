/** Owns URLs as they may be shown and kept: without the secrets that ride in them. */
import { queryParts } from "./query-parts.js";
import { redacted } from "./secret-name.js";

/** What stands in a URL where a secret was; the brackets would have to be encoded there. */
const mark = "redacted";

/** The query, which begins behind the `?`, without the values of parameters that look like secrets. */
export function redactQuery(query: string): string {
  return queryParts(query)
    .map(({ plain, secret }) => {
      if (!secret) return plain;
      return plain + secret.before + (secret.value === "" ? "" : mark);
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
  if (parsed.search) parsed.search = redactQuery(parsed.search.slice(1));
  // OAuth hands tokens over behind a `#`.
  if (parsed.hash) parsed.hash = redactQuery(parsed.hash.slice(1));
  return parsed.href;
}
