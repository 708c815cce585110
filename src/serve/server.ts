/** Owns the test server: it listens, upgrades, hands clients to its mode, and ends them all. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { WsctlError } from "../base/errors.js";
import { controlServer } from "./control.js";
import { Truth } from "./counters.js";
import { modes, type ModeName } from "./modes.js";
import { Peer } from "./peer.js";

/** How to serve. */
export interface ServeOptions {
  readonly mode: ModeName;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  /** Bytes of a message; larger ones are answered with 1009. */
  readonly maxPayload: number;
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

/**
 * Starts a server.
 * @throws WsctlError WSCTL_ELISTEN
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const truth = new Truth();
  const control = controlServer(truth);
  const controlAddress = await listen(control, options.controlPort, controlHost, "--control-port");
  const controlUrl = `http://${controlHost}:${controlAddress.port}`;
  const server = createServer((_request, response) => {
    response.writeHead(426, { connection: "Upgrade", upgrade: "websocket" });
    response.end("this is a WebSocket server: connect with ws://\n");
  });
  const sockets = new WebSocketServer({
    server,
    maxPayload: options.maxPayload,
    perMessageDeflate: false,
  });
  sockets.on("headers", (headers) => headers.push(`Wsctl-Control: ${controlUrl}`));
  sockets.on("connection", (socket, request) => accept(socket, request, truth, options.mode));
  // What breaks before the upgrade concerns one client only; the server goes on.
  sockets.on("error", () => {});
  let address: AddressInfo;
  try {
    address = await listen(server, options.port, options.host, "--port");
  } catch (error) {
    control.close();
    throw error;
  }
  const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `ws://${shown}:${address.port}/`,
    control: controlUrl,
    truth,
    close: () => close(sockets, server, control),
  };
}

function accept(socket: WebSocket, request: IncomingMessage, truth: Truth, mode: ModeName): void {
  const header = request.headers["wsctl-run"];
  const run = truth.run(typeof header === "string" ? header : undefined);
  const peer = new Peer(socket, run ? [truth.total, run] : [truth.total], () => {});
  modes[mode].accept(peer);
}

function listen(server: Server, port: number, host: string, flag: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new WsctlError("WSCTL_ELISTEN", `cannot listen on ${host}:${port}: ${cause.code}`, {
          cause,
          hint:
            cause.code === "EADDRINUSE"
              ? `the port is taken: choose another with ${flag}, or 0 for any free one`
              : undefined,
        }),
      );
    });
    // The default backlog of 511 overflows when thousands connect at once.
    server.listen({ port, host, backlog: 4096 }, () => resolve(server.address() as AddressInfo));
  });
}

async function close(sockets: WebSocketServer, server: Server, control: Server): Promise<void> {
  const clients = [...sockets.clients];
  const gone = clients.map((client) => new Promise<void>((r) => client.once("close", () => r())));
  for (const client of clients) client.close(1001, "the server is going away");
  const late = setTimeout(() => {
    for (const client of clients) client.terminate();
  }, closingGrace);
  await Promise.all(gone);
  clearTimeout(late);
  control.closeAllConnections();
  server.closeAllConnections();
  await Promise.all([server, control].map((each) => new Promise((r) => each.close(r))));
}
