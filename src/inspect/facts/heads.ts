/** Owns the heads of an exchange as they may be kept: as they were on the wire, but for their secrets. */
import { safeLine } from "../../base/safe-text.js";
import type { InspectedHead } from "../../findings/inspection.js";
import type { Header, UpgradeRequest, UpgradeResponse } from "../../frame/upgrade.js";
import { shownPath, shownValue } from "../repro.js";
import type { Secrets } from "../secrets.js";

/** Characters of one line. */
const longestLine = 16_384;

function shownHeader([name, value]: Header, secrets: Secrets): Header {
  const shown = shownValue(name, value, secrets.headers);
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
