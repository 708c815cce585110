/** Owns Mosquitto as tests start it: an MQTT broker that listens for WebSocket, and keeps nothing. */
import { existsSync } from "node:fs";
import { requireDebian } from "./debian.js";
import { startDaemon } from "./daemon.js";

const program = "/usr/sbin/mosquitto";

/** Whether Mosquitto is usable, as {@link requireDebian} has it. */
export function requireMosquitto(): boolean {
  return requireDebian("mosquitto", () => existsSync(program));
}

/** Starts Mosquitto, once {@link requireMosquitto} is true; the URL is `ws://127.0.0.1:PORT/`. */
export async function startMosquitto(): Promise<{ readonly url: string }> {
  const { ports } = await startDaemon({
    command: program,
    args: (_place, config) => ["-c", config],
    // Version 2.0 does not start with listeners for WebSocket alone, and with IPv6 binds them to
    // all addresses whatever it is told. Started by root it would become another user, who may not
    // write to the directory.
    config: ({ directory, ports: [port] }) => `${process.getuid?.() === 0 ? "user root" : ""}
persistence false
allow_anonymous true
log_dest stderr
listener 0 ${directory}/mqtt.sock
listener ${port} 127.0.0.1
protocol websockets
socket_domain ipv4
`,
    ports: 1,
    ready: /mosquitto version \S+ running/,
    busy: /Unable to create websockets listener/,
  });
  return { url: `ws://127.0.0.1:${ports[0]}/` };
}
