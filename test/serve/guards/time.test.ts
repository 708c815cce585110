/** Holds the guards that watch the clock against a clock that the test moves. */
import { once } from "node:events";
import net from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Peer } from "../../../src/serve/peer.js";
import { upgradeHead } from "../running.js";
import { type Client, connect, guarded, guardsFor } from "./guarded.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Messages arrive in order: once this is back, so is all that the client sent before. */
async function roundTrip(client: Client): Promise<void> {
  client.send("there and back");
  expect(await client.next()).toBe("there and back");
}

test("heartbeat keeps who answers and cuts off who does not", async () => {
  const server = await guarded({ heartbeat: "30s" });
  const lively = await connect(server);
  const deaf = await connect(server, { autoPong: false });
  for (let beat = 0; beat < 3; beat++) {
    const pinged = once(lively.socket, "ping");
    vi.advanceTimersByTime(30_000);
    await pinged;
    await roundTrip(lively);
  }
  expect(await deaf.closed).toEqual([1006, ""]);
  expect(lively.socket.readyState).toBe(lively.socket.OPEN);
  expect(server.truth.total.stats().closes).toEqual({ 1006: 1 });
});

test("heartbeat takes one timer for all, and none for nobody", async () => {
  const server = await guarded({ heartbeat: "30s" });
  const before = vi.getTimerCount();
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect(server)));
  expect(vi.getTimerCount() - before).toBe(1);
  for (const client of clients) client.socket.terminate();
  vi.useRealTimers();
  await vi.waitFor(() => expect(server.truth.total.open).toBe(0), { interval: 5 });
});

test("a client that messages but never pongs is cut off all the same", async () => {
  const server = await guarded({ heartbeat: "1s" });
  const client = await connect(server, { autoPong: false });
  vi.advanceTimersByTime(1000);
  await roundTrip(client);
  vi.advanceTimersByTime(1000);
  expect(await client.closed).toEqual([1006, ""]);
});

test("heartbeat keeps whom the server itself does not read from", async () => {
  let peer: Peer | undefined;
  const accept = (one: Peer): void => {
    peer = one;
    one.onMessage = (data, isBinary) => one.send(data, isBinary);
  };
  const server = await guarded({ heartbeat: "1s" }, { mode: { accept } });
  const client = await connect(server);
  const ping = once(client.socket, "ping");
  vi.advanceTimersByTime(1000);
  // The pong is on its way, and will not be looked at for a while.
  const readAgain = peer!.stopReading();
  await ping;
  for (let beat = 0; beat < 3; beat++) vi.advanceTimersByTime(1000);
  expect(peer!.socket.readyState).toBe(peer!.socket.OPEN);
  readAgain();
  await roundTrip(client);
  client.socket.pong = () => {};
  vi.advanceTimersByTime(1000);
  await roundTrip(client);
  vi.advanceTimersByTime(1000);
  expect((await client.closed)[0]).toBe(1006);
});

test("who does not answer a close is cut off 5 s later", async () => {
  const server = await guarded({ lifetime: "1m" });
  const { port } = new URL(server.url);
  const socket = net.connect({ host: "127.0.0.1", port: Number(port) });
  socket.on("error", () => {});
  socket.write(upgradeHead);
  await once(socket, "data");
  const closeFrame = once(socket, "data");
  vi.advanceTimersByTime(60_000);
  await closeFrame;
  expect(server.truth.total.open).toBe(1);
  const gone = once(socket, "close");
  vi.advanceTimersByTime(5000);
  await gone;
  await vi.waitFor(() => expect(server.truth.total.open).toBe(0), { interval: 5 });
});

test("idle-timeout counts from the last message either way; pings do not count", async () => {
  const server = await guarded({ "idle-timeout": "10s" });
  const client = await connect(server);
  for (let round = 0; round < 4; round++) {
    vi.advanceTimersByTime(9000);
    await roundTrip(client);
  }
  vi.advanceTimersByTime(9000);
  const ponged = once(client.socket, "pong");
  client.socket.ping();
  await ponged;
  vi.advanceTimersByTime(1000);
  expect(await client.closed).toEqual([1001, "idle timeout"]);
});

test("idle-timeout is kept off by a server that talks", async () => {
  let talk = (): void => {};
  const server = await guarded(
    { "idle-timeout": "10s" },
    {
      mode: {
        accept(peer) {
          talk = () => peer.sendJson("news");
        },
      },
    },
  );
  const client = await connect(server);
  for (let round = 0; round < 3; round++) {
    vi.advanceTimersByTime(9000);
    talk();
    expect(await client.next()).toBe('"news"');
  }
  vi.advanceTimersByTime(10_000);
  expect(await client.closed).toEqual([1001, "idle timeout"]);
});

test("lifetime ends a connection however busy it is", async () => {
  const client = await connect(await guarded({ lifetime: "1m" }));
  vi.advanceTimersByTime(59_999);
  await roundTrip(client);
  vi.advanceTimersByTime(1);
  expect(await client.closed).toEqual([1001, "lifetime"]);
});

test("first-message is waited for 5 s", async () => {
  const server = await guarded({ auth: "first-message=s3cret" });
  const [prompt, silent] = [await connect(server), await connect(server)];
  vi.advanceTimersByTime(4999);
  prompt.send("s3cret");
  await roundTrip(prompt);
  vi.advanceTimersByTime(1);
  expect(await silent.closed).toEqual([1008, "authentication timed out"]);
  vi.advanceTimersByTime(60_000);
  await roundTrip(prompt);
});

test("timers end with their connections", async () => {
  const server = await guarded({
    heartbeat: "1h",
    lifetime: "1h",
    "idle-timeout": "1h",
    auth: "first-message=s3cret",
  });
  const before = vi.getTimerCount();
  const client = await connect(server);
  expect(vi.getTimerCount()).toBeGreaterThan(before);
  client.socket.terminate();
  // Immediates are real: each gives the sockets a turn.
  for (let turn = 0; turn < 10_000 && server.truth.total.open > 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(vi.getTimerCount()).toBe(before);
});

test.each<[string, string]>([
  ["heartbeat", "0"],
  ["heartbeat", "30"],
  ["heartbeat", "600h"],
  ["idle-timeout", "0s"],
  ["idle-timeout", "soon"],
  ["lifetime", "-5s"],
  ["lifetime", `${"9".repeat(400)}h`],
])("--%s %s cannot be meant", (flag, value) => {
  expect(() => guardsFor({ [flag]: value })).toThrow(
    expect.objectContaining({
      code: "WSCTL_EUSAGE",
      message: expect.stringContaining(`--${flag}`) as string,
      hint: expect.any(String) as string,
    }),
  );
});
