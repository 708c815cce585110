/** Owns a relay that changes the head of each answer, as a broken server or proxy would write it. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { afterEach } from "vitest";

const running: { server: net.Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

/** Starts one before the server of a URL; it is closed after the test. */
export async function startRelay(
  url: string,
  change: (head: string) => string,
): Promise<{ readonly url: string }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = net.createServer((client) => {
    const behind = net.connect(Number(target.port), target.hostname);
    keep(client);
    keep(behind);
    client.pipe(behind);
    let head = "";
    const read = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n") + 4;
      if (end < 4) return;
      behind.off("data", read);
      const isSwitch = head.startsWith("HTTP/1.1 101 ");
      client.write(
        (isSwitch ? change(head.slice(0, end)) : head.slice(0, end)) + head.slice(end),
        "latin1",
      );
      behind.pipe(client);
    };
    behind.on("data", read);
    behind.on("close", () => client.end());
    client.on("close", () => behind.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push({ server, sockets });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}${target.pathname}` };
}
