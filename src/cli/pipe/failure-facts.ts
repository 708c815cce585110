/** Owns what `--json` tells of a connection that could not be opened, in fields for programs. */
import { isUtf8 } from "node:buffer";
import { DialError } from "../../dial/dial-error.js";
import { UpgradeRefused } from "../../dial/refusal.js";
import { UpgradeInvalid } from "../../dial/upgrade.js";
import type { UpgradeResponse } from "../../frame/upgrade.js";
import { responseHeaders } from "../response-headers.js";

/** By name in small letters; several of one name are joined (RFC 9110 §5.3). */
function headersOf(response: UpgradeResponse): object {
  const joined = new Map<string, string>();
  for (const [name, value] of responseHeaders(response)) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    joined.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(joined);
}

/** `phase`, and of an answer in HTTP `status`, `headers` and `body`, or `bodyB64` where it is no text. */
export function failureFacts(error: Error): object {
  if (!(error instanceof DialError)) return {};
  const { phase } = error;
  if (error instanceof UpgradeInvalid) {
    return { phase, status: error.response.status, headers: headersOf(error.response) };
  }
  if (!(error instanceof UpgradeRefused)) return { phase };
  const { response, body } = error;
  const said = isUtf8(body)
    ? { body: body.toString("utf8") }
    : { bodyB64: body.toString("base64") };
  return { phase, status: response.status, headers: headersOf(response), ...said };
}
