/** Owns the header lines by which a server names itself in its answer to an upgrade. */
import type { IncomingMessage } from "node:http";

/** How a server is named. */
export interface Names {
  /** The address of its control port. */
  readonly control: string;
  /** The node that it is. */
  readonly node: string | undefined;
}

/** The lines to add; the control port is only told to who is on this machine. */
export function namingHeaders(request: IncomingMessage, { control, node }: Names): string[] {
  return [
    ...(onLoopback(request) ? [`Wsctl-Control: ${control}`] : []),
    ...(node === undefined ? [] : [`Wsctl-Node: ${node}`]),
  ];
}

function onLoopback({ socket }: IncomingMessage): boolean {
  const local = (socket.localAddress ?? "").replace(/^::ffff:/, "");
  return local === "::1" || local.startsWith("127.");
}
