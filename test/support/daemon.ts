/**
 * Owns the servers of the operating system that tests start: each with a configuration and a
 * directory of its own, on free loopback ports, and gone without a trace when the test file ends.
 */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, vi } from "vitest";
import { type Child, startChild } from "./child.js";

/** What a server may use. */
export interface Place {
  /** For its files; removed with it. */
  readonly directory: string;
  /** Different ones; as many as were asked for. */
  readonly ports: readonly number[];
}

/** How a server is started in the foreground. */
export interface DaemonOptions {
  readonly command: string;
  /** The arguments; the file named last holds the configuration. */
  readonly args: (place: Place, configPath: string) => readonly string[];
  readonly config: (place: Place) => string;
  /** How many ports it wants. */
  readonly ports: number;
  /** What it writes once it listens. */
  readonly ready: RegExp;
  /** What it writes when it cannot listen because a port is taken. */
  readonly busy: RegExp;
}

/** A server that listens. */
export interface Daemon extends Place {
  readonly child: Child;
}

/** Between a port's choice and its use another process may take it; more often is no coincidence. */
const attempts = 5;

const startTimeoutMs = 10_000;
const started: { readonly directory: string; child?: Child }[] = [];

afterAll(async () => {
  for (const { child, directory } of started.splice(0)) {
    // Not before it is dead: it might still write there.
    await child?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  }
});

/** Ports on which nothing listens at this moment. */
async function freePorts(count: number): Promise<number[]> {
  // All are held at once, so that none is given twice.
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => once(server.close(), "close")));
  return ports;
}

/**
 * Starts a server, on other ports if need be, and waits until it listens.
 *
 * @throws Error with what it wrote, when it does not start
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const directory = await mkdtemp(path.join(tmpdir(), "wsctl-daemon-"));
  const entry: (typeof started)[number] = { directory };
  started.push(entry);
  for (let attempt = 1; ; attempt++) {
    const place = { directory, ports: await freePorts(options.ports) };
    const configPath = path.join(directory, "config");
    await writeFile(configPath, options.config(place));
    const child = startChild(options.command, options.args(place, configPath), { cwd: directory });
    entry.child = child;
    let hasEnded = false;
    const markEnd = (): void => void (hasEnded = true);
    child.exit.then(markEnd, markEnd);
    const written = (): string => child.output.stdout + child.output.stderr;
    const shows = (): boolean =>
      hasEnded || options.ready.test(written()) || options.busy.test(written());
    await vi.waitUntil(shows, { timeout: startTimeoutMs, interval: 10 }).catch(() => {});
    const isBusy = options.busy.test(written());
    if (!hasEnded && !isBusy && options.ready.test(written())) return { ...place, child };
    await child[Symbol.asyncDispose]();
    if (attempt === attempts || !options.busy.test(written())) {
      throw new Error(`${options.command} did not start:\n${written()}`);
    }
  }
}
