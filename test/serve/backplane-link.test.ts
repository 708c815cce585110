/** Shows the connection to a Redis that is none, does not answer, or comes back only to go again. */
import { once } from "node:events";
import net from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Link } from "../../src/serve/backplane-link.js";
import { parseRedis } from "../../src/serve/backplane-place.js";
import { type RedisServer, requireRedis, startRedis } from "../support/redis.js";
import { until } from "./running.js";

const redisThere = requireRedis();
let redis: RedisServer;

beforeAll(async () => {
  if (redisThere) redis = await startRedis();
});

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that does that with whoever comes; its URL. */
async function listening(met: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    met(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `redis://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

function linkTo(url: string, subscribe = "channel"): Link {
  const link = new Link({
    place: parseRedis(url),
    name: "test",
    subscribe,
    heard() {},
    changed() {},
  });
  ends.push(() => link.close());
  return link;
}

test("what is no Redis is said to be none", async () => {
  const url = await listening((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await expect(linkTo(url).open()).rejects.toMatchObject({
    code: "WSCTL_ETCP",
    message: expect.stringMatching(/: what answers there is not Redis$/),
  });
});

describe.skipIf(!redisThere)("with a Redis", () => {
  test("a database that it has not is said, and no other one used", async () => {
    await expect(linkTo(`${redis.url}/999`).open()).rejects.toMatchObject({
      code: "WSCTL_ETCP",
      message: expect.stringMatching(/\/999: ERR DB index is out of range$/),
    });
    const link = linkTo(`${redis.url}/3`);
    await link.open();
    expect(link.up).toBe(true);
  });

  test("one that lets it in and drops it at once is asked with growing pauses", async () => {
    const times: number[] = [];
    let flaps = false;
    const url = await listening((socket) => {
      times.push(performance.now());
      const behind = net.connect(redis.port, "127.0.0.1");
      ends.push(() => behind.destroy());
      behind.on("error", () => {});
      socket.on("close", () => behind.destroy());
      socket.pipe(behind);
      behind.on("data", (data: Buffer) => {
        // The answer to the subscription is the last that it hears.
        if (flaps && data.includes("subscribe")) socket.end(data);
        else socket.write(data);
      });
    });
    const link = linkTo(url);
    await link.open();
    expect(times).toHaveLength(1);
    flaps = true;
    link.redis!.disconnect(true);
    await until("the fourth attempt", () => times.length >= 5);
    // 100, 200, 400 and 800 ms, less half of it at most.
    const pauses = times.map((time, index) => time - (times[index - 1] ?? time)).slice(1);
    expect(pauses[3]).toBeGreaterThan(390);
    flaps = false;
    await until("a connection that holds", () => link.up);
  });
});
