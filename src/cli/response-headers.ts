/** Owns the headers of a server's answer as they may be shown and kept: secrets are taken out. */
import type { Header, UpgradeResponse } from "../frame/upgrade.js";
import { redactUrl } from "../base/redact-url.js";
import { isSecretName, redacted } from "../base/secret-name.js";

/** These sound like secrets and say what is wanted, or what is allowed. */
const harmless =
  /^(?:(?:www|proxy)-authenticate|sec-websocket-(?:accept|extensions|protocol|version)|access-control-.*)$/i;

function shown([name, value]: Header): Header {
  if (/^(?:content-)?location$/i.test(name)) {
    // Relative to what was dialled, it is read as a URL all the same.
    const base = "http://nowhere.invalid";
    if (!value.includes("?") && !value.includes("@")) return [name, value];
    if (!URL.canParse(value, base)) return [name, redacted];
    return [name, redactUrl(new URL(value, base).href).replace(base, "")];
  }
  return [name, isSecretName(name) && !harmless.test(name) ? redacted : value];
}

/** The headers in order; their text is the other side's own, and not safe for a terminal. */
export function responseHeaders({ headers }: UpgradeResponse): Header[] {
  return headers.map(shown);
}
