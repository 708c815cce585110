/** Owns the first half of a dial: from a target to an open Wire, TLS included. */
import { isIP } from "node:net";
import { WsctlError } from "../base/errors.js";
import { Deadline } from "./deadline.js";
import { detoured } from "./detour.js";
import type { LookUpOptions } from "./look-up.js";
import type { Route } from "./route.js";
import { secure } from "./secure.js";
import type { Target } from "./target.js";
import { connectTo, type TcpOptions } from "./tcp.js";
import { openTunnel } from "./tunnel.js";
import { connectPath } from "./unix.js";
import type { Wire } from "./wire.js";

/** How to open a connection. Through a proxy the wire is a stream, whatever `sink` says. */
export interface OpenOptions extends TcpOptions, LookUpOptions, Route {
  readonly signal?: AbortSignal | undefined;
}

const defaultTotal = 10_000;

/** The deadline of a dial with these options. */
export function deadlineOf(options: Pick<OpenOptions, "timeouts" | "signal">): Deadline {
  return new Deadline(options.timeouts?.total ?? defaultTotal, options.signal);
}

/** A connection to the target, by whatever way; for a secure target TLS is under way then. */
function connected(target: Target, options: OpenOptions, deadline: Deadline): Promise<Wire> {
  const path = options.unix ?? target.unix;
  if (path !== undefined) return connectPath(target, path, options, deadline);
  const endpoint = detoured(target, options.detours);
  return options.proxy
    ? openTunnel(target, endpoint, options.proxy, options, deadline)
    : connectTo(target, endpoint, options, deadline);
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
  const wire = await connected(target, options, deadline);
  deadline.restrict(options.timeouts?.tls);
  if (target.secure) await secure(wire, target, deadline);
  return wire;
}

/**
 * Opens a connection: look-up, each address in turn, the tunnel of a proxy, TLS for a secure target.
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
