/**
 * Owns Redis as tests start it: in the foreground, keeping nothing, on a free port, and to be stopped,
 * killed and started again there.
 */
import { setTimeout } from "node:timers/promises";
import { existsSync } from "node:fs";
import net from "node:net";
import { once } from "node:events";
import type { Certificates } from "./certificates.js";
import { type Child, startChild } from "./child.js";
import { startDaemon } from "./daemon.js";
import { requireDebian } from "./debian.js";

type Certificate = Certificates["server"];

const program = "/usr/bin/redis-server";

/** Whether Redis is usable, as {@link requireDebian} has it. */
export function requireRedis(): boolean {
  return requireDebian("redis-server", () => existsSync(program));
}

/** A Redis that can be taken away. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Freezes it: its connections stay, and nothing is answered. */
  stop(): void;
  /** Ends that. */
  go(): void;
  /** Kills it. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with nothing in it. */
  restart(): Promise<void>;
}

/**
 * Starts Redis, once {@link requireRedis} is true.
 *
 * @param certificate - it speaks TLS with this one
 */
export async function startRedis(certificate?: Certificate): Promise<RedisServer> {
  const daemon = await startDaemon({
    command: program,
    args: (_place, config) => [config],
    config: ({ directory, ports: [port] }) =>
      [
        ...(certificate ? secured(port!, certificate) : [`port ${port}`]),
        "bind 127.0.0.1",
        'save ""',
        "appendonly no",
        `dir ${directory}`,
        "daemonize no",
        "",
      ].join("\n"),
    ports: 1,
    ready: /Ready to accept connections/,
    busy: /Address already in use/,
  });
  const port = daemon.ports[0]!;
  let child: Child = daemon.child;
  return {
    url: `${certificate ? "rediss" : "redis"}://127.0.0.1:${port}`,
    port,
    stop: () => void child.kill("SIGSTOP"),
    go: () => void child.kill("SIGCONT"),
    async kill() {
      child.kill("SIGKILL");
      await child.exit;
    },
    async restart() {
      child = startChild(program, [`${daemon.directory}/config`], { cwd: daemon.directory });
      await listening(port);
    },
  };
}

/** What a command of Redis, as its parts, is answered with, as it came. */
export async function redisSays(
  { port }: RedisServer,
  ...command: readonly (string | Buffer)[]
): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`*${command.length}\r\n`);
  for (const part of command) {
    socket.write(`$${Buffer.byteLength(part)}\r\n`);
    socket.write(part);
    socket.write("\r\n");
  }
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString();
}

function secured(port: number, { certPath, keyPath }: Certificate): string[] {
  return [
    "port 0",
    `tls-port ${port}`,
    `tls-cert-file ${certPath}`,
    `tls-key-file ${keyPath}`,
    "tls-auth-clients no",
  ];
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = net.connect(port, "127.0.0.1");
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await setTimeout(10);
  }
  throw new Error(`Redis did not come back on port ${port}`);
}
