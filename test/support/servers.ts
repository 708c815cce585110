/** Owns the WebSocket servers of tests that stand on `ws`: an implementation that is not ours. */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { type ServerOptions, WebSocketServer } from "ws";

/** How an echo server is to behave. */
export interface WsEchoOptions {
  /** Serves wss with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Answers every upgrade with this HTTP status instead of 101. */
  readonly refuse?: number | undefined;
  /** Passed on to `ws`: subprotocols, compression, limits. */
  readonly ws?: Omit<ServerOptions, "server" | "noServer" | "host" | "port" | "path"> | undefined;
}

/** A server that sends every message back as it came. */
export interface WsEcho extends AsyncDisposable {
  /** `ws://127.0.0.1:PORT/`, or `wss://localhost:PORT/` with TLS. */
  readonly url: string;
  readonly port: number;
  /** The server of `ws`, to listen to its events. */
  readonly wss: WebSocketServer;
  /** Cuts every connection and closes the port; so does the end of the test file. */
  close(): Promise<void>;
}

const open = new Set<WsEcho>();

afterAll(async () => {
  await Promise.all([...open].map(async (server) => server.close()));
});

/** Starts an echo server on a free loopback port; it is closed at the end of the test file at the latest. */
export async function startWsEcho(options: WsEchoOptions = {}): Promise<WsEcho> {
  const { tls, refuse } = options;
  const server = tls === undefined ? http.createServer() : https.createServer({ ...tls });
  const wss = new WebSocketServer({ ...options.ws, noServer: true });
  wss.on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (refuse === undefined) {
      wss.handleUpgrade(request, socket, head, (ws) => wss.emit("connection", ws, request));
      return;
    }
    const body = `refused with ${refuse}\n`;
    const reason = http.STATUS_CODES[refuse] ?? "Unknown";
    socket.end(
      `HTTP/1.1 ${refuse} ${reason}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  // Upgraded sockets are no longer the HTTP server's: it would wait for them in vain.
  const sockets = new Set<{ destroy(): void; on(event: "close", done: () => void): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!open.delete(echo)) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const echo: WsEcho = {
    url: tls === undefined ? `ws://127.0.0.1:${port}/` : `wss://localhost:${port}/`,
    port,
    wss,
    close,
    [Symbol.asyncDispose]: close,
  };
  open.add(echo);
  return echo;
}
