/** Owns the wait for a TLS handshake: how long it took, what was negotiated, why it failed. */
import type { TLSSocket } from "node:tls";
import type { Deadline, Ending } from "./deadline.js";
import { codeOf, DialError } from "./dial-error.js";
import { hostPort, type Target } from "./target.js";
import { arrival } from "./tcp.js";
import { tlsError, tlsFacts } from "./tls.js";
import type { Wire } from "./wire.js";

/**
 * Waits for the end of a TLS handshake that is under way, and notes on the wire what it came to. On
 * failure the wire is destroyed.
 * @throws DialError of the phase tls
 */
export async function secure(wire: Wire, target: Target, deadline: Deadline): Promise<void> {
  const begun = performance.now();
  const server = hostPort(target.host, target.port);
  const outcome = await arrival(wire, "secureConnect", deadline);
  if (outcome === undefined) {
    wire.tls = tlsFacts(wire.socket as TLSSocket);
    wire.phases = { ...wire.phases, tls: performance.now() - begun };
    return;
  }
  wire.destroy();
  const error = failure(outcome, wire, server, deadline);
  error.attempts = wire.attempts;
  throw error;
}

function failure(
  outcome: Error | Ending,
  wire: Wire,
  server: string,
  deadline: Deadline,
): DialError {
  const where = [`connected to ${wire.address}`];
  if (!(outcome instanceof Error)) {
    return deadline.error(outcome, "tls", `in the TLS handshake with ${server}`, {
      hint: "a server that does not speak TLS may wait in silence: try ws://",
      where,
    });
  }
  if (!/^E(?:CONNRESET|PIPE)$/.test(codeOf(outcome))) {
    return tlsError(outcome, server, wire.address);
  }
  // Node reports a plain close during the handshake as ECONNRESET as well.
  return new DialError(
    "WSCTL_ECLOSED",
    "tls",
    "closed",
    `${server} closed the connection in the TLS handshake`,
    {
      hint: "does the server speak TLS on this port? if not, dial it with ws://",
      cause: outcome,
      where,
    },
  );
}
