/** Owns HAProxy as tests start it: in the foreground, with short timeouts. */
import { existsSync } from "node:fs";
import { type Daemon, type Place, startDaemon } from "./daemon.js";
import { requireDebian } from "./debian.js";

const program = "/usr/sbin/haproxy";

/** Whether HAProxy is usable, as {@link requireDebian} has it. */
export function requireHaproxy(): boolean {
  return requireDebian("haproxy", () => existsSync(program));
}

/**
 * Starts HAProxy, once {@link requireHaproxy} is true.
 *
 * @param ports - how many it listens on
 * @param sections - its frontends and backends
 * @param connections - how many clients it takes at a time
 */
export async function startHaproxy(
  ports: number,
  sections: (place: Place) => string,
  connections = 64,
): Promise<Daemon> {
  return startDaemon({
    command: program,
    // Only with a master process it tells when it is ready.
    args: (_place, config) => ["-W", "-db", "-f", config],
    // Ports are not to be shared: another HAProxy would get half of the connections.
    config: (place) => `global
  noreuseport
  maxconn ${connections}
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 10s
  timeout server 10s
${sections(place)}
`,
    ports,
    ready: /Loading success/,
    busy: /Address already in use/,
  });
}
