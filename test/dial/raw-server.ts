/** Owns the servers that the tests of dial/ misbehave with: sockets, and bytes written by hand. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach } from "vitest";
import { parseTarget, type Target } from "../../src/dial/target.js";
import type { Wire } from "../../src/dial/wire.js";
import { acceptFor } from "../../src/frame/handshake.js";

/** A server on a free loopback port; closed after the test. */
export interface RawServer {
  readonly port: number;
  readonly target: Target;
  /** Every connection so far. */
  readonly sockets: readonly Socket[];
  /** The request heads so far, as latin1. */
  readonly heads: readonly string[];
}

/** How a server is to behave. */
export interface RawOptions {
  /** Called with each connection. */
  readonly connected?: (socket: Socket) => void;
  /** Called with each whole request head. */
  readonly answer?: (socket: Socket, head: string) => void;
  readonly tls?: tls.TlsOptions;
  readonly host?: string;
  /** Of the target; ws, or wss with `tls`, unless told. */
  readonly scheme?: string;
  /** Name in the target; the address unless told. */
  readonly name?: string;
}

const running: { server: net.Server; sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

export async function startRaw(options: RawOptions = {}): Promise<RawServer> {
  const sockets: Socket[] = [];
  const heads: string[] = [];
  const onSocket = (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    options.connected?.(socket);
    const { answer } = options;
    if (!answer) return;
    let head = "";
    socket.on("data", (chunk: Buffer) => {
      if (head.endsWith("\r\n\r\n")) return;
      head += chunk.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      heads.push(head);
      answer(socket, head);
    });
  };
  const server = options.tls
    ? tls.createServer(options.tls, onSocket).on("tlsClientError", () => {})
    : net.createServer(onSocket);
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    sockets.push(socket);
  });
  const host = options.host ?? "127.0.0.1";
  server.listen(0, host);
  await once(server, "listening");
  running.push({ server, sockets });
  const { port } = server.address() as AddressInfo;
  const scheme = options.scheme ?? (options.tls ? "wss" : "ws");
  const name = options.name ?? (host.includes(":") ? `[${host}]` : host);
  return { port, target: parseTarget(`${scheme}://${name}:${port}/chat?a=b`), sockets, heads };
}

/** The value of a header in a request head. */
export function valueOf(head: string, name: string): string {
  const line = head.split("\r\n").find((one) => one.toLowerCase().startsWith(`${name}: `));
  return line?.slice(name.length + 2) ?? "";
}

/** The head of a right 101 to that request. */
export function switching(head: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(valueOf(head, "sec-websocket-key"))}\r\n\r\n`;
}

/** A port that nothing listens on. */
export async function refusingPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The next bytes of a wire, as latin1, once there are `length` of them or more. */
export async function receiveText(wire: Wire, length: number): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    wire.receive((bytes, start, end) => {
      text += bytes.toString("latin1", start, end);
      if (text.length >= length) resolve(text);
    });
  });
}

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}
