/** Owns the secrets in URLs and request targets: which they are, and the URL without them. */
import { queryParts } from "../base/query-parts.js";
import { redactQuery, redactUrl } from "../base/redact-url.js";
import type { Findings } from "./secret-findings.js";

/** Addresses within other text, as headers have them. */
const addresses = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>,]+/gi;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function noteQuery(query: string, found: Findings): void {
  for (const { secret } of queryParts(query)) {
    if (!secret || secret.value === "") continue;
    found.name(secret.name);
    // `;` may end the value or be a part of it.
    for (const value of new Set([secret.value, ...secret.value.split(";", 1)])) {
      found.secret(value);
      found.secret(decoded(value));
    }
  }
}

function queryOf(text: string): [before: string, query: string] {
  const at = text.search(/[?#]/);
  return at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 1)];
}

/** A URL without its secrets, which are told. */
export function hideUrl(url: string, found: Findings): string {
  if (url === "") return url;
  const shown = redactUrl(url);
  const [, userinfo = ""] = /^[^/?#]*\/\/([^/?#]*)@/.exec(url) ?? [];
  if (userinfo !== "") {
    found.name("userinfo");
    const colon = userinfo.indexOf(":");
    // A name that stands alone is as likely a token.
    const secret = colon < 0 ? userinfo : userinfo.slice(colon + 1);
    found.secret(secret);
    found.secret(decoded(secret));
  }
  noteQuery(queryOf(url)[1], found);
  return shown;
}

/** A request target, or the reference of a Location, without its secrets, which are told. */
export function hideTarget(target: string, found: Findings): string {
  if (target.includes("//") && URL.canParse(target)) return hideUrl(target, found);
  const [before, query] = queryOf(target);
  noteQuery(query, found);
  return before + redactQuery(query);
}

/** A text with each address in it hidden so. */
export function hideAddresses(text: string, found: Findings): string {
  return text.replace(addresses, (address) =>
    URL.canParse(address) ? kept(address, hideUrl(address, found)) : hideTarget(address, found),
  );
}

/** What had no secret stays as it was spelt: an Origin has no slash at its end. */
function kept(before: string, shown: string): string {
  return new URL(before).href === shown ? before : shown;
}
