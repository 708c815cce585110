/** Owns the grammar of Set-Cookie (RFC 6265 §5.2), without the value, which is a secret. */

/** What a Set-Cookie says of its cookie. */
export interface CookieFacts {
  readonly name: string;
  readonly isSecure: boolean;
  readonly isHttpOnly: boolean;
  /** As it was written; undefined where it is missing. */
  readonly sameSite: string | undefined;
  readonly path: string | undefined;
  readonly domain: string | undefined;
}

const longest = 8192;
const mostAttributes = 50;

/** The name of a cookie and its attributes; undefined for what browsers ignore. */
export function cookieOf(value: string): CookieFacts | undefined {
  const [pair = "", ...rest] = value.slice(0, longest).split(";", mostAttributes);
  const at = pair.indexOf("=");
  const name = pair.slice(0, Math.max(0, at)).trim();
  if (at < 0 || name === "") return undefined;
  const attributes = new Map<string, string>();
  for (const each of rest) {
    const equals = each.indexOf("=");
    const key = (equals < 0 ? each : each.slice(0, equals)).trim().toLowerCase();
    attributes.set(key, equals < 0 ? "" : each.slice(equals + 1).trim());
  }
  return {
    name,
    isSecure: attributes.has("secure"),
    isHttpOnly: attributes.has("httponly"),
    sameSite: attributes.get("samesite"),
    path: attributes.get("path"),
    domain: attributes.get("domain"),
  };
}
