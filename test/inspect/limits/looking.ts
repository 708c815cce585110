/** Owns how these tests run a check, quickly, and hold it to its cost; and servers that misbehave. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect } from "vitest";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { Check } from "../../../src/inspect/check.js";
import { compressionBomb } from "../../../src/inspect/limits/bomb.js";
import { connectionCount } from "../../../src/inspect/limits/connections.js";
import { fragmentFlood } from "../../../src/inspect/limits/fragments.js";
import { handshakeRate } from "../../../src/inspect/limits/handshake-rate.js";
import { messageRate } from "../../../src/inspect/limits/message-rate.js";
import { messageSize } from "../../../src/inspect/limits/message-size.js";
import { slowness } from "../../../src/inspect/limits/slowness.js";
import { smuggling } from "../../../src/inspect/limits/smuggling.js";
import type { Finding } from "../../../src/findings/finding.js";
import { type Looking, lookAt } from "../looking.js";

/** All of them, in a hurry. */
export const quick = {
  smuggling: smuggling({ patience: 500 }),
  handshakeRate: handshakeRate({ stepMs: 60, watch: 20, patience: 500 }),
  messageRate: messageRate({ stepMs: 60, patience: 1000 }),
  connectionCount: connectionCount({ patience: 500 }),
  messageSize: messageSize({ patience: 1000 }),
  bomb: compressionBomb({ patience: 400 }),
  fragments: fragmentFlood({ patience: 400 }),
  slowness: slowness({ bearing: 600, patience: 400 }),
} as const satisfies Readonly<Record<string, Check>>;

/** What one check found; the first finding is the worst. */
export interface Found {
  readonly findings: readonly Finding[];
  readonly first: Finding;
  /** Connections that the check began. */
  readonly handshakes: number;
}

/** Runs one check, which must keep to its cost. */
export async function find(url: string, check: Check, looking: Looking = {}): Promise<Found> {
  const { findings, handshakes } = await lookAt(url, [check], looking);
  const own = handshakes - 1;
  expect(own).toBeLessThanOrEqual(check.cost.handshakes);
  // The asker does not send more than the cost; a check that wants to is told of.
  expect(findings.map(({ message }) => message).join()).not.toContain("more of the server");
  return { findings, first: findings[0]!, handshakes: own };
}

const running: WebSocketServer[] = [];

afterEach(() => {
  for (const server of running.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

/** A server of `ws`. */
export interface WsServer {
  readonly url: string;
  readonly server: WebSocketServer;
}

/** Starts one on a free loopback port; closed after the test. */
export async function startWs(
  accept: (socket: WebSocket, server: WebSocketServer) => void = () => {},
  options: ServerOptions & { readonly maxFragments?: number } = {},
): Promise<WsServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  running.push(server);
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    accept(socket, server);
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/`, server };
}

/** What a server does that is gone: it listens no more, and cuts everybody off. */
export function die(server: WebSocketServer): void {
  server.close();
  for (const client of server.clients) client.terminate();
}
