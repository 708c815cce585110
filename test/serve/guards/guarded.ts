/** Owns the guarded servers of these tests, and clients that speak to them raw or through `ws`. */
import { once } from "node:events";
import net from "node:net";
import { afterEach } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { FlagValues } from "../../../src/serve/flag.js";
import type { Guard } from "../../../src/serve/guard.js";
import { createGuards } from "../../../src/serve/guards.js";
import type { Mode } from "../../../src/serve/mode.js";
import { type RunningServer, serve } from "../../../src/serve/server.js";

/** Flags by name, without the dashes. */
export type Flags = Readonly<Record<string, string | readonly string[]>>;

const running: RunningServer[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** The guards that these flags ask for. */
export function guardsFor(flags: Flags): Guard[] {
  const entries = Object.entries(flags).map(
    ([name, value]) => [name, typeof value === "string" ? [value] : value] as const,
  );
  return createGuards(new FlagValues(new Map(entries)));
}

const echo: Mode = {
  accept(peer) {
    peer.onMessage = (data, isBinary) => peer.send(data, isBinary);
  },
};

/** A server on a free port; closed after the test. */
export async function guarded(
  flags: Flags,
  {
    mode = echo,
    subprotocols = [],
    maxPayload = 1024 * 1024,
  }: { mode?: Mode; subprotocols?: readonly string[]; maxPayload?: number } = {},
): Promise<RunningServer> {
  const server = await serve({
    mode,
    guards: guardsFor(flags),
    host: "127.0.0.1",
    port: 0,
    controlPort: 0,
    maxPayload,
    subprotocols,
    compress: false,
    watcher: { messages: false, tell() {} },
  });
  running.push(server);
  return server;
}

/** An HTTP answer. */
export interface Answer {
  /** Such as `HTTP/1.1 403 Forbidden`. */
  readonly status: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends an upgrade request with these header lines added; ends the connection at once after 101. */
export async function upgrade(
  server: RunningServer,
  lines: readonly string[] = [],
  target = "/",
): Promise<Answer> {
  const { port } = new URL(server.url);
  const socket = net.connect({ host: "127.0.0.1", port: Number(port) });
  socket.on("error", () => {});
  socket.write(
    [
      `GET ${target} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ...lines,
      "",
      "",
    ].join("\r\n"),
    "latin1",
  );
  let text = "";
  socket.on("data", (data: Buffer) => {
    text += data.toString("latin1");
    if (text.startsWith("HTTP/1.1 101") && text.includes("\r\n\r\n")) socket.destroy();
  });
  await once(socket, "close");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [status = "", ...fields] = head.split("\r\n");
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  });
  return { status, headers: new Map(headers), body };
}

/** The status code alone. */
export async function statusOf(
  server: RunningServer,
  lines: readonly string[] = [],
  target = "/",
): Promise<number> {
  return Number((await upgrade(server, lines, target)).status.split(" ")[1]);
}

/** A client of `ws` that keeps what it is told. */
export class Client {
  readonly socket: WebSocket;
  /** Resolves with close code and reason. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
  readonly #messages: string[] = [];
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        resolve([code, reason.toString()]);
        this.#wake();
      });
    });
    socket.on("error", () => {});
    socket.on("message", (data) => {
      this.#messages.push((data as Buffer).toString());
      this.#wake();
    });
  }

  send(...messages: readonly string[]): void {
    for (const message of messages) this.socket.send(message);
  }

  /** The next message. */
  async next(): Promise<string> {
    while (this.#messages.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("closed without a message");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift()!;
  }

  /** What came and was not asked for yet. */
  get unread(): readonly string[] {
    return this.#messages;
  }
}

/** A client that is open; cut off after the test. */
export async function connect(
  server: RunningServer,
  {
    path = "",
    subprotocols = [],
    ...options
  }: ClientOptions & { path?: string; subprotocols?: string[] } = {},
): Promise<Client> {
  const socket = new WebSocket(server.url + path, subprotocols, options);
  clients.push(socket);
  const client = new Client(socket);
  await once(socket, "open");
  return client;
}
