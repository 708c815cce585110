/** Owns the secrets in URLs and request targets: which they are, and the URL without them. */
import { queryParts } from "../base/query-parts.js";
import { redactQuery, redactTokens, redactUrl } from "../base/redact-url.js";
import { replaceTokens } from "../base/web-tokens.js";
import type { Findings } from "./secret-findings.js";

/** Addresses within other text, as headers have them. */
const addresses = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"<>]+/gi;

/** What may end a value, or be a part of it: both are taken for the secret. */
const mayEnd = /[;,'#?]|%(?:25)*(?:3b|3f|23|26)/i;

/** Of one value. */
const mostParts = 8;

/** What stands before the host, and what of that is none of it. */
const userinfo = /(^|[\s=:])(\/\/)([^/?#\s@]*(?:@[^/?#\s@]*)*)@/;

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
    const parts = secret.value.split(mayEnd, 1).concat(secret.value.split(/[,']/, mostParts));
    for (const value of new Set([secret.value, ...parts])) {
      found.secret(value);
      found.secret(decoded(value));
    }
  }
}

function queryOf(text: string): [before: string, query: string] {
  const at = text.search(/[?#]/);
  return at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 1)];
}

function noteUserinfo(written: string, found: Findings): void {
  if (written === "") return;
  found.name("userinfo");
  const colon = written.indexOf(":");
  // A name that stands alone is as likely a token.
  const secret = colon < 0 ? written : written.slice(colon + 1);
  found.secret(secret);
  found.secret(decoded(secret));
}

/** The tokens of a path, or wherever else no name tells of them. */
function noteTokens(text: string, found: Findings): void {
  replaceTokens(text, (token) => {
    found.name("jwt");
    found.secret(token);
    return token;
  });
}

/** A URL without its secrets, which are told. */
export function hideUrl(url: string, found: Findings): string {
  if (url === "") return url;
  const shown = redactUrl(url);
  noteUserinfo(/^[^/?#]*\/\/([^/?#]*)@/.exec(url)?.[1] ?? "", found);
  noteTokens(url, found);
  noteQuery(queryOf(url)[1], found);
  return shown;
}

/**
 * A request target, or the whole of a Location or Referer, without its secrets, which are told; all else
 * stays as it was spelt.
 */
export function hideTarget(target: string, found: Findings): string {
  const [before, query] = queryOf(target);
  noteTokens(target, found);
  noteQuery(query, found);
  return redactTokens(hideUserinfo(before, found)) + hideUserinfo(redactQuery(query), found);
}

/** The first that stands in a text; there is one in an address. */
function hideUserinfo(text: string, found: Findings): string {
  return text.replace(userinfo, (_, before: string, slashes: string, written: string) => {
    noteUserinfo(written, found);
    const colon = written.indexOf(":");
    const name = colon < 0 ? "" : written.slice(0, colon + 1);
    return `${before}${slashes}${written === "" ? "" : `${name}redacted`}@`;
  });
}

/** A text with each address in it hidden so. */
export function hideAddresses(text: string, found: Findings): string {
  return text.replace(addresses, (address) => hideTarget(address, found));
}
