/** Shows chat over several nodes and a real Redis: who hears what, and what is lost while it is away. */
import { beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, redisSays, requireRedis, startRedis } from "../support/redis.js";
import { backplaneOf, freshPrefix, member, startNode, untilBackplane } from "./fleet.js";
import { Client } from "./modes/mode-server.js";
import { http, until } from "./running.js";

const redisThere = requireRedis();
let redis: RedisServer;

beforeAll(async () => {
  if (redisThere) redis = await startRedis();
});

async function pair(prefix = freshPrefix()) {
  const a = await startNode("chat", redis, { node: "a", prefix });
  const b = await startNode("chat", redis, { node: "b", prefix });
  return { a, b, prefix };
}

/** The texts that a client hears, until it has heard the last. */
async function textsUntil(client: Client, last: string): Promise<string[]> {
  const texts: string[] = [];
  while (texts.at(-1) !== last) texts.push(String((await client.until("said"))["text"]));
  return texts;
}

describe.skipIf(!redisThere)("a fleet of chat", () => {
  test("a message reaches the members on all nodes, once and in order, numbered by its node", async () => {
    const { a, b } = await pair();
    const [ada, bob] = [await member(a, "ada"), await member(b, "bob")];
    expect(await ada.until("joined")).toMatchObject({ from: "bob", node: "b", seq: 1, count: 2 });
    for (let n = 1; n <= 50; n++) {
      ada.send({ op: "say", text: `a${n}` });
      bob.send({ op: "say", text: `b${n}` });
    }
    for (const client of [ada, bob]) {
      const heard = new Map<string, number[]>([
        ["a", []],
        ["b", []],
      ]);
      for (let n = 0; n < 100; n++) {
        const said = await client.until("said");
        const seq = Number(said["seq"]);
        heard.get(String(said["node"]))!.push(seq);
        expect(said).toMatchObject({ text: `${String(said["node"])}${seq - 1}` });
      }
      const inOrder = Array.from({ length: 50 }, (_, n) => n + 2);
      expect(Object.fromEntries(heard)).toEqual({ a: inOrder, b: inOrder });
    }
    const stats = await untilBackplane(b, "all received", ({ received }) => received === 51);
    expect(stats).toEqual({
      state: "up",
      published: 51,
      received: 51,
      undelivered: 0,
      missed: 0,
      ignored: 0,
      reconnects: 0,
      awayMs: 0,
    });
  });

  test("presence, counts and room sizes are of the whole fleet; a quiet member is counted too", async () => {
    const prefix = freshPrefix();
    const flags = { "room-size": "3" };
    const a = await startNode("chat", redis, { node: "a", prefix, flags });
    const b = await startNode("chat", redis, { node: "b", prefix, flags });
    const [ada, bob] = [await member(a, "ada"), await member(b, "bob")];
    await ada.until("joined");
    const eve = await Client.open(b.url);
    eve.send({ op: "join", id: 1, room: "lobby", name: "eve", quiet: true });
    expect(await eve.json()).toMatchObject({ op: "ok", count: 3, seq: 1, seqs: { a: 1, b: 1 } });
    bob.send({ op: "say", text: "after eve" });
    await ada.until("said");
    ada.send({ op: "presence" });
    expect(await ada.until("presence")).toMatchObject({
      count: 3,
      members: [
        { peer: 1, name: "ada", node: "a" },
        { peer: 1, name: "bob", node: "b" },
        { peer: 2, name: "eve", node: "b" },
      ],
    });
    const late = await Client.open(a.url);
    late.send({ op: "join", room: "lobby" });
    expect(await late.json()).toMatchObject({ op: "error", code: "room-full" });
    bob.socket.close();
    expect(await ada.until("left")).toMatchObject({ from: "bob", node: "b", count: 2 });
  });

  test("who joins late, node or client, knows who is there and what was said", async () => {
    const prefix = freshPrefix();
    const a = await startNode("chat", redis, { node: "a", prefix });
    const ada = await member(a, "ada");
    for (let n = 1; n <= 3; n++) ada.send({ op: "say", id: n, text: `early ${n}` });
    await ada.until("ok");
    await ada.until("ok");
    await ada.until("ok");
    const b = await startNode("chat", redis, { node: "b", prefix });
    const bob = await Client.open(b.url);
    bob.send({ op: "join", id: "j", room: "lobby", name: "bob" });
    const joined = await bob.until("ok");
    expect(joined).toMatchObject({ count: 2, seqs: { a: 4, b: 1 } });
    expect(joined["members"]).toContainEqual({ peer: 1, name: "ada", node: "a" });
    ada.send({ op: "say", text: "late" });
    await bob.until("said");
    const cleo = await member(b, "cleo");
    cleo.send({ op: "history", after: { a: 4, b: 1 } });
    const { messages } = await cleo.until("history");
    expect(messages).toMatchObject([
      { op: "said", node: "a", seq: 5, text: "late" },
      { op: "joined", node: "b", seq: 2, from: "cleo" },
    ]);
    cleo.send({ op: "history", after: { a: "x" } });
    expect(await cleo.json()).toMatchObject({ op: "error", code: "bad-request" });
    expect(await backplaneOf(b)).toMatchObject({ missed: 0, ignored: 0 });
  });

  test("binary messages reach the other nodes as they are", async () => {
    const { a, b } = await pair();
    const [ada, bob] = [await member(a, "ada"), await member(b, "bob")];
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    ada.send(bytes);
    expect(await bob.next()).toEqual({ data: bytes, isBinary: true });
  });

  test("a node is named in the answer to the upgrade", async () => {
    const { a } = await pair();
    const socket = new Client(a.url).socket;
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      socket.once("upgrade", (response) => resolve(response.headers)),
    );
    expect(headers["wsctl-node"]).toBe("a");
  });

  test("fleets with different prefixes do not hear each other", async () => {
    const [one, two] = [await pair(), await pair()];
    const [ada, bob] = [await member(one.a, "ada"), await member(two.b, "bob")];
    ada.send({ op: "say", text: "hello" });
    await untilBackplane(one.b, "received", ({ received }) => received === 2);
    expect(await backplaneOf(two.a)).toMatchObject({ received: 1 });
    expect(bob.waiting).toBe(0);
  });

  test("nor do fleets in different databases of one Redis", async () => {
    const prefix = freshPrefix();
    const zero = await startNode("chat", redis, { node: "a", prefix });
    const one = await startNode("chat", { ...redis, url: `${redis.url}/1` }, { node: "a", prefix });
    const two = await startNode("chat", { ...redis, url: `${redis.url}/1` }, { node: "b", prefix });
    const [ada, bob] = [await member(zero, "ada"), await member(one, "bob")];
    for (const each of [ada, bob]) each.send({ op: "say", text: "hello" });
    await untilBackplane(two, "received", ({ received }) => received === 2);
    expect(await backplaneOf(zero)).toMatchObject({ published: 2, received: 0 });
    expect(await backplaneOf(one)).toMatchObject({ published: 2, received: 0 });
  });

  test("nonsense on the channel is ignored and counted", async () => {
    const { a, b, prefix } = await pair();
    const [ada, bob] = [await member(a, "ada"), await member(b, "bob")];
    const life = "0123456789abcdef";
    const head = { wsctl: 1, life, node: "x", last: 1, count: 1, kind: "said" };
    const body = { room: "lobby", seq: 1, from: "x", peer: 1, at: 1, text: "x" };
    const hostile: (string | Buffer)[] = [
      "",
      "\n",
      "{",
      "null",
      "[]",
      Buffer.from([0xff, 0xfe, 0x00]),
      JSON.stringify({ ...head, life: "__proto__" }),
      JSON.stringify({ ...head, node: "a\r\nSet-Cookie: x" }),
      JSON.stringify({ ...head, last: -1 }),
      JSON.stringify({ ...head, last: 1e300 }),
      JSON.stringify({ ...head, count: 5000 }),
      JSON.stringify({ ...head, wsctl: 2 }),
      "[".repeat(100_000),
      "x".repeat(600 * 1024),
    ];
    // From here on the sender has a form, and what it says makes no sense.
    const senseless = [
      { ...head, last: 1, body: { ...body, room: "a\u001b[2J" } },
      { ...head, last: 2, body: { ...body, text: "x".repeat(20_000) } },
      { ...head, last: 3, body: { ...body, from: 7 } },
      { ...head, last: 4, body: null },
      { ...head, last: 5, kind: "constructor", body },
      { ...head, last: 5, body },
      { ...head, last: 6, kind: "binary", body: { room: "lobby" } },
      { ...head, last: 7, kind: "rooms", body: { first: true, rooms: [{ room: "lobby" }] } },
    ].map((each) => JSON.stringify(each));
    const all = [...hostile, ...senseless];
    for (const each of all) await redisSays(redis, "PUBLISH", `${prefix}:chat`, each);
    await untilBackplane(a, "all ignored", ({ ignored }) => ignored === all.length);
    ada.send({ op: "say", text: "still here" });
    expect(await textsUntil(bob, "still here")).toEqual(["still here"]);
    expect((await http(`${a.server.control}/stats`)).status).toBe(200);
  });
});

