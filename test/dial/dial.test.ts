/** Shows whole dials: against `ws`, many at once, and that nothing of a dial is left behind. */
import { getEventListeners, once } from "node:events";
import { describe, expect, test } from "vitest";
import { dial } from "../../src/dial/dial.js";
import { CachingResolver } from "../../src/dial/resolver.js";
import { parseTarget } from "../../src/dial/target.js";
import { startWsEcho } from "../support/servers.js";
import { receiveText, rejection, startRaw, switching } from "./raw-server.js";

describe.each(["sink", "stream"])("a dial of a %s", (mode) => {
  const sink = mode === "sink" ? Buffer.alloc(65_536) : undefined;

  test("opens a WebSocket at a server that is not ours", async () => {
    await using server = await startWsEcho({ ws: { handleProtocols: () => "b" } });
    const { wire, upgrade } = await dial(parseTarget(server.url), {
      sink,
      request: { subprotocols: ["a", "b"] },
    });
    expect(upgrade).toMatchObject({ subprotocol: "b", extensions: undefined, tls: undefined });
    expect(upgrade.phases.upgrade).toBeGreaterThan(0);
    expect(upgrade.attempts).toHaveLength(1);
    // "hi", masked with zeros, comes back unmasked.
    wire.socket.write(Buffer.from("828200000000", "hex"));
    wire.socket.write("hi");
    expect(await receiveText(wire, 4)).toBe("\x82\x02hi");
    const closed = new Promise((resolve) => {
      wire.onClose = resolve;
    });
    await server.close();
    await closed;
  });

  test("leaves its own listeners on the socket, one of each, and nothing anywhere else", async () => {
    const server = await startRaw({
      answer: (socket, head) => socket.write(switching(head)),
    });
    const { signal } = new AbortController();
    const ids = Array.from({ length: 40 });
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout");
    const before = timers().length;
    const dialled = await Promise.all(
      ids.map(async () => dial(server.target, { sink, signal, timeouts: { upgrade: 5000 } })),
    );
    expect(timers().length).toBeLessThanOrEqual(before);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    for (const { wire } of dialled) {
      const counts = wire.socket.eventNames().map((name) => wire.socket.listenerCount(name));
      // 'end' is Node's own.
      const names = new Set(["close", "connect", "end", "error"]);
      expect(new Set(wire.socket.eventNames())).toEqual(names);
      expect(counts).toEqual([1, 1, 1, 1]);
      wire.destroy();
    }
  });
});

test("one signal ends all dials that wait on it, and their sockets", async () => {
  const controller = new AbortController();
  const server = await startRaw();
  const errors = Array.from({ length: 40 }, async () =>
    rejection(dial(server.target, { signal: controller.signal })),
  );
  while (server.sockets.length < 40) await new Promise((resolve) => setImmediate(resolve));
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  for (const socket of server.sockets) socket.resume();
  const ends = server.sockets.map(async (socket) => once(socket, "close"));
  controller.abort();
  expect(await Promise.all(errors)).toEqual(
    errors.map(() => expect.objectContaining({ reason: "aborted" })),
  );
  await Promise.all(ends);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("a failed dial closes its socket and its look-up is not repeated", async () => {
  const refusal = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n";
  const server = await startRaw({ answer: (socket) => socket.write(refusal) });
  const resolver = new CachingResolver({
    resolve: async () => ({ addresses: [{ address: "127.0.0.1", family: 4 }], fresh: true }),
  });
  const target = parseTarget(`ws://name.example:${server.port}/`);
  const error = await rejection(dial(target, { resolver }));
  expect(error).toMatchObject({ reason: "status" });
  const [socket] = server.sockets;
  if (socket?.closed === false) await once(socket, "close");
  expect((await resolver.resolve("name.example", server.port)).fresh).toBe(false);
});
