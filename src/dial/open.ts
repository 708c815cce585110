/** Owns the first half of a dial: from a target to an open Wire, TLS included. */
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { WsctlError } from "../base/errors.js";
import { Deadline, type Timeouts } from "./deadline.js";
import { codeOf, DialError } from "./dial-error.js";
import { type Address, type Resolution, type Resolver, systemResolver } from "./resolver.js";
import { hostPort, type Target } from "./target.js";
import { arrival, connectFirst, type TcpOptions } from "./tcp.js";
import { tlsError, tlsFacts } from "./tls.js";
import type { Wire } from "./wire.js";

/** How to open a connection. */
export interface OpenOptions extends TcpOptions {
  /** Only addresses of this family. */
  readonly family?: 4 | 6 | undefined;
  /** Asks the system each time unless told. */
  readonly resolver?: Resolver | undefined;
  readonly timeouts?: Timeouts | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultTotal = 10_000;

/** The deadline of a dial with these options. */
export function deadlineOf(options: Pick<OpenOptions, "timeouts" | "signal">): Deadline {
  return new Deadline(options.timeouts?.total ?? defaultTotal, options.signal);
}

function resolve(target: Target, resolver: Resolver, deadline: Deadline): Promise<Resolution> {
  const { host, port } = target;
  return new Promise((found, failed) => {
    deadline.onEnd = (ending) => {
      failed(
        deadline.error(ending, "dns", `looking up ${host}`, {
          hint: "the name server does not answer; check this machine's network",
        }),
      );
    };
    resolver.resolve(host, port).then(found, (cause: unknown) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      const code = codeOf(error);
      const hint =
        code === "EAI_AGAIN"
          ? "the name server did not answer; check this machine's network"
          : "check the spelling; a name of your own belongs in DNS or the hosts file";
      failed(
        new DialError("WSCTL_EDNS", "dns", "dns", `could not resolve host ${host}`, {
          hint,
          cause,
          where: [code],
        }),
      );
    });
  });
}

async function addressesOf(
  target: Target,
  options: OpenOptions,
  deadline: Deadline,
): Promise<Resolution> {
  const { host } = target;
  const literal = isIP(host);
  let resolution: Resolution;
  if (literal === 4 || literal === 6) {
    resolution = { addresses: [{ address: host, family: literal }], fresh: false };
  } else {
    deadline.restrict(options.timeouts?.dns);
    resolution = await resolve(target, options.resolver ?? systemResolver, deadline);
    deadline.onEnd = undefined;
  }
  const fits = ({ family }: Address) => options.family === undefined || options.family === family;
  const addresses = resolution.addresses.filter(fits);
  if (addresses.length === 0) {
    const wanted = options.family === undefined ? "address" : `IPv${options.family} address`;
    throw new DialError("WSCTL_EDNS", "dns", "dns", `${host} has no ${wanted}`, {
      hint: options.family === undefined ? undefined : "allow the other family",
      where: resolution.addresses.map(({ address }) => address),
    });
  }
  return { addresses, fresh: resolution.fresh };
}

async function secure(wire: Wire, target: Target, deadline: Deadline): Promise<void> {
  const begun = performance.now();
  const server = hostPort(target.host, target.port);
  const outcome = await arrival(wire, "secureConnect", deadline);
  if (outcome === undefined) {
    wire.tls = tlsFacts(wire.socket as TLSSocket);
    wire.phases = { ...wire.phases, tls: performance.now() - begun };
    return;
  }
  wire.destroy();
  const where = [`connected to ${wire.address}`];
  if (!(outcome instanceof Error)) {
    throw deadline.error(outcome, "tls", `in the TLS handshake with ${server}`, {
      hint: "a server that does not speak TLS may wait in silence: try ws://",
      where,
    });
  }
  if (!/^E(?:CONNRESET|PIPE)$/.test(codeOf(outcome))) {
    throw tlsError(outcome, server, wire.address);
  }
  // Node reports a plain close during the handshake as ECONNRESET as well.
  throw new DialError(
    "WSCTL_ECLOSED",
    "tls",
    "closed",
    `${server} closed the connection in the TLS handshake`,
    {
      hint: "does the server speak TLS on this port? if not, dial it with ws://",
      cause: outcome,
      where,
    },
  );
}

/** The same as {@link open}, within a deadline that spans more than that. */
export async function openWithin(
  target: Target,
  options: OpenOptions,
  deadline: Deadline,
): Promise<Wire> {
  if (options.localAddress !== undefined && isIP(options.localAddress) === 0) {
    throw new WsctlError("WSCTL_EUSAGE", `"${options.localAddress}" is not a local address`, {
      hint: "write it like 127.0.0.2 or ::1",
    });
  }
  if (deadline.aborted) {
    throw deadline.error("aborted", "dns", `before connecting to ${target.host}`, { hint: "" });
  }
  const begun = performance.now();
  const { addresses, fresh } = await addressesOf(target, options, deadline);
  const dns = fresh ? performance.now() - begun : 0;
  const wire = await connectFirst(target, addresses, options, deadline, options.timeouts?.tcp);
  wire.phases = { ...wire.phases, dns };
  deadline.restrict(options.timeouts?.tls);
  if (target.secure) await secure(wire, target, deadline);
  return wire;
}

/**
 * Opens a connection: look-up, each address in turn, TLS for a secure target.
 * @throws DialError; WsctlError WSCTL_EUSAGE for options that cannot be used
 */
export async function open(target: Target, options: OpenOptions = {}): Promise<Wire> {
  const deadline = deadlineOf(options);
  try {
    return await openWithin(target, options, deadline);
  } finally {
    deadline.stop();
  }
}
