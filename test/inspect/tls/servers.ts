/** Owns the TLS servers of these tests, and how the checks are held against them. */
import type { TlsOptions } from "node:tls";
import type { Finding } from "../../../src/findings/finding.js";
import type { Check } from "../../../src/inspect/check.js";
import { type RawServer, startRaw } from "../../dial/raw-server.js";
import type { Child } from "../../support/child.js";
import { type Looking, lookAt, type Seen } from "../looking.js";
import type { TlsOptions as DialTls } from "../../../src/dial/tls.js";

/** A server that refuses every WebSocket at once, by the name localhost unless told. */
export async function startSecure(tls: TlsOptions, name = "localhost"): Promise<RawServer> {
  const answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  // It shows what newer versions of OpenSSL would not even load.
  const lax = { ciphers: "DEFAULT@SECLEVEL=0", ...tls };
  return startRaw({ tls: lax, name, answer: (socket) => socket.end(answer) });
}

/** The port on which OpenSSL's own server listens. */
export async function portOf(child: Child): Promise<number> {
  for (let lines = 0; lines < 20; lines++) {
    const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec((await child.nextLine()) ?? "")?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("openssl s_server does not say where it listens");
}

/** Looks at a server, as `wss://localhost`. */
export async function lookSecurely(
  server: Pick<RawServer, "target">,
  check: Check,
  tls: DialTls = {},
  looking: Looking = {},
): Promise<Seen & { readonly own: readonly Finding[] }> {
  const options = { timeouts: { total: 3000 }, family: 4 as const, ...looking.options, tls };
  const seen = await lookAt(server.target.url, [check], { ...looking, options });
  return { ...seen, own: seen.findings.filter(({ rule }) => rule === check.rule.id) };
}
