/** Owns finding out whether local addresses are this machine's, by binding to them. */
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { WsctlError } from "../base/errors.js";

/** So many are tried at once. */
const atOnce = 64;

/**
 * Tries every address. UDP is used: it takes no TCP port from those that the run needs.
 * @throws WsctlError WSCTL_EPREFLIGHT naming the first that is not there
 */
export async function checkOwnAddresses(addresses: readonly string[]): Promise<void> {
  for (let from = 0; from < addresses.length; from += atOnce) {
    const some = addresses.slice(from, from + atOnce);
    const found = await Promise.all(some.map(isMissing));
    const missing = some[found.indexOf(true)];
    if (missing !== undefined) {
      const bits = isIPv6(missing) ? 128 : 32;
      throw new WsctlError("WSCTL_EPREFLIGHT", `${missing} is no address of this machine`, {
        hint: `add it with \`ip addr add ${missing}/${bits} dev lo\` (or the interface that leads there), or leave it out; on Linux all of 127.0.0.0/8 are there`,
      });
    }
  }
}

/** Whether the system says that there is no such address; any other trouble is for the dial to tell. */
function isMissing(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const end = (missing: boolean): void => {
      socket.close();
      resolve(missing);
    };
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "EADDRNOTAVAIL"));
    socket.bind({ address, port: 0, exclusive: true }, () => end(false));
  });
}
