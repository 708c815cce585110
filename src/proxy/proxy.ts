/** Owns the proxy: it listens, tells apart what comes, leads each where it belongs, and ends it all. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP, type Socket } from "node:net";
import path from "node:path";
import { WsctlError } from "../base/errors.js";
import type { Target } from "../dial/target.js";
import { adviceFor, whyRefused } from "../recording/file-refusal.js";
import type { Certificate } from "../serve/certificate.js";
import { Listener } from "../serve/listener.js";
import { Certificates, mintCertificate } from "./certificates.js";
import { answerBroken, largestHead } from "./complaints.js";
import { Connection } from "./connection.js";
import { Connects } from "./connect.js";
import type { Context } from "./context.js";
import { type Destination, destinationOf, type Inside } from "./destination.js";
import { asksForWebSocket, withoutUpgrade } from "./forwarded-head.js";
import { makeFolder } from "./folder.js";
import type { LinkCounts, ProxyLink } from "./link.js";
import { Loops } from "./loops.js";
import type { ProxyOptions } from "./options.js";
import { PendingAnswers } from "./pending-answers.js";
import { relayPlain } from "./plain.js";
import { answerNo, noFor, sayNo } from "./say-no.js";
import { Tally } from "./tally.js";
import { Upstream } from "./upstream.js";

/** What went through a proxy so far. */
export interface ProxyStats {
  /** WebSocket connections that were opened, and those open now. */
  readonly opened: number;
  readonly open: number;
  /** Upgrades that came to nothing. */
  readonly refused: number;
  /** Plain HTTP requests. */
  readonly requests: number;
  /** Blind tunnels. */
  readonly tunnels: number;
  readonly messages: LinkCounts;
  /** Close code → how many connections ended with it. */
  readonly closes: Readonly<Record<string, number>>;
  /** Recordings that met trouble: missing lines, or no file at all. */
  readonly recordingsInTrouble: number;
}

/** A proxy that listens. */
export interface RunningProxy {
  /** Such as `ws://127.0.0.1:8080/`. */
  readonly url: string;
  stats(): ProxyStats;
  /** The connections that asked for a WebSocket and are still there, the oldest first. */
  links(): Iterable<ProxyLink>;
  /** Leads nobody to that port of this machine, as to one that is not meant for clients. */
  shun(port: number): void;
  /** Cuts what is there, ends every recording in good order, and stops listening. */
  close(): Promise<void>;
}

const usualConnections = 10_000;

