/** Owns the test server: it listens, upgrades, hands clients to guards and mode, and ends them all. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { WsctlError } from "../base/errors.js";
import { controlServer } from "./control.js";
import { Truth } from "./counters.js";
import type { Watcher } from "./events.js";
import { admit, chooseSubprotocol, refuse } from "./gate.js";
import type { Guard } from "./guard.js";
import type { Mode } from "./mode.js";
import { Peer } from "./peer.js";

/** How to serve. */
export interface ServeOptions {
  readonly mode: Mode;
  readonly guards: readonly Guard[];
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  /** Bytes of a message; larger ones are answered with 1009. */
  readonly maxPayload: number;
  readonly subprotocols: readonly string[];
  /** Whether permessage-deflate is agreed to when it is offered. */
  readonly compress: boolean;
  readonly watcher: Watcher;
}

/** A server that listens. */
export interface RunningServer {
  /** Such as `ws://127.0.0.1:8080/`. */
  readonly url: string;
  /** Such as `http://127.0.0.1:40000`. */
  readonly control: string;
  readonly truth: Truth;
  /** Closes every client with 1001 and stops listening. */
  close(): Promise<void>;
}

/** How long clients may take to answer the close. */
const closingGrace = 1000;
const controlHost = "127.0.0.1";
/** Headers of a request together, in bytes, and how long they may take to come. */
const largestHead = 16 * 1024;
const headersPatience = 10_000;

/**
 * Starts a server.
 * @throws WsctlError WSCTL_ELISTEN
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const server = new TestServer(options);
  await server.start();
  return server;
}

class TestServer implements RunningServer {
  url = "";
  control = "";
  readonly truth = new Truth();
  readonly #options: ServeOptions;
  readonly #http: Server;
  readonly #control: Server;
  readonly #sockets: WebSocketServer;
  #connections = 0;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.#control = controlServer(this.truth);
    this.#http = createServer({ maxHeaderSize: largestHead }, (_request, response) => {
      response.writeHead(426, { connection: "Upgrade", upgrade: "websocket" });
      response.end("this is a WebSocket server: connect with ws://\n");
    });
    this.#http.headersTimeout = headersPatience;
    this.#http.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
    const spoken = new Set(
      options.guards.flatMap((guard) => guard.subprotocols ?? []).concat(options.subprotocols),
    );
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxPayload,
      perMessageDeflate: options.compress,
      handleProtocols: (offered) => chooseSubprotocol(offered, spoken),
    });
    this.#sockets.on("headers", (headers) => headers.push(`Wsctl-Control: ${this.control}`));
  }

  async start(): Promise<void> {
    const { host, port, controlPort } = this.#options;
    const control = await listen(this.#control, controlPort, controlHost);
    this.control = `http://${controlHost}:${control.port}`;
    try {
      const { address, family, port: bound } = await listen(this.#http, port, host);
      this.url = `ws://${family === "IPv6" ? `[${address}]` : address}:${bound}/`;
    } catch (error) {
      this.#control.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const clients = [...this.#sockets.clients];
    const gone = clients.map((client) => new Promise<void>((r) => client.once("close", () => r())));
    for (const client of clients) client.close(1001, "the server is going away");
    const late = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, closingGrace);
    await Promise.all(gone);
    clearTimeout(late);
    this.#options.mode.close?.();
    for (const guard of this.#options.guards) guard.close?.();
    const servers = [this.#http, this.#control];
    for (const each of servers) each.closeAllConnections();
    await Promise.all(servers.map((each) => new Promise((r) => each.close(r))));
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // ws adds its own listener; until then a reset must not end the process.
    const ignore = (): void => {};
    socket.on("error", ignore);
    const refusal = await admit(this.#options.guards, request);
    if (socket.destroyed) return;
    if (refusal) {
      const { status, error } = refusal;
      this.#options.watcher.tell({ event: "refused", ...facts(request), status, error });
      refuse(socket, refusal);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      socket.off("error", ignore);
      this.#accept(client, request);
    });
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const header = request.headers["wsctl-run"];
    const id = typeof header === "string" ? header : undefined;
    const counters = this.truth.run(id);
    const peer = new Peer(socket, {
      id: ++this.#connections,
      request,
      run: counters ? id : undefined,
      counters: counters ? [this.truth.total, counters] : [this.truth.total],
    });
    this.#watch(peer, request);
    for (const guard of this.#options.guards) guard.attach?.(peer);
    this.#options.mode.accept(peer);
  }

  #watch(peer: Peer, request: IncomingMessage): void {
    const { watcher } = this.#options;
    const connection = peer.id;
    const began = performance.now();
    watcher.tell({ event: "open", connection, ...facts(request) });
    peer.onClose((code, reason) => {
      watcher.tell({ event: "close", connection, code, reason, lasted: performance.now() - began });
    });
    if (!watcher.messages) return;
    peer.onTraffic = (direction, data, binary) =>
      watcher.tell({ event: "message", connection, direction, binary, data });
  }
}

function facts(request: IncomingMessage): {
  remote: string;
  path: string;
  origin: string | undefined;
} {
  const { remoteAddress = "", remotePort = 0 } = request.socket;
  return {
    remote: `${remoteAddress}:${remotePort}`,
    path: request.url ?? "",
    origin: request.headers.origin,
  };
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new WsctlError("WSCTL_ELISTEN", `cannot listen on ${host}:${port}: ${cause.code}`, {
          cause,
          hint:
            cause.code === "EADDRINUSE"
              ? "the port is taken: choose another with --port, or 0 for any free one"
              : undefined,
        }),
      );
    });
    // The default backlog of 511 overflows when thousands connect at once.
    server.listen({ port, host, backlog: 4096 }, () => resolve(server.address() as AddressInfo));
  });
}
