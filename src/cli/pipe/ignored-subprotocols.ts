/** Owns what was offered of subprotocols to a server that took none. */
import { headerValue, type Upgrade } from "../../frame/upgrade.js";
import { redactSubprotocol } from "../../base/secret-subprotocols.js";

/** Their names, without those that look like the carrier of a secret; empty where one was taken. */
export function ignoredSubprotocols({ request, subprotocol }: Upgrade): string[] {
  const offered = headerValue(request.headers, "Sec-WebSocket-Protocol");
  if (subprotocol !== undefined || offered === undefined) return [];
  return offered.split(/\s*,\s*/).map(redactSubprotocol);
}
