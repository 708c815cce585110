/** Owns nginx as tests start it: one process, logging to stderr, all its files in one directory. */
import { existsSync } from "node:fs";
import { type Daemon, type Place, startDaemon } from "./daemon.js";
import { requireDebian } from "./debian.js";

const program = "/usr/sbin/nginx";

/** Whether nginx is usable, as {@link requireDebian} has it. */
export function requireNginx(): boolean {
  return requireDebian("nginx", () => existsSync(program));
}

/**
 * Starts nginx, once {@link requireNginx} is true.
 *
 * @param ports - how many it listens on
 * @param servers - what stands in its `http` block
 */
export async function startNginx(
  ports: number,
  servers: (place: Place) => string,
): Promise<Daemon> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return startDaemon({
    command: program,
    args: ({ directory }, config) => ["-e", "stderr", "-p", directory, "-c", config],
    config: (place) => `daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.map((kind) => `${kind}_temp_path ${kind};`).join("\n  ")}
  ${servers(place)}
}
`,
    ports,
    ready: /\[notice\].* nginx\//,
    busy: /bind\(\) to .* failed \(98/,
  });
}
