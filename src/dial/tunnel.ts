/** Owns the way through a proxy: to the proxy, through it, and TLS with the target inside. */
import { connect as connectTls } from "node:tls";
import type { Deadline } from "./deadline.js";
import { httpConnect } from "./http-connect.js";
import { addressesOf, type LookUpOptions } from "./look-up.js";
import type { Proxy } from "./proxy.js";
import { atProxy } from "./proxy-error.js";
import { secure } from "./secure.js";
import { type Endpoint, hostPort, type Target } from "./target.js";
import { connectTo, type TcpOptions } from "./tcp.js";
import { tlsSettings } from "./tls.js";
import { Wire } from "./wire.js";

type TunnelOptions = TcpOptions & LookUpOptions;

/** An open connection to the proxy itself. */
function reach(proxy: Proxy, options: TunnelOptions, deadline: Deadline): Promise<Wire> {
  const { target, tls } = proxy;
  return connectTo(target, target, { ...options, sink: undefined, tls }, deadline);
}

/** How the proxy is to be asked for an endpoint: by name, or by the address that this machine knows. */
async function named(
  to: Endpoint,
  proxy: Proxy,
  options: TunnelOptions,
  deadline: Deadline,
): Promise<Endpoint> {
  if (proxy.looksUp) return to;
  const { addresses } = await addressesOf(to, options, deadline);
  return { host: addresses[0]!.address, port: to.port };
}

async function pass(
  wire: Wire,
  to: Endpoint,
  proxy: Proxy,
  options: TunnelOptions,
  deadline: Deadline,
): Promise<void> {
  if (proxy.target.secure) {
    deadline.restrict(options.timeouts?.tls);
    await secure(wire, proxy.target, deadline);
  }
  // SOCKS is loaded only where it is used: a worker that loads without a proxy has no need of it.
  const ask = proxy.kind === "http" ? httpConnect : (await import("./socks.js")).socksConnect;
  deadline.restrict(options.timeouts?.tcp);
  await ask(wire, to, proxy, deadline);
}

/**
 * Opens a tunnel to `to`; for a secure target TLS inside it is under way then. TLS over a socket that
 * exists cannot read into a buffer of ours, so that the wire is always a stream.
 *
 * @throws DialError of the phase proxy; WsctlError WSCTL_EUSAGE for options that cannot be used
 */
export async function openTunnel(
  target: Target,
  to: Endpoint,
  proxy: Proxy,
  options: TunnelOptions,
  deadline: Deadline,
): Promise<Wire> {
  const asked = await named(to, proxy, options, deadline);
  let wire: Wire | undefined;
  try {
    const reached = await reach(proxy, options, deadline);
    wire = reached;
    const connected = performance.now();
    await pass(reached, asked, proxy, options, deadline);
    const phases = { ...reached.phases, tls: 0, proxy: performance.now() - connected };
    const outer = target.secure
      ? new Wire(
          undefined,
          () => connectTls({ socket: reached.socket, ...tlsSettings(target, options.tls) }),
          options.piece,
        )
      : reached;
    outer.phases = phases;
    outer.attempts = reached.attempts;
    outer.tls = undefined;
    outer.peer = `${hostPort(to.host, to.port)} through ${proxy.shown}`;
    return outer;
  } catch (error) {
    wire?.destroy();
    throw atProxy(error, proxy);
  }
}
