/** Owns the heads of an exchange as they may be kept: as they were on the wire, but for their secrets. */
import { safeLine } from "../../base/safe-text.js";
import type { InspectedHead } from "../../findings/inspection.js";
import type { Header, UpgradeRequest, UpgradeResponse } from "../../frame/upgrade.js";
import { shownPath, shownValue } from "../repro.js";
import type { Secrets } from "../secrets.js";

/** Characters of one line. */
const longestLine = 16_384;

/** What of a Set-Cookie says how the cookie is kept, and is no secret. */
const cookieAttribute =
  /^(?:secure|httponly|partitioned|(?:path|domain|expires|max-age|samesite|priority)=.*)$/i;

/** A cookie without its value. */
function shownCookie(value: string): string {
  const [pair = "", ...attributes] = value.split(";");
  const equals = pair.indexOf("=");
  const name = equals < 0 ? "" : `${pair.slice(0, equals).trim()}=`;
  const shown = attributes.map((part) => part.trim()).filter((part) => cookieAttribute.test(part));
  return [`${name}SECRET`, ...shown].join("; ");
}

function shownHeader([name, value]: Header, secrets: Secrets): Header {
  const shown = /^set-cookie2?$/i.test(name)
    ? shownCookie(value)
    : // Redirects and referrers are addresses, with user, password and parameters.
      shownPath(shownValue(name, value)).replace(/\/\/[^/?#@\s]{1,500}@/g, "//SECRET@");
  return [safeLine(name, 200), safeLine(secrets.redact(shown), longestLine)];
}

function headOf(
  first: string,
  headers: readonly Header[],
  size: number,
  secrets: Secrets,
): InspectedHead {
  return {
    first: safeLine(secrets.redact(shownPath(first)), longestLine),
    headers: headers.map((header) => shownHeader(header, secrets)),
    size,
  };
}

/** The first line of a head, without its end. */
function firstLine(bytes: Buffer): string {
  const end = bytes.indexOf("\n");
  const line = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** The request as it was sent. */
export function requestHead({ bytes, headers }: UpgradeRequest, secrets: Secrets): InspectedHead {
  return headOf(firstLine(bytes), headers, bytes.length, secrets);
}

/** The answer as it came. */
export function responseHead({ bytes, headers }: UpgradeResponse, secrets: Secrets): InspectedHead {
  return headOf(firstLine(bytes), headers, bytes.length, secrets);
}
