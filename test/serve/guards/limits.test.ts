/** Holds the limits on connections and messages against clients that want more. */
import { once } from "node:events";
import net from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { connect, guarded, guardsFor, statusOf, upgrade } from "./guarded.js";

afterEach(() => {
  vi.useRealTimers();
});

test.each<[string, string, string]>([
  ["limit-connections", "HTTP/1.1 503 Service Unavailable", "too many connections"],
  ["limit-per-ip", "HTTP/1.1 429 Too Many Requests", "too many connections from you"],
])("%s refuses one more than that, until one has gone", async (flag, status, error) => {
  const server = await guarded({ [flag]: "2" });
  const first = await connect(server);
  await connect(server);
  const refused = await upgrade(server);
  expect(refused.status).toBe(status);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.body).toBe(`{"error":"${error}"}\n`);
  first.socket.close();
  await first.closed;
  await vi.waitFor(async () => expect(await statusOf(server)).toBe(101), { interval: 5 });
});

test("a limit of 0 refuses everyone", async () => {
  expect(await statusOf(await guarded({ "limit-connections": "0" }))).toBe(503);
  expect(await statusOf(await guarded({ "limit-per-ip": "0" }))).toBe(429);
});

test("whom another guard refused, slowly, keeps no seat", async () => {
  const server = await guarded({
    "limit-connections": "1",
    "limit-per-ip": "1",
    auth: ["jwt=key", "bearer=t0k"],
  });
  for (let round = 0; round < 5; round++) {
    expect(await statusOf(server, ["Authorization: Bearer a.b.c"])).toBe(401);
  }
  const client = await connect(server, { headers: { authorization: "Bearer t0k" } });
  client.send("hello");
  expect(await client.next()).toBe("hello");
});

test("neither does who was refused and leaves his half open, or who goes with a reset", async () => {
  const server = await guarded({ "limit-connections": "1", auth: "bearer=t0k" });
  const right = "Authorization: Bearer t0k";
  const answered = async (...lines: readonly string[]): Promise<net.Socket> => {
    const port = Number(new URL(server.url).port);
    const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.on("error", () => {});
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13";
    const fields = ["Host: a", "Upgrade: websocket", "Connection: Upgrade", key, ...lines];
    socket.write(["GET / HTTP/1.1", ...fields, "", ""].join("\r\n"));
    await once(socket, "data");
    return socket;
  };
  const lingering = await answered();
  const seated = await answered(right);
  expect(server.truth.total.open).toBe(1);
  expect(await statusOf(server)).toBe(503);
  seated.resetAndDestroy();
  await vi.waitFor(async () => expect(await statusOf(server, [right])).toBe(101), { interval: 5 });
  lingering.destroy();
});

test("a burst of requests does not slip in while the first is still looked at", async () => {
  const server = await guarded({ "limit-connections": "3", auth: ["jwt=key", "bearer=t0k"] });
  const tries = Array.from({ length: 20 }, async () =>
    connect(server, { headers: { authorization: "Bearer t0k" } }).then(
      () => "in",
      () => "out",
    ),
  );
  const outcomes = await Promise.all(tries);
  expect(outcomes.filter((outcome) => outcome === "in")).toHaveLength(3);
});

test("limit-messages closes who is faster, and none of what follows reaches the mode", async () => {
  const server = await guarded({ "limit-messages": "2/m" });
  const client = await connect(server);
  client.send(...Array.from({ length: 100 }, (_, at) => `message ${at}`));
  expect(await client.closed).toEqual([1008, "too many messages"]);
  expect(client.unread).toEqual(["message 0"]);
});

test("limit-messages lets a second's burst pass, then as many as the rate allows", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const server = await guarded({ "limit-messages": "4/s" });
  const client = await connect(server);
  const echoed = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      client.send(`${at}`);
      expect(await client.next()).toBe(`${at}`);
    }
  };
  await echoed(4);
  vi.advanceTimersByTime(250);
  await echoed(1);
  vi.advanceTimersByTime(3_600_000);
  await echoed(4);
  client.send("one too many");
  expect(await client.closed).toEqual([1008, "too many messages"]);
});

test("limit-messages is for each client by itself", async () => {
  const server = await guarded({ "limit-messages": "1/m" });
  for (let at = 0; at < 3; at++) {
    const client = await connect(server);
    client.send("hello");
    expect(await client.next()).toBe("hello");
  }
});

test.each<[string, string]>([
  ["limit-messages", "0"],
  ["limit-messages", "0/s"],
  ["limit-messages", "many"],
  ["limit-messages", "-1"],
  ["limit-connections", "1.5"],
  ["limit-connections", "-1"],
  ["limit-per-ip", "all"],
])("--%s %s cannot be meant", (flag, value) => {
  expect(() => guardsFor({ [flag]: value })).toThrow(
    expect.objectContaining({
      code: "WSCTL_EUSAGE",
      message: expect.stringContaining(`--${flag}`) as string,
      hint: expect.any(String) as string,
    }),
  );
});
