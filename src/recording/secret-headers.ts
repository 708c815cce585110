/** Owns the secrets in headers of HTTP: which they are, and the headers without them. */
import { isSecretName, redacted } from "../base/secret-name.js";
import { redactSubprotocols } from "../base/secret-subprotocols.js";
import type { Header } from "../frame/upgrade.js";
import type { Findings } from "./secret-findings.js";
import { hideAddresses, hideTarget } from "./secret-urls.js";

/** These sound like secrets, and say what is wanted, what is allowed, or are made for one handshake. */
const harmless =
  /^(?:(?:www|proxy)-authenticate|sec-websocket-(?:key|accept|extensions|version)|access-control-.*|:authority)$/i;

/** What stands in these is an address, though it may lack its beginning. */
const references = /^(?:referer|location|content-location|origin|refresh|link|:path)$/i;

/** Two words, the first of which says that the second is a secret (RFC 9110 §11.4). */
const scheme = /^\s*(?:bearer|basic|token|digest|negotiate|apikey)\s+(\S.*)$/i;

/** A JSON Web Token (RFC 7519). */
const jwt = /\beyJ[\w-]{8,}\.[\w.-]+/g;

/** Of one header: who sends more of them means no good. */
const mostCookies = 50;

/** The value, and what it consists of: of Basic what it encodes (RFC 7617). */
function noteCredentials(value: string, found: Findings): void {
  const whole = value.trim();
  found.secret(whole);
  const space = whole.indexOf(" ");
  if (space < 0) return;
  const rest = whole.slice(space + 1).trim();
  found.secret(rest);
  if (whole.slice(0, space).toLowerCase() !== "basic") return;
  const pair = Buffer.from(rest, "base64").toString("utf8");
  found.secret(pair);
  const colon = pair.indexOf(":");
  for (const part of colon < 0 ? [] : [pair.slice(0, colon), pair.slice(colon + 1)]) {
    found.secret(part);
  }
}

function noteCookies(pairs: readonly string[], found: Findings): void {
  for (const pair of pairs.slice(0, mostCookies)) {
    // Without a name it is all value.
    const value = pair.slice(pair.indexOf("=") + 1).trim();
    found.secret(value);
    found.secret(value.replace(/^"(.*)"$/, "$1"));
    if (value.includes("%")) {
      try {
        found.secret(decodeURIComponent(value));
      } catch {
        // It only looks encoded.
      }
    }
  }
}

function hideSubprotocols(value: string, name: string, found: Findings): string {
  const offered = value.split(",").map((part) => part.trim());
  const shown = redactSubprotocols(offered);
  let hides = false;
  offered.forEach((each, index) => {
    if (shown[index] === each) return;
    hides = true;
    found.secret(each);
  });
  if (!hides) return value;
  found.name(name);
  return shown.join(", ");
}

/** The value of a header of a harmless name. */
function hideWithin(name: string, value: string, found: Findings): string {
  const credentials = scheme.exec(value);
  if (credentials) {
    found.name(name);
    noteCredentials(value, found);
    return redacted;
  }
  const shown = value.replace(jwt, (token) => {
    found.name(name);
    found.secret(token);
    return redacted;
  });
  if (shown.includes("://")) return hideAddresses(shown, found);
  return references.test(name) ? hideTarget(shown, found) : shown;
}

/** A header without its secrets, which are told. */
export function hideHeader([name, value]: Header, found: Findings): Header {
  const called = name.toLowerCase();
  if (harmless.test(called)) return [name, value];
  if (called === "sec-websocket-protocol") return [name, hideSubprotocols(value, called, found)];
  if (!isSecretName(name)) return [name, hideWithin(called, value, found)];
  found.name(called);
  if (called === "cookie") noteCookies(value.split(";"), found);
  // The value stands first, attributes behind it (RFC 6265 §4.1.1).
  else if (called === "set-cookie") noteCookies(value.split(";", 1), found);
  else noteCredentials(value, found);
  return [name, redacted];
}
