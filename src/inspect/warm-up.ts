/**
 * Owns warming up: what the first connection of a process costs that process itself, code that is
 * compiled and certificates that are loaded, is spent before anything is measured.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { Deadline } from "../dial/deadline.js";
import { exchange } from "../dial/exchange.js";
import { openWithin } from "../dial/open.js";
import { buildRequest } from "../dial/request.js";
import { parseTarget } from "../dial/target.js";
import { checkUpgrade } from "../frame/handshake.js";
import { serialiseRequest } from "../frame/http-head.js";

/** Milliseconds that it may take. */
const most = 200;

/** Bytes of an answer like any other; nobody looks whether its key is right. */
const answer =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/** One exchange with that port of this machine, by the way that all others go. */
async function exchangeWith(port: number, deadline: Deadline): Promise<void> {
  const target = parseTarget(`ws://127.0.0.1:${port}/`);
  const request = serialiseRequest(buildRequest(target));
  const wire = await openWithin(target, {}, deadline);
  try {
    const { response } = await exchange(wire, request, deadline);
    checkUpgrade(request, response);
  } finally {
    wire.destroy();
  }
}

/**
 * One exchange with a listener of this very process, on 127.0.0.1 and gone afterwards. Takes 200 ms
 * at most, never throws, and leaves nothing open.
 * @param secure whether TLS is to come: then the certificates that are trusted are loaded too
 */
export async function warmUp(secure: boolean): Promise<void> {
  const deadline = new Deadline(most);
  const signal = AbortSignal.timeout(most);
  const accepted = new Set<Socket>();
  const server = createServer((socket) => {
    accepted.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.write(answer));
  });
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening", { signal });
    await exchangeWith((server.address() as AddressInfo).port, deadline);
    if (secure) createSecureContext();
  } catch {
    // Then the first connection is a cold one, as it would have been.
  } finally {
    deadline.stop();
    for (const socket of accepted) socket.destroy();
    if (server.listening) {
      const closed = once(server, "close");
      server.close();
      await closed;
    }
  }
}
