/** Owns what becomes of a request that no answer came to. */
import { DialError } from "../dial/dial-error.js";
import type { Wire } from "../dial/wire.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import type { Unanswered } from "./reply.js";

/**
 * A failed dial as a reply.
 * @throws what is no failed dial, and what was ended from outside
 */
export function unanswered(
  error: unknown,
  request: UpgradeRequest | undefined,
  wire?: Wire,
  chain: Unanswered["chain"] = [],
): Unanswered {
  if (!(error instanceof DialError)) throw error;
  if (error.reason === "aborted") {
    // What had come to stand by then is told all the same.
    if (wire) error.attempts = wire.attempts;
    throw error;
  }
  const attempts = wire?.attempts ?? error.attempts;
  return { kind: "unanswered", request, error, attempts, tls: wire?.tls, chain };
}
