/** Owns the cookies that an answer sets: their names and flags, never their values. */
import { safeLine } from "../../base/safe-text.js";
import type { InspectedCookie } from "../../findings/inspection.js";
import { type Header, headerValues } from "../../frame/upgrade.js";
import { cookieOf } from "../handshake/set-cookie.js";
import type { Secrets } from "../secrets.js";

/** A server that sets more of them means no good. */
const mostCookies = 50;
const longestName = 100;

function sameSiteOf(value: string | undefined): InspectedCookie["sameSite"] {
  const wanted = value?.toLowerCase();
  return wanted === "strict" || wanted === "lax" || wanted === "none" ? wanted : undefined;
}

/** The cookies that these response headers set; what browsers ignore is left out. */
export function cookiesOf(headers: readonly Header[], secrets: Secrets): InspectedCookie[] {
  return headerValues(headers, "Set-Cookie")
    .slice(0, mostCookies)
    .map(cookieOf)
    .filter((cookie) => cookie !== undefined)
    .map(({ name, isSecure, isHttpOnly, sameSite }) => ({
      name: safeLine(secrets.redactName(name), longestName),
      secure: isSecure,
      httpOnly: isHttpOnly,
      sameSite: sameSiteOf(sameSite),
    }));
}
