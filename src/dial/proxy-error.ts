/** Owns how trouble with a proxy is told: as that of the proxy, not of the server behind it. */
import { safeLine } from "../base/safe-text.js";
import { headerValue, type UpgradeResponse } from "../frame/upgrade.js";
import { DialError, type DialReason } from "./dial-error.js";
import type { Proxy } from "./proxy.js";

const usualHint =
  "check --proxy, or the variables HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; --no-proxy goes without";

/** What is said of an exchange that came to nothing, whose own words are those of an upgrade. */
const words: Readonly<Partial<Record<DialReason, string>>> = {
  timeout: "time ran out before it answered CONNECT",
  closed: "it closed the connection before it answered CONNECT",
  reset: "it cut the connection before it answered CONNECT",
};

const hints: Readonly<Partial<Record<DialReason, string>>> = {
  timeout: "the proxy, or what it connects to, does not answer; is more --timeout needed?",
  closed: "is this an HTTP proxy? one that speaks TLS wants https://, one of SOCKS socks5h://",
  reset: "is this an HTTP proxy? one that speaks TLS wants https://, one of SOCKS socks5h://",
  handshake: "is this an HTTP proxy? one that speaks TLS wants https://, one of SOCKS socks5h://",
  tls: "trust the proxy's certificate with --proxy-ca FILE, or accept any with --proxy-insecure; a proxy that does not speak TLS wants http://",
  dns: "check the spelling of the proxy's name",
  refused: "is the proxy running, and is its port right? --no-proxy goes without",
};

/** These are troubles of this machine or of time, whoever is dialled. */
const keptReasons: ReadonlySet<DialReason> = new Set(["timeout", "ports", "fds"]);

/** A failure on the way to the tunnel, as one of the proxy; an abort, or what is no failure, as it is. */
export function atProxy(error: unknown, proxy: Proxy): unknown {
  if (!(error instanceof DialError) || error.phase === "proxy" || error.reason === "aborted") {
    return error;
  }
  const { reason, phase } = error;
  const what = (phase === "upgrade" ? words[reason] : undefined) ?? error.message;
  const told = new DialError(
    // Whatever the proxy does, nothing was upgraded: it is a failure to connect.
    error.code === "WSCTL_EHANDSHAKE" ? "WSCTL_ETCP" : error.code,
    "proxy",
    keptReasons.has(reason) ? reason : "proxy",
    `the proxy ${proxy.shown} cannot be used: ${what}`,
    { hint: hints[reason] ?? error.hint ?? usualHint, cause: error.cause, where: error.where },
  );
  told.attempts = error.attempts;
  return told;
}

/** The error for a proxy that was understood, and opens no tunnel. */
export function tunnelRefused(
  proxy: Proxy,
  to: string,
  why: string,
  hint: string | undefined,
  where: readonly string[],
): DialError {
  const message = `the proxy ${proxy.shown} opens no tunnel to ${to}: ${why}`;
  return new DialError("WSCTL_ETCP", "proxy", "proxy", message, {
    hint: hint ?? usualHint,
    where,
  });
}

/** What to do about an answer to CONNECT that is no 2xx. */
export function connectHint({ status, headers }: UpgradeResponse, proxy: Proxy): string {
  if (status === 407) return credentialsHint(headerValue(headers, "Proxy-Authenticate"), proxy);
  if (status === 403) return "the proxy's rules do not allow this host or port";
  if (status >= 500 && status !== 501) {
    return "the proxy could not reach the server; it looks names up for itself, so that names only this machine knows mean nothing to it";
  }
  return "is this a forward proxy that allows CONNECT? a reverse proxy or a web server is none";
}

function credentialsHint(offered: string | undefined, proxy: Proxy): string {
  if (offered !== undefined && !/\bbasic\b/i.test(offered)) {
    const schemes = safeLine(offered, 60);
    return `the proxy wants ${schemes}, and only Basic is spoken here: a local proxy that translates is needed`;
  }
  return proxy.user === undefined
    ? "the proxy wants user and password: --proxy http://USER:PASSWORD@host:port, or the same in HTTPS_PROXY"
    : "the proxy does not accept this user and password; in a URL special characters are percent-encoded";
}
