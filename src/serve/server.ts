/** Owns the test server: it listens, upgrades, hands clients to guards and mode, and ends them all. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { messageOf } from "../base/errors.js";
import { Random, seedOf } from "../base/random.js";
import { FaultSet } from "../faults/fault-set.js";
import { namingHeaders } from "./answer-headers.js";
import type { Certificate } from "./certificate.js";
import { compressionUnder } from "./compression.js";
import { controlServer } from "./control.js";
import type { Controlled } from "./controlled.js";
import { type Counters, Truth } from "./counters.js";
import type { Watcher } from "./events.js";
import { admit, chooseSubprotocol, malformed, refusalOf, refuse } from "./gate.js";
import { type Guard, type Refusal, whenLetGo } from "./guard.js";
import { FaultLines } from "./fault-lines.js";
import { Listener, listen } from "./listener.js";
import { LocalControl } from "./local-control.js";
import { MessageRing } from "./message-log.js";
import type { Mode } from "./mode.js";
import { Peer, type PeerFacts } from "./peer.js";
import { requestFacts, Roster } from "./roster.js";
import { answerHttp, type Page, speaksAt } from "./site.js";

/** How to serve. */
export interface ServeOptions {
  readonly mode: Mode;
  readonly guards: readonly Guard[];
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly controlPort: number;
  /** The address of a control port that another process has; then none is opened here. */
  readonly controlledAt?: string | undefined;
  /** Bytes of a message; larger ones are answered with 1009. */
  readonly maxPayload: number;
  readonly subprotocols: readonly string[];
  /** Whether permessage-deflate is agreed to when it is offered. */
  readonly compress: boolean;
  readonly watcher: Watcher;
  /** Serves wss with this certificate. */
  readonly tls?: Certificate | undefined;
  /** Where WebSocket is spoken; everywhere when there are none. */
  readonly paths?: readonly string[] | undefined;
  /** Shown to browsers at `/`. */
  readonly page?: Page | undefined;
  /** Faults to inject; can be added to at any time. */
  readonly faults?: FaultSet | undefined;
  /** The log that the mode writes to, to be told at the control port. */
  readonly log?: MessageRing | undefined;
  /** Seed of who is cut off. */
  readonly seed?: string | undefined;
  /** Numbers of connections: the first, and the step to the next; 1, 2, 3 … unless told. */
  readonly numbering?: { readonly first: number; readonly step: number } | undefined;
  /** How it names itself to clients, in the header `Wsctl-Node`. */
  readonly node?: string | undefined;
}

/** A server that listens. */
export interface RunningServer {
  /** Such as `ws://127.0.0.1:8080/`, with the first path if there are any. */
  readonly url: string;
  /** Such as `http://127.0.0.1:40000`. */
  readonly control: string;
  /** What changes something at the control port needs this. */
  readonly token: string;
  readonly truth: Truth;
  /** What can be asked of it and told it. */
  readonly controlled: Controlled;
  /** Closes every client with 1001 and stops listening. */
  close(): Promise<void>;
}

/** How long clients may take to answer the close. */
const closingGrace = 1000;
/** How long each may take to answer the close that it is sent before, in ms. */
const closingPatience = 5000;
const controlHost = "127.0.0.1";
const notHere: Refusal = { status: 404, error: "not found" };
const now = (): number => performance.now();

/**
 * Starts a server.
 * @throws WsctlError WSCTL_ELISTEN; WSCTL_EUSAGE for a certificate that cannot be used
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const server = new TestServer(options);
  await server.start();
  return server;
}

/** Who comes, before it is known whether the upgrade succeeds. */
interface Arrival extends PeerFacts {
  /** In all, then of the run if there is one. */
  readonly counters: Counters[];
}

class TestServer implements RunningServer {
  url = "";
  control = "";
  readonly token = randomBytes(18).toString("base64url");
  readonly truth = new Truth();
  readonly controlled: Controlled;
  readonly #options: ServeOptions;
  readonly #paths: ReadonlySet<string>;
  readonly #listener: Listener;
  readonly #control: Server | undefined;
  readonly #sockets: WebSocketServer;
  readonly #roster: Roster;
  readonly #faults: FaultSet;
  readonly #lines: FaultLines;
  #arrivals = 0;

