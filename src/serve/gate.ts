/** Owns the way in: the guards' look at an upgrade request, and the HTTP answer to who is refused. */
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Guard, Refusal } from "./guard.js";

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

/** Answers an upgrade request in HTTP and ends the connection. */
export function refuse(socket: Duplex, { status, error, headers = {} }: Refusal): void {
  const body = `${JSON.stringify({ error })}\n`;
  const head = Object.entries({
    ...headers,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => {});
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
