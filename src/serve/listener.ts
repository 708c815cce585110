/** Owns the port: plain or TLS, how long a request may take to arrive, and the sockets behind it. */
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { messageOf, WsctlError } from "../base/errors.js";
import type { Certificate } from "./certificate.js";

/** Headers of a request together, in bytes, and how long they may take to come, in ms. */
const largestHead = 16 * 1024;
const patience = 10_000;
/** How often is looked for requests that take too long. */
const checkEvery = 2000;
/** The default backlog of 511 overflows when thousands connect at once. */
const backlog = 4096;

/** Listens for HTTP and upgrades, and knows every TCP connection underneath. */
export class Listener {
  readonly http: Server;
  #closed: Promise<void> | undefined;
  readonly #raw = new Map<string, Socket>();

  /** @throws WsctlError WSCTL_EUSAGE for a certificate that cannot be used */
  constructor(tls: Certificate | undefined, answer: RequestListener) {
    const options = { maxHeaderSize: largestHead, connectionsCheckingInterval: checkEvery };
    this.http = tls ? secured(tls, options, answer) : createServer(options, answer);
    this.http.headersTimeout = patience;
    this.http.requestTimeout = patience;
    this.http.on("connection", (socket: Socket) => this.#keep(socket));
  }

  /** @throws WsctlError WSCTL_ELISTEN */
  listen(port: number, host: string): Promise<AddressInfo> {
    return listen(this.http, port, host);
  }

  /** Ends the connection under an upgraded socket with a TCP reset. */
  reset(socket: Socket): void {
    // TLS cannot be reset, only what carries it.
    const raw = this.#raw.get(nameOf(socket));
    if (raw) raw.resetAndDestroy();
    else socket.destroy();
  }

  /** Accepts no more connections. */
  stop(): void {
    this.#closed ??= new Promise((resolve) => this.http.close(() => resolve()));
  }

  /** Stops, and cuts what is still there. */
  async close(): Promise<void> {
    this.stop();
    for (const socket of this.#raw.values()) socket.destroy();
    await this.#closed;
  }

  #keep(socket: Socket): void {
    const name = nameOf(socket);
    this.#raw.set(name, socket);
    // Whoever resets before anybody listens must not end the process.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#raw.get(name) === socket) this.#raw.delete(name);
    });
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function secured(tls: Certificate, options: object, answer: RequestListener): Server {
  try {
    return createTlsServer({ ...options, ...tls, handshakeTimeout: patience }, answer);
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `the certificate cannot be used: ${messageOf(cause)}`, {
      cause,
      hint: "--tls-cert and --tls-key are PEM files that belong together",
    });
  }
}

/** What can be done where the system does not let one listen; FLAG is the port's. */
const advice: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "the port is taken: choose another with FLAG, or 0 for any free one"],
  ["EADDRNOTAVAIL", "this machine has no such address: 127.0.0.1 is its own, 0.0.0.0 all of them"],
  ["ENOTFOUND", "no host is called so: 127.0.0.1 is this machine, 0.0.0.0 all of its addresses"],
  ["EACCES", "the system keeps low ports to itself: choose one from 1024 on with FLAG"],
]);

/**
 * Lets a server listen.
 * @throws WsctlError WSCTL_ELISTEN
 */
export function listen(
  server: Server,
  port: number,
  host: string,
  flag: "--port" | "--control-port" = "--port",
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const hint = advice.get(cause.code ?? "")?.replace("FLAG", flag);
      const message = `cannot listen on ${host}:${port}: ${cause.code}`;
      reject(new WsctlError("WSCTL_ELISTEN", message, { cause, hint }));
    };
    server.once("error", failed);
    server.listen({ port, host, backlog }, () => {
      server.off("error", failed);
      // Out of descriptors: accepting fails for a while, what is connected stays.
      server.on("error", () => {});
      resolve(server.address() as AddressInfo);
    });
  });
}
