/**
 * Owns dialling for a worker: what every connection of the plan has in common is worked out once,
 * and what each dial came to is counted by its cause.
 */
import type { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { DialError } from "../dial/dial-error.js";
import { dial, type Dialled } from "../dial/dial.js";
import { UpgradeRefused } from "../dial/refusal.js";
import { CachingResolver } from "../dial/resolver.js";
import { type Route, resolverFor, routeFrom } from "../dial/route.js";
import { parseTarget, type Target } from "../dial/target.js";
import { headerValue, type Header, type Phases, type Upgrade } from "../frame/upgrade.js";
import type { HandshakeExample } from "../metrics/run-result.js";
import type { Plan } from "../scenario/plan.js";
import { redactSubprotocol } from "../scenario/redact.js";
import { Link } from "./link.js";
import type { Meter } from "./meter.js";
import type { Rig } from "./rig.js";

/** Why something failed, as plain data: the error of another process cannot be thrown here. */
export interface DialFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly where: readonly string[];
}

/** What one read brings at most; one buffer serves all connections. */
const receiveBuffer = 64 * 1024;

/** Opens connections by their global index. */
export class Dialler {
  /** How many have opened. */
  opened = 0;
  /** Why the first that failed did. */
  failure: DialFailure | undefined;
  /** What the first that opened negotiated. */
  handshake: HandshakeExample | undefined;
  /** Where the server says that its counters can be asked. */
  control: string | undefined;

  readonly #plan: Plan;
  readonly #rig: Rig;
  readonly #signal: AbortSignal;
  readonly #targets: readonly Target[];
  readonly #routes: readonly Route[];
  readonly #resolver: CachingResolver;
  readonly #buffer = Buffer.allocUnsafeSlow(receiveBuffer);
  readonly #headers: readonly Header[];

  /** @param signal ends the dials under way, which then count as neither opened nor failed */
  constructor(plan: Plan, run: string, rig: Rig, signal: AbortSignal) {
    this.#plan = plan;
    this.#rig = rig;
    this.#signal = signal;
    this.#targets = plan.targets.map((url) => parseTarget(url));
    const { proxies = [], ...shared } = plan.connection.route ?? {};
    this.#routes = plan.targets.map((_, i) => routeFrom({ ...shared, proxy: proxies[i] }));
    this.#resolver = new CachingResolver(resolverFor(shared));
    this.#headers = [...plan.connection.headers, ["Wsctl-Run", run]];
  }

  /**
   * Opens the connection of that global index; undefined when it failed, which is counted.
   * @throws what is no failure of a dial: a bug, or options that cannot be used
   */
  async dial(index: number): Promise<Link | undefined> {
    const { connection } = this.#plan;
    const { localAddress } = connection;
    const startedAt = performance.now();
    const at = index % this.#targets.length;
    try {
      const dialled = await dial(this.#targets[at]!, {
        ...this.#routes[at],
        sink: this.#buffer,
        resolver: this.#resolver,
        family: connection.family,
        localAddress: localAddress[index % localAddress.length],
        tls: connection.tls,
        timeouts: { total: connection.handshakeTimeout },
        signal: this.#signal,
        request: {
          headers: this.#headers,
          subprotocols: connection.subprotocols,
          origin: connection.origin,
        },
      });
      return this.#succeeded(index, dialled, performance.now() - startedAt);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #succeeded(index: number, { wire, upgrade }: Dialled, took: number): Link {
    const { meter } = this.#rig;
    this.opened++;
    meter.hot.ws_sessions++;
    meter.open++;
    meter.times.ws_connecting.record(took);
    recordPhases(meter, upgrade.phases);
    if (!this.handshake) {
      this.handshake = exampleOf(upgrade);
      this.control = headerValue(upgrade.response.headers, "Wsctl-Control");
    }
    const link = new Link(index, wire, this.#rig);
    link.sendFirst();
    return link;
  }

  #failed(error: unknown): void {
    if (!(error instanceof DialError)) throw error;
    if (error.reason === "aborted" && this.#signal.aborted) return;
    const { meter } = this.#rig;
    const tags: Record<string, string> = { reason: error.reason };
    if (error instanceof UpgradeRefused) tags["status"] = String(error.response.status);
    meter.count("ws_connect_failed", tags);
    const status = tags["status"] === undefined ? "" : ` ${tags["status"]}`;
    meter.error(`connection failed: ${error.reason}${status}`, error.message);
    this.failure ??= failureOf(error);
  }
}

/** An error as plain data. */
export function failureOf(error: WsctlError): DialFailure {
  const { code, message, hint, where } = error;
  return { code, message, hint, where };
}

function recordPhases(meter: Meter, phases: Phases): void {
  // A phase that did not take place says 0; an address needs no look-up, plain TCP no TLS.
  if (phases.dns > 0) meter.times.ws_dns.record(phases.dns);
  if (phases.tls > 0) meter.times.ws_tls.record(phases.tls);
  meter.times.ws_tcp.record(phases.tcp);
  meter.times.ws_upgrade.record(phases.upgrade);
}

function exampleOf({ response, tls, subprotocol, extensions }: Upgrade): HandshakeExample {
  const server = headerValue(response.headers, "Server");
  return {
    status: safeLine(`HTTP/${response.httpVersion} ${response.status} ${response.reason}`),
    server: server === undefined ? undefined : safeLine(server),
    subprotocol: subprotocol === undefined ? undefined : safeLine(redactSubprotocol(subprotocol)),
    extensions: extensions === undefined ? undefined : safeLine(extensions),
    tls: tls && `${tls.protocol} ${tls.cipher}`,
  };
}