describe.skipIf(!redisThere)("Redis away and back", () => {
  test("stopped: nobody is cut off, the node's own members hear, what is lost is counted exactly", async () => {
    const { a, b } = await pair();
    const [ada, abe, bob] = [
      await member(a, "ada"),
      await member(a, "abe"),
      await member(b, "bob"),
    ];
    // What is under way when it stops would be lost as well.
    await untilBackplane(a, "settled", (is) => is.received === 1 && is.published === 2);
    await untilBackplane(b, "settled", (is) => is.received === 2 && is.published === 1);
    redis.stop();
    try {
      await untilBackplane(a, "away", ({ state }) => state === "away");
      await untilBackplane(b, "away", ({ state }) => state === "away");
      for (let n = 1; n <= 20; n++) ada.send({ op: "say", text: `away ${n}` });
      expect(await textsUntil(abe, "away 20")).toHaveLength(20);
      // Who comes while it is away is known afterwards.
      const eve = await member(a, "eve");
      expect(eve.socket.readyState).toBe(eve.socket.OPEN);
      expect(await backplaneOf(a)).toMatchObject({ undelivered: 21, published: 2, reconnects: 0 });
    } finally {
      redis.go();
    }
    await untilBackplane(a, "back", ({ state }) => state === "up");
    await untilBackplane(b, "back", ({ state }) => state === "up");
    ada.send({ op: "say", text: "back" });
    expect(await textsUntil(bob, "back")).toEqual(["back"]);
    const [ofA, ofB] = [await backplaneOf(a), await backplaneOf(b)];
    expect(ofA).toMatchObject({ undelivered: 21, published: 3, missed: 0, reconnects: 1 });
    expect(ofB).toMatchObject({ undelivered: 0, received: 3, missed: 21, reconnects: 1 });
    expect(ofA.awayMs).toBeGreaterThan(0);
    bob.send({ op: "presence" });
    expect(await bob.until("presence")).toMatchObject({ count: 4 });
    expect(a.told).toMatchObject([
      { event: "backplane", state: "up", node: "a" },
      { event: "backplane", state: "away", why: "it does not answer" },
      { event: "backplane", state: "up", undelivered: 21 },
    ]);
  });

  test("killed and started anew: it is found again, and all goes on", async () => {
    const { a, b } = await pair();
    const [ada, bob] = [await member(a, "ada"), await member(b, "bob")];
    await untilBackplane(a, "settled", ({ received }) => received === 1);
    await redis.kill();
    await untilBackplane(a, "away", ({ state }) => state === "away");
    await untilBackplane(b, "away", ({ state }) => state === "away");
    for (let n = 1; n <= 5; n++) ada.send({ op: "say", id: n, text: `away ${n}` });
    for (let n = 1; n <= 5; n++) await ada.until("ok");
    await redis.restart();
    await untilBackplane(a, "back", ({ state }) => state === "up");
    await untilBackplane(b, "back", ({ state }) => state === "up");
    ada.send({ op: "say", text: "back" });
    expect(await textsUntil(bob, "back")).toEqual(["back"]);
    expect(await backplaneOf(a)).toMatchObject({ undelivered: 5, published: 2, reconnects: 1 });
    expect(await backplaneOf(b)).toMatchObject({ missed: 5, received: 2, reconnects: 1 });
  });

  test("a Redis that refuses what is published is told of once", async () => {
    const { a } = await pair();
    const ada = await member(a, "ada");
    await redisSays(redis, "ACL", "SETUSER", "default", "-publish");
    try {
      for (let n = 1; n <= 3; n++) ada.send({ op: "say", text: "no" });
      await untilBackplane(a, "refused", ({ undelivered }) => undelivered === 3);
    } finally {
      await redisSays(redis, "ACL", "SETUSER", "default", "+publish");
    }
    const refusals = a.told.filter((each) => "state" in each && each.state === "refused");
    expect(refusals).toMatchObject([{ node: "a", why: expect.stringContaining("NOPERM") }]);
    ada.send({ op: "say", text: "yes" });
    await untilBackplane(a, "published", ({ published }) => published === 2);
  });
});

describe.skipIf(!redisThere)("a node that cannot start", () => {
  test("two nodes of one name: the second says so", async () => {
    const { prefix } = await pair();
    await expect(startNode("chat", redis, { node: "a", prefix })).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      message: "a node named a is in this fleet already",
    });
  });

  test("a name is free again when its node is gone", async () => {
    const prefix = freshPrefix();
    const first = await startNode("chat", redis, { node: "a", prefix });
    await member(first, "ada");
    await first.server.close();
    const again = await startNode("chat", redis, { node: "a", prefix });
    await until("an empty room", async () => (await backplaneOf(again)).state === "up");
    const ada = await Client.open(again.url);
    ada.send({ op: "join", id: 1, room: "lobby" });
    expect(await ada.until("ok")).toMatchObject({ count: 1 });
  });
});