/**
 * Starts a proxy.
 * @throws WsctlError WSCTL_ELISTEN; WSCTL_EUSAGE for a certificate or a directory that cannot be
 *   used
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  if (options.record) await prepare(options.record.directory);
  const proxy = new ProxyServer(options, await certificateOf(options));
  await proxy.start();
  return proxy;
}

async function prepare(directory: string): Promise<void> {
  try {
    await makeFolder(path.resolve(directory));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isFile = code === "EEXIST" || code === "ENOTDIR";
    const why = isFile ? "a file is in the way" : whyRefused(cause);
    throw new WsctlError("WSCTL_EUSAGE", `no recordings can be kept in ${directory}: ${why}`, {
      cause,
      hint: isFile ? "name a directory, or one to be made" : adviceFor(cause, "write"),
    });
  }
}

async function certificateOf({
  tls,
  authority,
  host,
}: ProxyOptions): Promise<Certificate | undefined> {
  if (tls !== "authority") return tls;
  if (!authority) {
    throw new WsctlError("WSCTL_EUSAGE", "there is no authority to sign the proxy's certificate");
  }
  // An address of all networks is nobody's name.
  const isOwn = !/^(?:127\.|::1$|0\.0\.0\.0$|::$)/.test(host);
  return mintCertificate(authority, isOwn ? host : "localhost");
}

class ProxyServer implements RunningProxy {
  url = "";
  readonly #options: ProxyOptions;
  readonly #context: Context;
  readonly #listener: Listener;
  readonly #connects: Connects;
  readonly #connections = new Set<Connection>();
  /** Those that came in a tunnel. */
  readonly #inside = new WeakMap<Socket, Inside>();
  readonly #pending = new PendingAnswers();
  /** Those that asked for another protocol than WebSocket. */
  readonly #wished = new WeakSet<Socket>();
  #arrivals = 0;

  constructor(options: ProxyOptions, certificate: Certificate | undefined) {
    this.#options = options;
    const upstream = new Upstream(options.dial);
    this.#context = { options, tally: new Tally(), upstream, loops: new Loops() };
    const request = (asked: IncomingMessage, response: ServerResponse): void =>
      this.#request(asked, response);
    this.#listener = new Listener(certificate, request);
    const { http } = this.#listener;
    // A client that has said all may wait for its answer.
    Object.assign(http, { httpAllowHalfOpen: true, maxHeaderSize: largestHead });
    // It is the server that knows whether it wants the body.
    http.on("checkContinue", request);
    http.on("checkExpectation", request);
    http.on("clientError", (error: Error, socket) =>
      answerBroken(error, socket as Socket, this.#pending.isWaiting(socket), this.#context),
    );
    // An upload or a page may take its time; only heads may not.
    http.requestTimeout = 0;
    http.headersTimeout = options.limits?.patience ?? http.headersTimeout;
    http.maxConnections = options.limits?.connections ?? usualConnections;
    this.#connects = new Connects({
      context: this.#context,
      certificates: options.authority && new Certificates(options.authority),
      handle: (socket, inside) => {
        this.#inside.set(socket, inside);
        this.#takeHttp(socket);
      },
    });
    // Node's types say Duplex because a server can be handed other streams; this one is not.
    http.on("upgrade", (asked, socket, head) =>
      this.#pending.behind(socket, () => this.#upgrade(asked, socket as Socket, head)),
    );
    http.on("connect", (asked, socket, head) =>
      this.#pending.behind(socket, () => this.#connects.answer(asked, socket as Socket, head)),
    );
  }

  shun(port: number): void {
    this.#context.upstream.shun(port);
  }

  async start(): Promise<void> {
    const { host, port, tls } = this.#options;
    const { address, port: bound } = await this.#listener.listen(port, host);
    const authority = `${isIP(address) === 6 ? `[${address}]` : address}:${bound}`;
    this.url = `${tls ? "wss" : "ws"}://${authority}/`;
  }

  stats(): ProxyStats {
    return this.#context.tally.stats();
  }

  *links(): Iterable<ProxyLink> {
    for (const { link } of this.#connections) yield link;
  }

  async close(): Promise<void> {
    this.#listener.stop();
    const connections = [...this.#connections];
    for (const connection of connections) {
      connection.link.isCut = true;
      connection.destroy();
    }
    this.#connects.close();
    await this.#listener.close();
    await Promise.all(connections.map(({ done }) => done));
  }

  /** For a server of HTTPS, plain HTTP is what comes out of TLS. */
  #takeHttp(socket: Socket): void {
    const { http } = this.#listener;
    http.emit(this.#options.tls ? "secureConnection" : "connection", socket);
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    this.#pending.add(request.socket, response);
    let destination: Destination;
    try {
      destination = this.#lead(request);
    } catch (error) {
      answerNo(response, noFor(error));
      return;
    }
    void relayPlain(request, response, destination, this.#context);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (!asksForWebSocket(request)) {
      this.#takePlain(request, socket, head);
      return;
    }
    const { divert } = this.#options;
    const client = socket.remoteAddress ?? "";
    let destination: Destination;
    try {
      destination = this.#lead(
        request,
        divert && ((usual) => divert(this.#arrivals + 1, client, usual)),
      );
    } catch (error) {
      sayNo(socket, noFor(error));
      return;
    }
    const id = ++this.#arrivals;
    const connection = new Connection({ id, request, socket, head, destination }, this.#context);
    this.#connections.add(connection);
    void connection.done.then(() => this.#connections.delete(connection));
    void connection.run();
  }

  /** Nobody has to agree to another protocol (RFC 9110 §7.8): the request is taken without the wish. */
  #takePlain(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const isSecond = this.#wished.has(socket);
    this.#wished.add(socket);
    socket.unshift(Buffer.concat([withoutUpgrade(request, isSecond), head]));
    this.#takeHttp(socket);
  }

  #lead(request: IncomingMessage, divert?: (usual: Target) => Target): Destination {
    const { url = "", headers, socket } = request;
    this.#context.upstream.refuseOwn(socket);
    return destinationOf(url, headers.host, this.#inside.get(socket), this.#options, divert);
  }
}
