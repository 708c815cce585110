/** Owns which values the tags of metrics can have: of any other nothing would ever be found. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import type { MetricName } from "./catalogue.js";

/** Words, or the shape of a number with its description. */
type Values = readonly string[] | { readonly shape: RegExp; readonly words: string };

/** What is missing here is not known before the run: names of a scenario, causes of the system. */
const values: Readonly<Partial<Record<MetricName, Readonly<Record<string, Values>>>>> = {
  ws_connect_failed: {
    reason: [
      "dns",
      "refused",
      "timeout",
      "reset",
      "unreachable",
      "ports",
      "fds",
      "tcp",
      "proxy",
      "tls",
      "closed",
      "status",
      "handshake",
      "aborted",
      "request",
    ],
    status: { shape: /^\d{3}$/, words: "an HTTP status, such as 503" },
  },
  ws_close: {
    by: ["client", "server"],
    code: { shape: /^[1-4]\d\d\d$/, words: "a close code, such as 1006" },
  },
  ws_msg_unconfirmed: { by: ["client", "server"] },
  ws_seq_gap: { where: ["connected", "reconnect"] },
  ws_msg_missing: { where: ["connected", "reconnect"] },
};

/**
 * Checks that each tag can have its value.
 * @throws WsctlError WSCTL_EUSAGE with those that there are
 */
export function checkTagValues(metric: string, tags: Readonly<Record<string, string>>): void {
  const known = Object.hasOwn(values, metric) ? values[metric as MetricName] : undefined;
  for (const [tag, value] of Object.entries(tags)) {
    const allowed = known && Object.hasOwn(known, tag) ? known[tag] : undefined;
    if (allowed === undefined) continue;
    const message = `${metric} never has the ${tag} "${safeLine(value, 60)}"`;
    if ("shape" in allowed) {
      if (allowed.shape.test(value)) continue;
      throw new WsctlError("WSCTL_EUSAGE", message, { hint: `it is ${allowed.words}` });
    }
    if (allowed.includes(value)) continue;
    const near = nearest(value, allowed);
    throw new WsctlError("WSCTL_EUSAGE", message, {
      hint: `${near ? `did you mean ${near}? ` : ""}there are ${allowed.join(", ")}`,
    });
  }
}
