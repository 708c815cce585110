/** Owns the way to servers: how they are dialled, and that the proxy does not dial itself. */
import type { Socket } from "node:net";
import { open, type OpenOptions } from "../dial/open.js";
import type { TlsOptions } from "../dial/tls.js";
import type { Wire } from "../dial/wire.js";
import { type Destination, Nowhere } from "./destination.js";
import { isLoopback } from "./host-names.js";
import type { ProxyOptions } from "./options.js";

/** Dials the servers of one proxy. */
export class Upstream {
  readonly #own: OpenOptions;
  /** For hosts that clients chose: what is meant for the one target is no business of theirs. */
  readonly #foreign: OpenOptions;
  /** Address and port of this end of every connection to a server. */
  readonly #ends = new Set<string>();
  /** Ports of this machine that nobody is led to. */
  readonly #shunned = new Set<number>();

  constructor(dial: ProxyOptions["dial"] = {}) {
    this.#own = dial;
    const { ca, insecure, minVersion, maxVersion, ciphers } = dial.tls ?? {};
    const tls: TlsOptions = { ca, insecure, minVersion, maxVersion, ciphers };
    this.#foreign = { ...dial, tls, unix: undefined };
  }

  /** Leads nobody to that port of this machine any more. */
  shun(port: number): void {
    this.#shunned.add(port);
  }

  /**
   * Opens a connection to where a request leads.
   * @throws DialError; Nowhere when it leads to a port that is shunned
   */
  async open(destination: Destination, signal?: AbortSignal): Promise<Wire> {
    const { target, isForward, servername } = destination;
    const base = isForward ? this.#foreign : this.#own;
    const tls = servername === undefined ? base.tls : { ...base.tls, servername };
    const wire = await open(target, { ...base, tls, signal });
    const { localAddress = "", localPort, remoteAddress = "", remotePort = 0 } = wire.socket;
    // By what it came to, whatever the name was: nothing has been said yet.
    if (this.#shunned.has(remotePort) && isLoopback(remoteAddress)) {
      wire.destroy();
      throw new Nowhere(403, "this is the control port of the proxy");
    }
    const end = `${localAddress} ${localPort}`;
    this.#ends.add(end);
    wire.socket.once("close", () => this.#ends.delete(end));
    return wire;
  }

  /** @throws Nowhere when the client is this very proxy */
  refuseOwn({ remoteAddress = "", remotePort }: Socket): void {
    const address = remoteAddress.replace(/^::ffff:/, "");
    if (this.#ends.has(`${address} ${remotePort}`)) {
      throw new Nowhere(508, "this leads back to the proxy itself");
    }
  }
}
