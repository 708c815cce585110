/** Owns the way to a connected socket: every address of the host in turn, until one answers. */
import { connect as connectTcp, type NetConnectOpts, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ErrorCode } from "../base/errors.js";
import { formatDuration } from "../base/quantity.js";
import type { Attempt } from "../frame/upgrade.js";
import type { Deadline, Ending } from "./deadline.js";
import { codeOf, DialError, type DialReason } from "./dial-error.js";
import { addressesOf, type LookUpOptions } from "./look-up.js";
import { type Endpoint, hostPort, type Target } from "./target.js";
import { type TlsOptions, tlsSettings } from "./tls.js";
import { type Arrival, Wire } from "./wire.js";

/** How to connect. */
export interface TcpOptions {
  /** The address of this machine to connect from. */
  readonly localAddress?: string | undefined;
  /** The receive buffer that connections share: sink mode; stream mode without it. */
  readonly sink?: Buffer | undefined;
  /** Bytes that one read brings at most, as for who reads slowly; as many as may be unless told. */
  readonly piece?: number | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** The longest that one address may hold up the next, in milliseconds. */
const patience = 3000;

interface Cause {
  readonly code: ErrorCode;
  readonly reason: DialReason;
  readonly what: string;
  readonly hint: string;
}

// The more a cause tells, the further up: of several addresses the most telling one is reported.
const causes: ReadonlyMap<string, Cause> = new Map([
  [
    "EMFILE",
    {
      code: "WSCTL_ETCP",
      reason: "fds",
      what: "this process has too many open files",
      hint: "raise the limit with ulimit -n, or open fewer connections",
    },
  ],
  [
    "EADDRNOTAVAIL",
    {
      code: "WSCTL_ETCP",
      reason: "ports",
      what: "no local address or port is free",
      hint: "a --local-address must be one of this machine's; connections that are closing keep their ports for a minute, so spread over several addresses",
    },
  ],
  [
    "ECONNREFUSED",
    {
      code: "WSCTL_EREFUSED",
      reason: "refused",
      what: "connection refused",
      hint: "nothing listens there: is the server running, and is the port right?",
    },
  ],
  [
    "ECONNRESET",
    {
      code: "WSCTL_ETCP",
      reason: "reset",
      what: "connection reset",
      hint: "something on the way, or the server's backlog, cut the connection",
    },
  ],
  [
    "ETIMEDOUT",
    {
      code: "WSCTL_ETIMEOUT",
      reason: "timeout",
      what: "no answer",
      hint: "a firewall may drop the packets; check address and port, or allow more with --timeout",
    },
  ],
  [
    "EHOSTUNREACH",
    {
      code: "WSCTL_ETCP",
      reason: "unreachable",
      what: "host unreachable",
      hint: "check the address and this machine's network",
    },
  ],
  [
    "ENETUNREACH",
    {
      code: "WSCTL_ETCP",
      reason: "unreachable",
      what: "network unreachable",
      hint: "this machine has no route there; with an IPv6 address try -4",
    },
  ],
] as const);
/** With a local address given, ports run out at bind, which says EADDRINUSE. */
const aliases: Readonly<Record<string, string>> = {
  ENFILE: "EMFILE",
  EADDRINUSE: "EADDRNOTAVAIL",
};
const ranking = [...causes.keys()];

function rankOf(code: string): number {
  const rank = ranking.indexOf(aliases[code] ?? code);
  return rank < 0 ? ranking.length : rank;
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

/** One line an address: `127.0.0.1:8080 ECONNREFUSED after 0.31 ms`. */
function attemptLines(attempts: readonly Attempt[]): string[] {
  const shown = attempts.slice(0, 10).map((attempt) => {
    const at = hostPort(attempt.address, attempt.port);
    return `${at} ${attempt.error ?? "connected"} after ${formatDuration(attempt.took)}`;
  });
  const more = attempts.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more addresses`] : shown;
}

function failure(
  endpoint: Endpoint,
  attempts: readonly Attempt[],
  errors: readonly Error[],
): DialError {
  const [worst] = [...errors].sort((a, b) => rankOf(codeOf(a)) - rankOf(codeOf(b)));
  const code = worst ? codeOf(worst) : "";
  const cause = causes.get(aliases[code] ?? code);
  const what = cause?.what ?? worst?.message ?? "no address";
  const error = new DialError(
    cause?.code ?? "WSCTL_ETCP",
    "tcp",
    cause?.reason ?? "tcp",
    `could not connect to ${hostPort(endpoint.host, endpoint.port)}: ${what}`,
    { hint: cause?.hint, cause: worst, where: attemptLines(attempts) },
  );
  error.attempts = attempts;
  return error;
}

function start(
  target: Target,
  address: string,
  port: number,
  options: TcpOptions,
  onread: OnReadOpts | undefined,
): Socket {
  // Of one shape whatever is missing: in a run that opens thousands, each copy of parts costs.
  const where = {
    host: address,
    port,
    // The addresses are tried here, one by one, so that each can be reported.
    autoSelectFamily: false,
    localAddress: options.localAddress,
    onread,
    // What net.Socket sets itself, whatever is asked for: added to its copy of these options, they
    // give each copy a hidden class of its own, for which V8 has no cache (12 µs a socket).
    allowHalfOpen: false,
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  } as NetConnectOpts;
  return target.secure
    ? connectTls({ ...where, ...tlsSettings(target, options.tls) })
    : connectTcp(where);
}

/**
 * Waits for an event of a socket.
 *
 * @returns undefined when it came, else the error of the socket, or what ended the wait
 */
export function arrival(
  wire: Wire,
  event: Arrival,
  deadline: Deadline,
): Promise<Error | Ending | undefined> {
  return new Promise((resolve) => {
    if (deadline.aborted) {
      resolve("aborted");
      return;
    }
    const settle = (outcome: Error | Ending | undefined) => {
      wire.expect(event, undefined);
      wire.onClose = undefined;
      deadline.onEnd = undefined;
      resolve(outcome);
    };
    wire.expect(event, () => settle(undefined));
    wire.onClose = (error) => settle(error ?? coded("the connection was closed", "ECONNRESET"));
    deadline.onEnd = settle;
  });
}

/** How long the next of so many addresses may take, in ms; 0 for the deadline's own time. */
function shareOf(remaining: number, end: number, started: number, deadline: Deadline): number {
  if (remaining === 1 && end === Infinity) return 0;
  const left = Math.max(1, Math.min(end - started, deadline.left));
  return remaining === 1 ? left : Math.min(patience, left / remaining);
}

/** What is told when time ran out at the last address, or the caller gave up. */
function ended(
  outcome: Ending,
  { host, port }: Endpoint,
  attempts: readonly Attempt[],
  deadline: Deadline,
): DialError {
  const error = deadline.error(outcome, "tcp", `connecting to ${hostPort(host, port)}`, {
    hint: causes.get("ETIMEDOUT")!.hint,
    where: attemptLines(attempts),
  });
  error.attempts = attempts;
  return error;
}

/**
 * Looks the endpoint up and connects to the first address that answers; for a secure target TLS is
 * under way then.
 *
 * @param endpoint where the target is to be found
 * @throws DialError of the phase dns, or of the phase tcp with what each address said
 */
export async function connectTo(
  target: Target,
  endpoint: Endpoint,
  options: TcpOptions & LookUpOptions,
  deadline: Deadline,
): Promise<Wire> {
  const asked = performance.now();
  const found = addressesOf(endpoint, options, deadline);
  const { addresses, fresh } = found instanceof Promise ? await found : found;
  const begun = performance.now();
  const limit = options.timeouts?.tcp ?? 0;
  const end = limit > 0 ? begun + limit : Infinity;
  const attempts: Attempt[] = [];
  const errors: Error[] = [];
  // By index: each dial comes by here, and an iterator is more than the rest of the loop to compile.
  for (let index = 0; index < addresses.length; index++) {
    const { address, family } = addresses[index]!;
    const { port } = endpoint;
    const remaining = addresses.length - index;
    const started = performance.now();
    deadline.restrict(shareOf(remaining, end, started, deadline));
    const wire = new Wire(
      options.sink,
      (onread) => start(target, address, port, options, onread),
      options.piece,
    );
    const outcome = await arrival(wire, "connect", deadline);
    const now = performance.now();
    const error =
      outcome === "timeout" ? "ETIMEDOUT" : outcome instanceof Error ? codeOf(outcome) : outcome;
    attempts.push({ address, family, port, took: now - started, error });
    if (outcome === undefined) {
      wire.socket.setNoDelay(true);
      wire.attempts = attempts;
      const dns = fresh ? begun - asked : 0;
      wire.phases = { dns, tcp: now - begun, tls: 0, upgrade: 0 };
      return wire;
    }
    wire.destroy();
    if (outcome === "aborted" || (outcome === "timeout" && remaining === 1)) {
      throw ended(outcome, endpoint, attempts, deadline);
    }
    errors.push(outcome === "timeout" ? coded("no answer", "ETIMEDOUT") : outcome);
  }
  throw failure(endpoint, attempts, errors);
}
