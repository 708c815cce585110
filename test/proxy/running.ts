/** Owns the proxies of the room's tests, and the raw sockets on both sides. All ends with the test. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import type { ProxyEvent } from "../../src/proxy/events.js";
import type { ProxyOptions } from "../../src/proxy/options.js";
import { type RunningProxy, startProxy } from "../../src/proxy/proxy.js";

const endings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** Something to be ended after the test. */
export function atEnd(end: () => Promise<void> | void): void {
  endings.push(end);
}

/** A directory that is gone after the test. */
export function directory(): string {
  const made = mkdtempSync(path.join(tmpdir(), "wsctl-proxy-"));
  atEnd(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A proxy, and what it told. */
export interface Proxied extends RunningProxy {
  readonly events: readonly ProxyEvent[];
  readonly port: number;
}

/** A proxy on a free port, to `target` if one is given. */
export async function startTestProxy(
  target: string | undefined,
  options: Partial<ProxyOptions> = {},
): Promise<Proxied> {
  const events: ProxyEvent[] = [];
  const proxy = await startProxy({
    host: "127.0.0.1",
    port: 0,
    target: target === undefined ? undefined : parseTarget(target),
    maxPayload: 1024 * 1024,
    watcher: { messages: true, tell: (event) => void events.push(event) },
    ...options,
  });
  atEnd(() => proxy.close());
  const port = Number(new URL(proxy.url).port);
  return {
    url: proxy.url,
    port,
    events,
    stats: () => proxy.stats(),
    links: () => proxy.links(),
    shun: (at) => proxy.shun(at),
    close: () => proxy.close(),
  };
}

/** A TCP server that hands out each connection. */
export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** The next connection. */
  next(): Promise<Wiretap>;
}

/** A socket with all that came of it. */
export class Wiretap {
  readonly socket: Socket;
  bytes: Buffer = Buffer.alloc(0);
  ended = false;
  closed = false;
  error: string | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      this.#wake?.();
    });
    socket.on("end", () => {
      this.ended = true;
      this.#wake?.();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => (this.error = error.code));
    socket.on("close", () => {
      this.closed = true;
      this.#wake?.();
    });
  }

  /** Resolves once that holds; looked at whenever something comes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.closed) throw new Error(`gone, with ${this.bytes.length} bytes`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Takes so many bytes off, once they are there. */
  async take(count: number): Promise<Buffer> {
    await this.until(() => this.bytes.length >= count);
    const taken = this.bytes.subarray(0, count);
    this.bytes = this.bytes.subarray(count);
    return taken;
  }

  /** Takes an HTTP head off, once it is there. */
  async head(): Promise<string> {
    await this.until(() => this.bytes.includes("\r\n\r\n"));
    const end = this.bytes.indexOf("\r\n\r\n") + 4;
    return (await this.take(end)).toString("latin1");
  }

  /** Resolves when it is gone. */
  async gone(): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => void this.socket.once("close", () => resolve()));
  }
}

/** A server whose connections the test serves by hand. */
export async function rawServer(): Promise<RawServer> {
  const taps: Wiretap[] = [];
  const waiting: ((tap: Wiretap) => void)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const tap = new Wiretap(socket);
    const give = waiting.shift();
    if (give) give(tap);
    else taps.push(tap);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    next: () => {
      const tap = taps.shift();
      return tap ? Promise.resolve(tap) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

/** A client by hand. */
export async function rawClient(port: number): Promise<Wiretap> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  const tap = new Wiretap(socket);
  atEnd(() => void socket.destroy());
  await once(socket, "connect");
  return tap;
}

/** An upgrade request, and what agrees to it. */
export const asking = [
  "GET /chat?token=1 HTTP/1.1",
  "Host: proxy.example",
  "upgrade: WebSocket",
  "CONNECTION: keep-alive, Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "X-Twice: one",
  "Sec-WebSocket-Version: 13",
  "x-TWICE: two",
  "Origin: http://page.example",
];
export const agreeing = [
  "HTTP/1.1 101 Why Not",
  "upgrade:  websocket",
  "Connection: Upgrade",
  "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "x-Odd:   value ",
];

/** Lines of a head. */
export function head(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A client and a server with the proxy between them, past the upgrade. */
export async function joined(
  options: Partial<ProxyOptions> = {},
  extensions?: string,
): Promise<{ proxy: Proxied; client: Wiretap; server: Wiretap }> {
  const raw = await rawServer();
  const proxy = await startTestProxy(raw.url, options);
  const client = await rawClient(proxy.port);
  const more = extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`];
  client.socket.write(head(...asking, ...more));
  const server = await raw.next();
  await server.head();
  server.socket.write(head(...agreeing, ...more));
  await client.head();
  return { proxy, client, server };
}

/** The lines of a recording in a directory, of the only one unless told. */
export function recorded(dir: string, name?: string): Record<string, unknown>[] {
  const file = name ?? readdirSync(dir)[0];
  return readFileSync(path.join(dir, file!), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
