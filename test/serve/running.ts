/** Owns the servers of the room's tests, and how they are spoken to. Everything ends with the test. */
import { once } from "node:events";
import { request as httpRequest, type RequestOptions } from "node:http";
import { connect as netConnect, type Socket } from "node:net";
import { afterEach } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import type { ServeEvent } from "../../src/serve/events.js";
import { type RunningServer, serve, type ServeOptions } from "../../src/serve/server.js";

const running: RunningServer[] = [];
const clients: (WebSocket | Socket)[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) {
    if (client instanceof WebSocket) client.terminate();
    else client.destroy();
  }
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** An echo server on a free loopback port, with what happened to it. */
export async function start(
  options: Partial<ServeOptions> = {},
): Promise<RunningServer & { readonly events: readonly ServeEvent[] }> {
  const events: ServeEvent[] = [];
  const server = await serve({
    mode: {
      accept(peer) {
        peer.onMessage = (data, isBinary) => peer.send(data, isBinary);
      },
    },
    guards: [],
    host: "127.0.0.1",
    port: 0,
    controlPort: 0,
    maxPayload: 64 * 1024,
    subprotocols: [],
    compress: false,
    watcher: { messages: false, tell: (event) => void events.push(event) },
    ...options,
  });
  running.push(server);
  return Object.assign(server, { events });
}

/** A client that is open. */
export async function connect(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const client = new WebSocket(url, options);
  clients.push(client);
  await once(client, "open");
  client.on("error", () => {});
  return client;
}

/** A TCP connection to the port of a URL. */
export async function tcp(url: string): Promise<Socket> {
  const { port } = new URL(url);
  const socket = netConnect({ host: "127.0.0.1", port: Number(port) });
  clients.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Asks for an upgrade, byte by byte. */
export const upgradeHead = `${[
  "GET / HTTP/1.1",
  "Host: x",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
].join("\r\n")}\r\n\r\n`;

/** Resolves when a connection is gone, in whatever way. */
export function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** The close code that a client sees. */
export async function closeCode(client: WebSocket): Promise<number> {
  const [code] = (await once(client, "close")) as [number];
  return code;
}

/** Sends a text and waits for the next message. */
export async function ask(client: WebSocket, text: string): Promise<string> {
  const answer = once(client, "message");
  client.send(text);
  const [data] = (await answer) as [Buffer];
  return data.toString();
}

/** An HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** One HTTP request on a connection of its own. */
export function http(
  url: string,
  { body, ...options }: RequestOptions & { body?: string | Buffer } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A JSON answer of the control port. */
export async function told(
  { control }: RunningServer,
  path: string,
): Promise<Record<string, unknown>> {
  const { body } = await http(`${control}${path}`);
  return JSON.parse(body) as Record<string, unknown>;
}

/** Changes something at the control port. */
export function order(
  { control, token }: RunningServer,
  path: string,
  body?: unknown,
  method = "POST",
): Promise<HttpAnswer> {
  return http(`${control}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Looks again and again until it holds; fails after some seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 8000;
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