  constructor(options: ServeOptions) {
    const { seed = "", log } = options;
    this.#options = options;
    this.#paths = new Set(options.paths);
    this.#roster = new Roster(new Random(seedOf(seed, "cut")));
    this.#faults = options.faults ?? new FaultSet({ seed, now, compression: options.compress });
    this.#lines = new FaultLines(this.#faults, this.#roster);
    this.controlled = new LocalControl({
      truth: this.truth,
      mode: options.mode,
      log: log ?? new MessageRing({ now }),
      roster: this.#roster,
      faults: this.#faults,
      lines: this.#lines,
    });
    if (options.controlledAt === undefined) {
      this.#control = controlServer(this.controlled, this.token);
    }
    const site = {
      paths: this.#paths,
      page: options.page,
      open: () => this.truth.total.open,
      scheme: options.tls ? ("wss" as const) : ("ws" as const),
    };
    this.#listener = new Listener(options.tls, (request, response) =>
      answerHttp(site, request, response),
    );
    this.#listener.http.on(
      "upgrade",
      // Node's types say Duplex because a server can be handed other streams; this one is not.
      (request: IncomingMessage, socket, head: Buffer) =>
        void this.#upgrade(request, socket as Socket, head),
    );
    this.#sockets = this.#webSockets();
  }

  async start(): Promise<void> {
    const { mode } = this.#options;
    try {
      await mode.start?.();
      await this.#open();
    } catch (error) {
      this.#control?.close();
      await mode.close?.();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { host, port, controlPort, controlledAt, tls, paths } = this.#options;
    if (this.#control) {
      const control = await listen(this.#control, controlPort, controlHost, "--control-port");
      this.control = `http://${controlHost}:${control.port}`;
    } else {
      this.control = controlledAt ?? "";
    }
    const { address, family, port: bound } = await this.#listener.listen(port, host);
    const authority = `${family === "IPv6" ? `[${address}]` : address}:${bound}`;
    this.url = `${tls ? "wss" : "ws"}://${authority}${paths?.[0] ?? "/"}`;
  }

  async close(): Promise<void> {
    this.#listener.stop();
    const clients = [...this.#sockets.clients];
    const gone = clients.map((client) => new Promise<void>((r) => client.once("close", () => r())));
    for (const client of clients) client.close(1001, "the server is going away");
    const late = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, closingGrace);
    await Promise.all(gone);
    clearTimeout(late);
    await this.#options.mode.close?.();
    for (const guard of this.#options.guards) guard.close?.();
    this.#faults.close();
    await this.#listener.close();
    if (!this.#control) return;
    this.#control.closeAllConnections();
    await new Promise((resolve) => this.#control?.close(resolve));
  }

  #webSockets(): WebSocketServer {
    const { guards, subprotocols, maxPayload, compress, node } = this.#options;
    const spoken = new Set(
      guards.flatMap((guard) => guard.subprotocols ?? []).concat(subprotocols),
    );
    const options = {
      noServer: true,
      maxPayload,
      perMessageDeflate: compress && compressionUnder(this.#faults),
      handleProtocols: (offered: Set<string>) => chooseSubprotocol(offered, spoken),
      // The types do not know it, and so would not take it in a literal.
      closeTimeout: closingPatience,
    };
    const sockets = new WebSocketServer(options);
    sockets.on("headers", (headers, request) => {
      headers.push(...namingHeaders(request, { control: this.control, node }));
    });
    sockets.on("wsClientError", (error, socket, request) => {
      this.#refuse(request, socket, refusalOf(error.message));
    });
    return sockets;
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    const { status, error } = refusal;
    this.#options.watcher.tell({ event: "refused", ...requestFacts(request), status, error });
    refuse(socket, refusal);
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    // ws adds its own listener; until then a reset must not end the process.
    const ignore = (): void => {};
    socket.on("error", ignore);
    const refusal = await this.#refusal(request);
    if (socket.destroyed) return;
    const arrival = this.#arrival(request);
    this.#lines.begin(socket, arrival.id, arrival.counters);
    if (refusal) return this.#refuse(request, socket, refusal);
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      socket.off("error", ignore);
      this.#accept(client, socket, arrival);
    });
  }

  async #refusal(request: IncomingMessage): Promise<Refusal | undefined> {
    const refusal = malformed(request);
    if (refusal) return refusal;
    if (!speaksAt(this.#paths, request.url)) return notHere;
    return admit(this.#options.guards, request);
  }

  #accept(client: WebSocket, socket: Socket, arrival: Arrival): void {
    const { run } = arrival;
    const early = arrival.counters[1];
    // Faults that sit on the socket already count with this very list.
    if (run !== undefined && early) arrival.counters[1] = this.truth.enter(run, early);
    const peer = new Peer(client, { ...arrival, wire: socket });
    const { counters } = arrival;
    const reset = (): void => this.#listener.reset(socket);
    peer.line = this.#lines.of(socket);
    this.#roster.add({ peer, socket, counters, reset, began: performance.now() });
    this.#watch(peer);
    for (const guard of this.#options.guards) guard.attach?.(peer);
    whenLetGo(this.#options.guards, peer, () => this.#enter(peer));
  }

  #enter(peer: Peer): void {
    try {
      if (peer.open) this.#options.mode.accept(peer);
    } catch (error) {
      peer.fail(error);
    }
  }

  #arrival(request: IncomingMessage): Arrival {
    const { first, step } = this.#options.numbering ?? { first: 1, step: 1 };
    const header = request.headers["wsctl-run"];
    const run = typeof header === "string" ? header : undefined;
    const { total } = this.truth;
    const own = this.truth.atTheDoor(run);
    return {
      id: first + this.#arrivals++ * step,
      request,
      run: own && run,
      counters: own ? [total, own] : [total],
    };
  }

  #watch(peer: Peer): void {
    const { watcher } = this.#options;
    const connection = peer.id;
    const began = performance.now();
    watcher.tell({ event: "open", connection, ...requestFacts(peer.request) });
    peer.onClose((code, reason) => {
      watcher.tell({ event: "close", connection, code, reason, lasted: performance.now() - began });
    });
    peer.onFailure = (error) =>
      watcher.tell({ event: "failed", connection, error: messageOf(error) });
    if (!watcher.messages) return;
    peer.onTraffic = (direction, data, binary) =>
      watcher.tell({ event: "message", connection, direction, binary, data });
  }
}
