/** Owns the way to a server that listens at a socket file of this machine. */
import { connect as connectTcp, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { safeLine } from "../base/safe-text.js";
import type { Deadline } from "./deadline.js";
import { codeOf, DialError } from "./dial-error.js";
import type { Target } from "./target.js";
import { arrival, type TcpOptions } from "./tcp.js";
import { tlsSettings } from "./tls.js";
import { Wire } from "./wire.js";

const causes: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOENT: ["there is no such file", "is the server running, and is the path right?"],
  ECONNREFUSED: [
    "connection refused",
    "the file is there, but nothing listens: the server that made it may be gone",
  ],
  ENOTSOCK: ["the file is no socket", "name the socket file that the server listens at"],
  EACCES: ["permission denied", "the server's socket file does not let this user connect"],
};

function start(
  target: Target,
  path: string,
  options: TcpOptions,
  onread: OnReadOpts | undefined,
): Socket {
  const where = { path, ...(onread ? { onread } : {}) };
  return target.secure
    ? connectTls({ ...where, ...tlsSettings(target, options.tls) })
    : connectTcp(where);
}

/**
 * Connects to a socket file; for a secure target TLS is under way then.
 * @throws DialError of the phase tcp
 */
export async function connectPath(
  target: Target,
  path: string,
  options: TcpOptions,
  deadline: Deadline,
): Promise<Wire> {
  const shown = safeLine(path);
  const begun = performance.now();
  const wire = new Wire(
    options.sink,
    (onread) => start(target, path, options, onread),
    options.piece,
  );
  const outcome = await arrival(wire, "connect", deadline);
  if (outcome === undefined) {
    wire.peer = `unix:${shown}`;
    wire.phases = { dns: 0, tcp: performance.now() - begun, tls: 0, upgrade: 0 };
    return wire;
  }
  wire.destroy();
  if (!(outcome instanceof Error)) {
    throw deadline.error(outcome, "tcp", `connecting to the socket file ${shown}`, {
      hint: "the server may be stuck: its backlog is full",
    });
  }
  const code = codeOf(outcome);
  const [what, hint] = causes[code] ?? [outcome.message, undefined];
  const refused = code === "ENOENT" || code === "ECONNREFUSED";
  throw new DialError(
    refused ? "WSCTL_EREFUSED" : "WSCTL_ETCP",
    "tcp",
    refused ? "refused" : "tcp",
    `could not connect to the socket file ${shown}: ${what}`,
    { hint, cause: outcome, where: [code] },
  );
}
