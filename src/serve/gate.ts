/** Owns the way in: the guards' look at an upgrade request, and the HTTP answer to who is refused. */
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Guard, Refusal } from "./guard.js";

/** So long may a refused client take to close its side, in ms. */
const lingering = 1000;

/** Asks every guard, in order; the first refusal counts. */
export async function admit(
  guards: readonly Guard[],
  request: IncomingMessage,
): Promise<Refusal | undefined> {
  for (const guard of guards) {
    const refusal = await guard.admit?.(request);
    if (refusal) return refusal;
  }
  return undefined;
}

/** The answer to what breaks RFC 6455 §4.2.1 and `ws`, or Node.js before it, would let pass. */
export function malformed({ httpVersion, headers }: IncomingMessage): Refusal | undefined {
  // RFC 6455 §4.1: the request's version is at least 1.1, and 1.0 has no upgrades to answer with.
  if (httpVersion !== "1.1") return { status: 400, error: "an upgrade needs HTTP/1.1" };
  // RFC 9112 §3.2. Node.js looks for it in plain requests only.
  if (headers.host === undefined) return { status: 400, error: "missing Host header" };
  // `ws` reads it as a number, to which 013, 13.0 and 0xd are 13 (§4.1 knows one spelling), and takes
  // 8 as well: a draft's, in which Origin goes by another name that no guard would see.
  const version = headers["sec-websocket-version"];
  if (version !== undefined && version !== "13") {
    return refusalOf("Missing or invalid Sec-WebSocket-Version header");
  }
  return undefined;
}

/** The answer to an upgrade request that breaks RFC 6455 §4.2.1, from how `ws` puts it. */
export function refusalOf(mistake: string): Refusal {
  if (mistake.includes("HTTP method")) {
    return { status: 405, error: mistake, headers: { allow: "GET" } };
  }
  if (mistake.includes("Sec-WebSocket-Version")) {
    // §4.4: the answer names the versions that are spoken.
    const headers = { "sec-websocket-version": "13", upgrade: "websocket" };
    return { status: 426, error: mistake, headers };
  }
  return { status: 400, error: mistake };
}

/** Answers an upgrade request in HTTP and ends the connection. */
export function refuse(socket: Duplex, { status, error, headers = {} }: Refusal): void {
  const body = `${JSON.stringify({ error })}\n`;
  const head = Object.entries({
    ...headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    // What is offered in Upgrade must be named (RFC 9110 §7.8).
    connection: "upgrade" in headers ? "upgrade, close" : "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => {});
  // What the client still sends is read and forgotten: unread it would turn our end into a reset,
  // and the answer might be lost. A client that never ends its side is not waited for.
  socket.resume();
  const late = setTimeout(() => socket.destroy(), lingering).unref();
  socket.on("close", () => clearTimeout(late));
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${head.join("")}\r\n${body}`);
}

/**
 * The subprotocol to agree on: the client's first choice among those that the server speaks.
 * Without a common one none is named, and the client decides (RFC 6455 §4.2.2).
 */
export function chooseSubprotocol(
  offered: Iterable<string>,
  spoken: ReadonlySet<string>,
): string | false {
  for (const name of offered) if (spoken.has(name)) return name;
  return false;
}
