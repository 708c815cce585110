/**
 * Owns dialling for a worker: what every connection of the plan has in common is worked out once,
 * and what each dial came to is counted by its cause.
 */
import type { WsctlError } from "../base/errors.js";
import { localAddresses } from "../base/local-addresses.js";
import { safeLine } from "../base/safe-text.js";
import { DialError } from "../dial/dial-error.js";
import { dial, type Dialled } from "../dial/dial.js";
import type { Timeouts } from "../dial/deadline.js";
import { UpgradeRefused } from "../dial/refusal.js";
import { PreparedRequest } from "../dial/request.js";
import { CachingResolver } from "../dial/resolver.js";
import { type Route, resolverFor, routeFrom } from "../dial/route.js";
import { parseTarget, type Target } from "../dial/target.js";
import type { Wire } from "../dial/wire.js";
import {
  headerValue,
  type Header,
  type Phases,
  type Upgrade,
  type UpgradeResponse,
} from "../frame/upgrade.js";
import type { HandshakeExample } from "../metrics/run-result.js";
import type { Plan } from "../scenario/plan.js";
import { redactSubprotocol } from "../base/secret-subprotocols.js";
import type { Meter } from "./meter.js";
import type { Scope } from "./scope.js";

/** Why something failed, as plain data: the error of another process cannot be thrown here. */
export interface DialFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly where: readonly string[];
}

/** Whoever is told what the server answers to a dial, be it an upgrade or not. */
interface DialWitness {
  answered(response: UpgradeResponse): void;
}

/** A hostile server could name another for every connection. */
const mostControls = 16;

/** What one read brings at most; one buffer serves all connections. */
const receiveBuffer = 64 * 1024;

/** What one connection asks for that others may not. */
export interface DialRequest {
  readonly headers: readonly Header[];
  readonly subprotocols: readonly string[];
}

/** Opens connections by their global index. */
export class Dialler {
  /** How many have opened. */
  opened = 0;
  /** Why the first that failed did. */
  failure: DialFailure | undefined;
  /** What the first that opened negotiated. */
  handshake: HandshakeExample | undefined;
  /**
   * Where the server says that its counters can be asked; of a fleet's nodes each has its own. Empty
   * for those that do not say; a few more than are asked are kept.
   */
  readonly controls: string[] = [];

  readonly #plan: Plan;
  readonly #meter: Meter;
  readonly #signal: AbortSignal;
  readonly #targets: readonly Target[];
  readonly #routes: readonly Route[];
  readonly #localAddresses: readonly string[];
  readonly #resolver: CachingResolver;
  readonly #buffer = Buffer.allocUnsafeSlow(receiveBuffer);
  readonly #run: Header;
  readonly #timeouts: Timeouts;
  /** What was asked for last, and its requests by target. */
  #asked: DialRequest | undefined;
  #requests: PreparedRequest[] = [];

  /** @param signal ends the dials under way, which then count as neither opened nor failed */
  constructor(plan: Plan, run: string, meter: Meter, signal: AbortSignal) {
    this.#plan = plan;
    this.#meter = meter;
    this.#signal = signal;
    this.#targets = plan.targets.map((url) => parseTarget(url));
    const { proxies = [], ...shared } = plan.connection.route ?? {};
    this.#routes = plan.targets.map((_, i) => routeFrom({ ...shared, proxy: proxies[i] }));
    this.#localAddresses = localAddresses(plan.connection.localAddress);
    this.#resolver = new CachingResolver(resolverFor(shared));
    this.#run = ["Wsctl-Run", run];
    this.#timeouts = { total: plan.connection.handshakeTimeout };
  }

  /**
   * Opens a connection of that global index; undefined when it failed, which is counted.
   * @param scope where its figures go
   * @param piece bytes that one read brings at most; as many as may be unless told
   * @throws what is no failure of a dial: a bug, or options that cannot be used
   */
  async dial(
    index: number,
    scope: Scope = this.#meter,
    asked: DialRequest = this.#plan.connection,
    piece?: number,
    witness?: DialWitness,
  ): Promise<Wire | undefined> {
    const { connection } = this.#plan;
    const startedAt = performance.now();
    const at = index % this.#targets.length;
    // An address is kept for a round of all targets: taken in turn like these, with as many of them
    // each would always meet the same one.
    const round = Math.floor(index / this.#targets.length);
    try {
      const { proxy, unix, detours } = this.#routes[at]!;
      const dialled = await dial(this.#targets[at]!, {
        proxy,
        unix,
        detours,
        sink: this.#buffer,
        piece,
        resolver: this.#resolver,
        family: connection.family,
        localAddress: this.#localAddresses[round % this.#localAddresses.length],
        tls: connection.tls,
        timeouts: this.#timeouts,
        signal: this.#signal,
        prepared: this.#requestOf(asked, at),
      });
      witness?.answered(dialled.upgrade.response);
      return this.#succeeded(dialled, performance.now() - startedAt, scope);
    } catch (error) {
      if (error instanceof UpgradeRefused) witness?.answered(error.response);
      this.#failed(error, scope);
      return undefined;
    }
  }

  /** Where all ask for the same, it is written once for each target. */
  #requestOf(asked: DialRequest, at: number): PreparedRequest {
    if (asked !== this.#asked) {
      this.#asked = asked;
      this.#requests = [];
    }
    return (this.#requests[at] ??= new PreparedRequest(this.#targets[at]!, {
      headers: [...asked.headers, this.#run],
      subprotocols: asked.subprotocols,
      origin: this.#plan.connection.origin,
    }));
  }

  #succeeded({ wire, upgrade }: Dialled, took: number, scope: Scope): Wire {
    this.opened++;
    this.#meter.open++;
    scope.hot.ws_sessions++;
    scope.times.ws_connecting.record(took);
    recordPhases(scope, upgrade.phases);
    this.handshake ??= exampleOf(upgrade);
    const control = headerValue(upgrade.response.headers, "Wsctl-Control") ?? "";
    if (!this.controls.includes(control) && this.controls.length <= mostControls) {
      this.controls.push(control);
    }
    wire.settle();
    return wire;
  }

  #failed(error: unknown, scope: Scope): void {
    if (!(error instanceof DialError)) throw error;
    if (error.reason === "aborted" && this.#signal.aborted) return;
    const tags: Record<string, string> = { reason: error.reason };
    if (error instanceof UpgradeRefused) {
      tags["status"] = String(error.response.status).padStart(3, "0");
    }
    scope.count("ws_connect_failed", tags);
    const status = tags["status"] === undefined ? "" : ` ${tags["status"]}`;
    this.#meter.error(`connection failed: ${error.reason}${status}`, error.message);
    this.failure ??= failureOf(error);
  }
}

/** An error as plain data. */
export function failureOf(error: WsctlError): DialFailure {
  const { code, message, hint, where } = error;
  return { code, message, hint, where };
}

function recordPhases({ times }: Scope, phases: Phases): void {
  // A phase that did not take place says 0; an address needs no look-up, plain TCP no TLS.
  if (phases.dns > 0) times.ws_dns.record(phases.dns);
  if (phases.tls > 0) times.ws_tls.record(phases.tls);
  times.ws_tcp.record(phases.tcp);
  times.ws_upgrade.record(phases.upgrade);
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
