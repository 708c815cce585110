/** Owns bare TLS handshakes: any certificate is looked at, and nothing is said on the connection. */
import { DEFAULT_CIPHERS, type TLSSocket } from "node:tls";
import { codeOf, DialError } from "../../dial/dial-error.js";
import type { TlsOptions } from "../../dial/tls.js";
import type { Observation } from "../check.js";
import { saidOf } from "../reply.js";
import type { Subject } from "../subject.js";

/** Settings that let old versions and weak keys pass: what is not let in cannot be judged. */
export const lenient: TlsOptions = {
  minVersion: "TLSv1",
  ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0`,
};

/** Why there is no TLS to look at; undefined where there is. */
export function lackOfTls({ target }: Pick<Subject, "target">): string | undefined {
  return target.secure ? undefined : "the connection is plain TCP: there is no TLS to look at";
}

/** What kept the first exchange from even reaching the server's TLS; undefined when nothing did. */
export function unreached({ baseline }: Subject): Observation | undefined {
  if (baseline.kind === "answered") return undefined;
  const { phase } = baseline.error;
  if (phase === "tls" || phase === "upgrade") return undefined;
  const message = `not tried: the first exchange came to ${saidOf(baseline)}`;
  return { verdict: "inconclusive", kind: "not tried", message };
}

/** Whether the first exchange got past TLS as the user asked for it. */
export function isVerified({ baseline }: Subject): boolean {
  return baseline.kind === "answered" || baseline.error.phase === "upgrade";
}

/** Whether the first exchange failed because HTTP/1.1, all that was offered, is not to be had. */
export function isWithoutHttp1({ baseline }: Subject): boolean {
  if (baseline.kind === "answered") return false;
  const { cause } = baseline.error;
  return cause instanceof Error && /NO_APPLICATION_PROTOCOL/.test(codeOf(cause));
}

/**
 * One handshake as the user's options have it, but for what differs; the connection is cut at once.
 * The client's certificate stays at home where the server is not known to be the right one: it says
 * who the user is.
 *
 * @param read takes what is wanted off the socket, while it is there
 * @returns what was read, or why no handshake came to stand
 */
export async function shake<T>(
  subject: Subject,
  differing: TlsOptions,
  read: (socket: TLSSocket) => T,
  timeout?: number,
): Promise<T | DialError> {
  const { asker, options } = subject;
  const own = isVerified(subject) ? {} : { cert: undefined, key: undefined };
  // Where that alone keeps TLS from standing, nothing else could be seen.
  const alpn = isWithoutHttp1(subject) ? { alpn: ["h2", "http/1.1"] } : {};
  const tls = { ...options.tls, ...own, ...alpn, insecure: true, ...differing };
  try {
    const wire = await asker.open({ tls, ...(timeout === undefined ? {} : { timeout }) });
    try {
      return read(wire.socket as TLSSocket);
    } finally {
      wire.destroy();
    }
  } catch (error) {
    if (error instanceof DialError && error.reason !== "aborted") return error;
    throw error;
  }
}
