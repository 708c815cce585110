/** Shows when a client is not read from, and what counts as waiting for it. */
import { expect, test } from "vitest";
import { FaultSet } from "../../src/faults/fault-set.js";
import type { Mode } from "../../src/serve/mode.js";
import type { Peer } from "../../src/serve/peer.js";
import { ask, connect, start, until } from "./running.js";

const large = Buffer.alloc(4 * 1024 * 1024);

/** An echo server with one client. */
async function withPeer(faults?: FaultSet) {
  let peer: Peer | undefined;
  const mode: Mode = {
    accept(one) {
      peer = one;
      one.onMessage = (data, isBinary) => one.send(data, isBinary);
    },
  };
  const server = await start({ mode, faults });
  const client = await connect(server.url);
  return { server, client, peer: peer! };
}

test("a client is read from when all that stopped it have called back, each once", async () => {
  const { server, client, peer } = await withPeer();
  const [one, two] = [peer.stopReading(), peer.stopReading()];
  client.send("hello");
  one();
  one();
  await ask(await connect(server.url), "there and back");
  expect(peer.socket.isPaused).toBe(true);
  two();
  await until("it is read", () => server.truth.total.sent === 2);
  expect(peer.socket.isPaused).toBe(false);
});

test("answers that are not read stop the reading, what is pushed does not", async () => {
  const { client, peer } = await withPeer();
  client.pause();
  for (let n = 0; n < 10; n++) peer.push(large, true);
  expect(peer.buffered).toBeGreaterThan(1024 * 1024);
  expect(peer.socket.isPaused).toBe(false);
  peer.send(large, true);
  expect(peer.socket.isPaused).toBe(true);
  client.resume();
  await until("it is read from again", () => !peer.socket.isPaused);
  expect(peer.open).toBe(true);
});

test.each(["from the start", "later"])("bytes that faults hold back count, %s", async (when) => {
  const faults = new FaultSet({ seed: "", now: () => performance.now() });
  if (when === "from the start") faults.add("delay=1h");
  const { server, peer } = await withPeer(faults);
  if (when === "later") await server.controlled.addFault("delay=1h");
  peer.push(large, true);
  peer.send(large, true);
  expect(peer.buffered).toBeGreaterThan(2 * large.length);
  expect(peer.socket.isPaused).toBe(true);
  const { connections } = await server.controlled.connections(1);
  expect(connections[0]!.buffered).toBe(peer.buffered);
  faults.close();
  await until("it is read from again", () => !peer.socket.isPaused);
});
