/** Owns the HTTP/2 servers of these tests: Node's own, over TLS or plain TCP. */
import { once } from "node:events";
import http2, {
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { afterEach } from "vitest";
import { switching } from "../../e2e/raw-server.js";
import type { Certificates } from "../../support/certificates.js";

/** How a server takes an extended CONNECT. */
export interface Http2Behaviour {
  /** Whether it says that it takes one; true unless told. */
  readonly advertises?: boolean;
  readonly connect?: ((stream: ServerHttp2Stream, protocol: string) => void) | undefined;
  /** Serves TLS with this, and HTTP/1.1 besides; else plain TCP and HTTP/2 alone. */
  readonly certificates?: Certificates;
}

/** What it was asked. */
interface Http2Running {
  readonly url: string;
  /** The headers of each stream. */
  readonly asked: readonly Record<string, unknown>[];
  /** What came on streams. */
  readonly came: readonly Buffer[];
}

const running: { server: Http2Server | Http2SecureServer; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

export async function startHttp2(behaviour: Http2Behaviour = {}): Promise<Http2Running> {
  const { advertises = true, connect, certificates } = behaviour;
  const settings = { enableConnectProtocol: advertises };
  const tls = certificates && { cert: certificates.server.cert, key: certificates.server.key };
  const server = tls
    ? http2.createSecureServer({ ...tls, allowHTTP1: true, settings })
    : http2.createServer({ settings });
  const sockets = new Set<Socket>();
  const asked: Record<string, unknown>[] = [];
  const came: Buffer[] = [];
  server.on(tls ? "secureConnection" : "connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream: ServerHttp2Stream, headers: Record<string, unknown>) => {
    asked.push(headers);
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => came.push(chunk));
    connect?.(stream, String(headers[":protocol"]));
  });
  // Of HTTP/1.1: every WebSocket is opened, and closed with the client.
  server.on("upgrade", (request: { headers: Record<string, string> }, socket: Socket) => {
    const key = request.headers["sec-websocket-key"] ?? "";
    socket.write(switching(`sec-websocket-key: ${key}\r\n`));
    socket.on("data", () => socket.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push({ server, sockets });
  const { port } = server.address() as AddressInfo;
  const url = tls ? `wss://localhost:${port}/chat?a=b` : `ws://127.0.0.1:${port}/chat?a=b`;
  return { url, asked, came };
}
