/** Owns servers of `ws` that listen by themselves, as its manual begins. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { type ServerOptions, WebSocketServer } from "ws";

const servers: WebSocketServer[] = [];

afterAll(async () => {
  for (const server of servers.splice(0)) {
    for (const socket of server.clients) socket.terminate();
    const closed = once(server, "close");
    server.close();
    await closed;
  }
});

/** Starts one that echoes; it is closed when the test file ends. */
export async function startWs(
  options: Omit<ServerOptions, "host" | "port"> = {},
): Promise<{ readonly url: string; readonly port: number }> {
  const server = new WebSocketServer({ ...options, host: "127.0.0.1", port: 0 });
  servers.push(server);
  server.on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/`, port };
}
