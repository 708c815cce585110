/** Owns the secrets in headers of HTTP: which they are, and the headers without them. */
import { isSecretName, isSecretParameter, redacted } from "../base/secret-name.js";
import { redactSubprotocols } from "../base/secret-subprotocols.js";
import { isRandomLooking } from "../base/token-like.js";
import { replaceTokens } from "../base/web-tokens.js";
import type { Header } from "../frame/upgrade.js";
import { isValidUtf8 } from "../frame/utf8.js";
import type { Findings } from "./secret-findings.js";
import { hideAddresses, hideTarget } from "./secret-urls.js";

/** These sound like secrets, and say what is wanted, what is allowed, or are made for one handshake. */
const harmless =
  /^(?:(?:www|proxy)-authenticate|sec-websocket-(?:key|accept|extensions|version)|access-control-.*|:authority)$/i;

/** What stands in these is one address, though it may lack its beginning. */
const references = /^(?:referer|location|content-location|origin|:path)$/i;

/** Addresses within these: behind `url=`, or between angle brackets. */
const refreshed = /^([^=]*=\s*["']?)(.*)$/s;
const linked = /<[^<>]*>/g;

/** Two words, the first of which says that the second is a secret (RFC 9110 §11.4). */
const scheme = /^\s*(?:bearer|basic|token|digest|negotiate|apikey)\s+(\S.*)$/i;

/** Of one header: who sends more of them means no good. */
const mostCookies = 50;

/** Cookies of other names are secrets where they look it, from so many characters on. */
const shortestRandom = 8;

/** So short a word, in letters of one case, is more likely one of the application's. */
const word = /^(?:[A-Z]?[a-z]{1,12}|[A-Z]{1,12})$/;
const shortNumber = /^\d{1,8}$/;

/** Of Basic, what was encoded (RFC 7617): UTF-8, or what was usual before. */
function pairOf(encoded: string): string {
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString(isValidUtf8(bytes, 0, bytes.length) ? "utf8" : "latin1");
}

/** The value, and what it consists of. */
function noteCredentials(value: string, found: Findings): void {
  const whole = value.trim();
  found.secret(whole);
  const space = whole.indexOf(" ");
  if (space < 0) return;
  const rest = whole.slice(space + 1).trim();
  found.secret(rest);
  if (whole.slice(0, space).toLowerCase() === "basic") noteBasic(rest, found);
  else noteParameters(rest, found);
}

function noteBasic(encoded: string, found: Findings): void {
  const pair = pairOf(encoded);
  found.secret(pair);
  const colon = pair.indexOf(":");
  if (colon < 0) return;
  const password = pair.slice(colon + 1);
  // A name is said everywhere; one that stands alone is as likely a token.
  found.secret(password === "" ? pair.slice(0, colon) : password);
}

/** Such as `token="…"` and the hash of Digest (RFC 9110 §11.4). */
function noteParameters(parameters: string, found: Findings): void {
  for (const part of parameters.split(",", mostCookies)) {
    const equals = part.indexOf("=");
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim();
    if (!isSecretName(name) && name !== "response") continue;
    found.secret(unquoted(part.slice(equals + 1).trim()));
  }
}

function unquoted(value: string): string {
  return value.startsWith('"') && value.endsWith('"') && value.length > 1
    ? value.slice(1, -1)
    : value;
}

function isRandom(value: string): boolean {
  if (value.length < shortestRandom || shortNumber.test(value)) return false;
  const isMixed = /\d/.test(value) ? /[a-z]/i.test(value) : /[a-z][A-Z]/.test(value);
  return isMixed || isRandomLooking(value);
}

/** A name of a secret does not make a word one: it would be hidden wherever it is said. */
function isSecretCookie(name: string, value: string): boolean {
  if (isRandom(value)) return true;
  return isSecretParameter(name) && !word.test(value) && !shortNumber.test(value);
}

function noteCookies(pairs: readonly string[], found: Findings): void {
  for (const pair of pairs.slice(0, mostCookies)) {
    // Without a name it is all value.
    const equals = pair.indexOf("=");
    const value = unquoted(pair.slice(equals + 1).trim());
    if (!isSecretCookie(equals < 0 ? "" : pair.slice(0, equals).trim(), value)) continue;
    found.secret(value);
    if (value.includes("%")) {
      try {
        found.secret(decodeURIComponent(value));
      } catch {
        // It only looks encoded.
      }
    }
  }
}

/** The value of a header of a harmless name. */
function hideWithin(name: string, value: string, found: Findings): string {
  const credentials = scheme.exec(value);
  if (credentials) {
    found.name(name);
    noteCredentials(value, found);
    return redacted;
  }
  const shown = replaceTokens(value, (token) => {
    found.name(name);
    found.secret(token);
    return redacted;
  });
  if (references.test(name)) return hideTarget(shown, found);
  if (name === "refresh") {
    const [, before = "", address] = refreshed.exec(shown) ?? [];
    if (address !== undefined) return before + hideTarget(address, found);
  }
  if (name === "link") {
    return shown.replace(linked, (link) => `<${hideTarget(link.slice(1, -1), found)}>`);
  }
  return shown.includes("://") ? hideAddresses(shown, found) : shown;
}

function hideHeader([name, value]: Header, found: Findings): Header {
  const called = name.toLowerCase();
  if (harmless.test(called)) return [name, value];
  if (!isSecretName(name)) return [name, hideWithin(called, value, found)];
  found.name(called);
  if (called === "cookie") noteCookies(value.split(";"), found);
  // The value stands first, attributes behind it (RFC 6265 §4.1.1).
  else if (called === "set-cookie") noteCookies(value.split(";", 1), found);
  else noteCredentials(value, found);
  return [name, redacted];
}

function isSubprotocols([name]: Header): boolean {
  return name.toLowerCase() === "sec-websocket-protocol";
}

function offeredIn([, value]: Header): string[] {
  return value.split(",").map((part) => part.trim());
}

/** Lines of one name are one list (RFC 9110 §5.3): what announces a token may stand in another. */
function hideSubprotocols(lines: readonly Header[], found: Findings): Header[] {
  const offered = lines.flatMap(offeredIn);
  const shown = redactSubprotocols(offered);
  offered.forEach((each, index) => {
    if (shown[index] === each) return;
    found.name("sec-websocket-protocol");
    found.secret(each);
  });
  let at = 0;
  return lines.map((line) => {
    const before = offeredIn(line);
    const after = shown.slice(at, (at += before.length));
    const isSame = after.every((each, index) => each === before[index]);
    return isSame ? line : [line[0], after.join(", ")];
  });
}

/** The headers of one side without their secrets, which are told. */
export function hideHeaders(headers: readonly Header[], found: Findings): Header[] {
  const subprotocols = hideSubprotocols(headers.filter(isSubprotocols), found)[Symbol.iterator]();
  return headers.map((header) => {
    if (!isSubprotocols(header)) return hideHeader(header, found);
    return subprotocols.next().value ?? header;
  });
}
