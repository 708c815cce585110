/** Owns names of hosts as they are compared: with patterns, and with what means this machine alone. */
import { isIP } from "node:net";

/**
 * Whether a host is one of those.
 * @param patterns names and addresses; `*.example.com` for all below it
 */
export function isAmong(host: string, patterns: readonly string[]): boolean {
  const asked = bare(host);
  return patterns.some((each) => {
    const wanted = bare(each);
    return wanted.startsWith("*.") ? asked.endsWith(wanted.slice(1)) : asked === wanted;
  });
}

/** Whether that is this machine to itself alone: 127.0.0.0/8, ::1, localhost and what is below it. */
export function isLoopback(host: string): boolean {
  const name = bare(host).replace(/^::ffff:/, "");
  if (isIP(name) === 4) return name.startsWith("127.");
  return name === "::1" || name === "localhost" || name.endsWith(".localhost");
}

/** The host of `host:port`, of `[::1]:port`, or of either without a port. */
export function hostOf(authority: string): string {
  return bare(authority.trim().replace(/:\d*$/, ""));
}

function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
}
