/**
 * Owns CONNECT: a client asks for a tunnel, and its first bytes decide what is done with it. TLS is
 * ended here with a certificate of the proxy's own, HTTP is handled as if it had come directly, and
 * everything else passes unseen.
 */
import type { IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { parseTarget } from "../dial/target.js";
import { requestFacts } from "../serve/roster.js";
import type { Certificates } from "./certificates.js";
import type { Context } from "./context.js";
import { tlsTrouble } from "./complaints.js";
import { type Destination, type Inside, Nowhere, refuseForward } from "./destination.js";
import { FirstWords, type Kind } from "./first-words.js";
import { isAmong } from "./host-names.js";
import { relayBlindly } from "./relay.js";
import { noFor, sayNo } from "./say-no.js";

/** What answers a CONNECT. */
export interface ConnectOptions {
  readonly context: Context;
  /** Without it nobody looks into TLS. */
  readonly certificates: Certificates | undefined;
  /** Takes a connection that speaks HTTP, and what tunnel it came in. */
  readonly handle: (socket: Socket, inside: Inside) => void;
}

type Why = "excluded" | "not HTTP" | "silent";

/** How long a TLS handshake may take, and the first byte after a CONNECT, in ms, unless told. */
const usualPatience = 10_000;
const usualSilence = 3000;
const established = "HTTP/1.1 200 Connection Established\r\n\r\n";

/** Answers the CONNECTs of one proxy. */
export class Connects {
  readonly #options: ConnectOptions;
  readonly #open = new Set<Socket>();

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  /** Answers one. */
  answer(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", () => {});
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    const remote = requestFacts(request).remote;
    let destination: Destination;
    try {
      const { upstream, options } = this.#options.context;
      upstream.refuseOwn(socket);
      refuseForward(options);
      destination = tunnelTo(request.url ?? "");
    } catch (error) {
      sayNo(socket, noFor(error));
      return;
    }
    if (!this.#isWanted(destination.target.host)) {
      void this.#blind(socket, destination, { remote, why: "excluded", head });
      return;
    }
    socket.write(established);
    if (head.length > 0) socket.unshift(head);
    this.#sniff(socket, destination, remote);
  }

  /** Cuts what tunnels there are. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #isWanted(host: string): boolean {
    const { only } = this.#options.context.options;
    if (only === undefined || only.length === 0) return true;
    return isAmong(host, only);
  }

  /** Waits for the first bytes. */
  #sniff(socket: Socket, destination: Destination, remote: string): void {
    const { context, certificates, handle } = this.#options;
    const { authority, host } = destination.target;
    const silence = context.options.limits?.silence ?? usualSilence;
    const said = new FirstWords();
    const late = setTimeout(() => decide(said.length > 0 ? "other" : "silence"), silence);
    const leave = (): void => {
      clearTimeout(late);
      socket.end();
    };
    const listen = (chunk: Buffer): void => {
      const kind = said.take(chunk);
      if (kind) decide(kind);
    };
    const decide = (kind: Kind | "silence"): void => {
      clearTimeout(late);
      socket.off("data", listen);
      socket.off("end", leave);
      socket.pause();
      if (said.length > 0) socket.unshift(said.bytes);
      if (socket.destroyed) return;
      if (kind === "http") {
        handle(socket, { authority, secure: false, servername: undefined });
        socket.resume();
      } else if (kind === "tls" && certificates) {
        void this.#endTls(socket, authority, host, certificates);
      } else {
        const why = kind === "silence" ? "silent" : kind === "tls" ? "excluded" : "not HTTP";
        void this.#blind(socket, destination, { remote, why });
      }
    };
    socket.on("data", listen);
    socket.once("end", leave);
    socket.once("close", leave);
  }

  /** Speaks TLS in the place of the host. */
  async #endTls(
    socket: Socket,
    authority: string,
    host: string,
    certificates: Certificates,
  ): Promise<void> {
    const { context, handle } = this.#options;
    let isOver = false;
    const failed = (why: unknown): void => {
      if (isOver) return;
      isOver = true;
      const { watcher } = context.options;
      const shown = `TLS of a client that asked for ${authority} failed: ${tlsTrouble(why)}`;
      watcher.tell({ event: "note", connection: undefined, text: shown });
      socket.destroy();
    };
    try {
      const secureContext = await certificates.contextFor(host);
      if (socket.destroyed) return;
      let asked: string | undefined;
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext,
        ALPNProtocols: ["http/1.1"],
        SNICallback(name, done) {
          asked = name;
          void showFor(name, certificates, done);
        },
      });
      const patience = context.options.limits?.patience ?? usualPatience;
      const late = setTimeout(() => failed(new Error("it took too long")), patience);
      secure.once("close", () => clearTimeout(late));
      secure.on("error", failed);
      secure.on("_tlsError", failed);
      secure.once("secure", () => {
        clearTimeout(late);
        secure.off("error", failed);
        secure.on("error", () => {});
        const servername = asked === undefined || asked === host ? undefined : asked;
        handle(secure, { authority, secure: true, servername });
      });
    } catch (error) {
      failed(error);
    }
  }

  /** @param tunnel `head` when the client was not answered yet, and what came with its request */
  async #blind(
    socket: Socket,
    destination: Destination,
    tunnel: { readonly remote: string; readonly why: Why; readonly head?: Buffer },
  ): Promise<void> {
    const { remote, why, head } = tunnel;
    const { context } = this.#options;
    const { watcher } = context.options;
    const gone = new AbortController();
    socket.once("close", () => gone.abort());
    try {
      const { socket: server } = await context.upstream.open(destination, gone.signal);
      context.tally.tunnels++;
      watcher.tell({ event: "tunnel", remote, host: destination.target.authority, why });
      if (head) socket.write(established);
      if (head && head.length > 0) server.write(head);
      this.#open.add(server);
      server.once("close", () => this.#open.delete(server));
      relayBlindly(socket, server, () => {});
      socket.resume();
    } catch (error) {
      const no = noFor(error);
      if (head) sayNo(socket, no);
      else socket.destroy();
      const text = `a tunnel to ${destination.target.authority} failed: ${no.error}`;
      if (!gone.signal.aborted) watcher.tell({ event: "note", connection: undefined, text });
    }
  }
}

/** What a client is shown that asked for a name; one that is no name ends the handshake. */
async function showFor(
  name: string,
  certificates: Certificates,
  done: (error: Error | null, context?: SecureContext) => void,
): Promise<void> {
  let context: SecureContext;
  try {
    context = await certificates.contextFor(name);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done(null, context);
}

/** @throws Nowhere for what is not a host and a port (RFC 9110 §9.3.6) */
function tunnelTo(authority: string): Destination {
  const [, name = "", port = ""] =
    /^(\[[0-9a-f:.]+\]|[^[\]:/?#@\s]+):(\d{1,5})$/i.exec(authority) ?? [];
  const host = name.replace(/^\[|\]$/g, "");
  if (host === "" || Number(port) === 0 || Number(port) > 65_535) {
    throw new Nowhere(400, "CONNECT wants a host and a port");
  }
  if (name.startsWith("[") && isIP(host) !== 6) throw new Nowhere(400, "this is no address");
  try {
    const parsed = parseTarget(`ws://${authority}/`);
    // The port always: 80 is not what TLS has when none is named.
    const target = { ...parsed, authority };
    return {
      target,
      path: "/",
      host: undefined,
      origin: undefined,
      isForward: true,
      servername: undefined,
    };
  } catch {
    throw new Nowhere(400, "CONNECT wants a host and a port");
  }
}
