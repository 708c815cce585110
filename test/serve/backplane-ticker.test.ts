/** Shows the ticker over several nodes: one source, the same updates for all, and a successor. */
import { beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, redisSays, requireRedis, startRedis } from "../support/redis.js";
import { backplaneOf, type FleetNode, freshPrefix, startNode, untilBackplane } from "./fleet.js";
import { Client } from "./modes/mode-server.js";
import { told, until } from "./running.js";

const redisThere = requireRedis();
let redis: RedisServer;

beforeAll(async () => {
  if (redisThere) redis = await startRedis();
});

async function pair(flags = {}) {
  const prefix = freshPrefix();
  const all = { symbols: "ONE,TWO", tick: "500/s", ...flags };
  const a = await startNode("ticker", redis, { node: "a", prefix, flags: all });
  const b = await startNode("ticker", redis, { node: "b", prefix, flags: all });
  return { a, b, prefix };
}

async function isSource({ server }: FleetNode): Promise<boolean> {
  const { mode } = await told(server, "/stats");
  return (mode as { source: number }).source === 1;
}

/** The next so many updates of a symbol. */
async function updates(client: Client, symbol: string, count: number) {
  const found: Record<string, unknown>[] = [];
  while (found.length < count) {
    const update = await client.until("update");
    if (update["symbol"] === symbol) found.push(update);
  }
  return found;
}

describe.skipIf(!redisThere)("a fleet of tickers", () => {
  test("the first is the source, and all nodes tell the same updates without a gap", async () => {
    const { a, b } = await pair();
    expect([await isSource(a), await isSource(b)]).toEqual([true, false]);
    const [near, far] = [await Client.open(a.url), await Client.open(b.url)];
    for (const client of [near, far]) client.send({ op: "subscribe" });
    expect(await near.until("snapshot")).toMatchObject({ node: "a", via: "a" });
    expect(await far.until("snapshot")).toMatchObject({ node: "a", via: "b" });
    const there = await updates(far, "ONE", 100);
    const [first, last] = [there[0]!, there.at(-1)!].map(({ seq }) => Number(seq));
    const here: typeof there = [];
    while (here.length === 0 || Number(here.at(-1)!["seq"]) < last!) {
      here.push(...(await updates(near, "ONE", 1)));
    }
    // One may have begun a little before the other.
    const both = Math.max(first!, Number(here[0]!["seq"]));
    const since = (all: typeof here) =>
      all.filter(({ seq }) => Number(seq) >= both && Number(seq) <= last!);
    expect(since(there)).toEqual(since(here));
    expect(since(there).at(-1)).toEqual(there.at(-1));
    const seqs = there.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, n) => Number(seqs[0]) + n));
    expect(there.every(({ node }) => node === "a")).toBe(true);
    expect(await backplaneOf(b)).toMatchObject({ published: 0, undelivered: 0, missed: 0 });
  });

  test("before the first update, too, all nodes tell the same prices", async () => {
    const { a, b } = await pair({ tick: "0.001/s" });
    const quotes = [];
    for (const { url } of [a, b]) {
      const client = await Client.open(url);
      client.send({ op: "subscribe" });
      quotes.push((await client.until("snapshot"))["quotes"]);
    }
    expect(quotes[1]).toEqual(quotes[0]);
  });

  test("a client that changes to another node resumes there", async () => {
    const { a, b } = await pair();
    const near = await Client.open(a.url);
    near.send({ op: "subscribe", symbols: ["ONE"] });
    const [{ seq, node } = {}] = await updates(near, "ONE", 1);
    near.socket.terminate();
    // The other node may hear of it a little later.
    const watch = await Client.open(b.url);
    watch.send({ op: "subscribe", symbols: ["ONE"] });
    const { quotes } = await watch.until("snapshot");
    let known = (quotes as { seq: number }[])[0]!.seq;
    while (known < Number(seq)) known = Number((await watch.until("update"))["seq"]);
    const far = await Client.open(b.url);
    far.send({ op: "resume", from: { ONE: seq }, node });
    const next = await updates(far, "ONE", 1);
    expect(next).toMatchObject([{ seq: Number(seq) + 1 }]);
  });

  test("when the source goes, another goes on counting, and says so", async () => {
    const { a, b } = await pair();
    const far = await Client.open(b.url);
    far.send({ op: "subscribe", symbols: ["ONE"] });
    const before = await updates(far, "ONE", 3);
    await a.server.close();
    await until("the successor", () => isSource(b));
    const change = await far.until("source");
    expect(change).toMatchObject({ symbol: "ONE", node: "b" });
    expect(Number(change["seq"])).toBeGreaterThanOrEqual(Number(before.at(-1)!["seq"]));
    expect(await updates(far, "ONE", 1)).toMatchObject([
      { node: "b", seq: Number(change["seq"]) + 1 },
    ]);
  });

  test("Redis away: the source goes on for its own clients, the others see what they missed", async () => {
    const { a, b } = await pair();
    const [near, far] = [await Client.open(a.url), await Client.open(b.url)];
    for (const client of [near, far]) client.send({ op: "subscribe", symbols: ["ONE", "TWO"] });
    await updates(far, "ONE", 3);
    redis.stop();
    let alone: number;
    try {
      await untilBackplane(a, "undelivered", ({ undelivered }) => undelivered > 50);
      alone = (await updates(near, "ONE", 20)).length;
    } finally {
      redis.go();
    }
    expect(alone).toBe(20);
    const { undelivered } = await untilBackplane(a, "back", ({ state }) => state === "up");
    await untilBackplane(b, "told", ({ missed }) => missed === undelivered);
    // What the far client was not told are exactly the numbers that it did not see.
    const seen = new Map<string, number>();
    let gaps = 0;
    for (let read = 0; read < 5000 && gaps < undelivered; read++) {
      const { symbol, seq } = await far.until("update");
      const last = seen.get(String(symbol));
      if (last !== undefined) gaps += Number(seq) - last - 1;
      seen.set(String(symbol), Number(seq));
    }
    expect(gaps).toBe(undelivered);
    expect([await isSource(a), await isSource(b)]).toEqual([true, false]);
  });

  test("a source whose count is behind what was told here: nothing of it is left out, and it is said", async () => {
    const { a, b, prefix } = await pair({ symbols: "ONE,TWO,SIX", tick: "2k/s" });
    const [near, far] = [await Client.open(a.url), await Client.open(b.url)];
    for (const client of [near, far]) client.send({ op: "subscribe" });
    for (const client of [near, far]) await updates(client, "TWO", 20);
    const head = { wsctl: 1, life: "0123456789abcdef", node: "x" };
    const say = (last: number, count: number, kind: string, moves: unknown) => {
      const body = { term: 99, at: 1, moves };
      const message = JSON.stringify({ ...head, last, count, kind, body });
      return redisSays(redis, "PUBLISH", `${prefix}:ticker`, message);
    };
    // It was cut off when the source told where it stands, and hears of updates first.
    await say(1, 1, "updates", [["ONE", 5, 500]]);
    await say(3, 2, "updates", [
      ["ONE", 6, 600],
      ["TWO", 8, 800],
    ]);
    await say(3, 0, "standing", [
      ["ONE", 6, 600],
      ["TWO", 8, 800],
      ["SIX", 2, 200],
    ]);
    await say(4, 1, "updates", [["SIX", 3, 300]]);
    for (const client of [near, far]) {
      const of = { at: 1, node: "x" };
      expect(await client.until("source")).toEqual({
        op: "source",
        symbol: "ONE",
        seq: 4,
        price: 5,
        ...of,
      });
      const next: unknown[] = [];
      while (next.length < 6) next.push(await client.json());
      expect(next).toEqual([
        { op: "update", symbol: "ONE", seq: 5, price: 5, ...of },
        { op: "update", symbol: "ONE", seq: 6, price: 6, ...of },
        { op: "source", symbol: "TWO", seq: 7, price: 8, ...of },
        { op: "update", symbol: "TWO", seq: 8, price: 8, ...of },
        { op: "source", symbol: "SIX", seq: 2, price: 2, ...of },
        { op: "update", symbol: "SIX", seq: 3, price: 3, ...of },
      ]);
      // What was told of the same numbers before was another's.
      client.send({ op: "resume", symbols: ["ONE"], from: 4, node: "x" });
      expect(await client.json()).toMatchObject({ op: "update", symbol: "ONE", seq: 5, node: "x" });
      client.send({ op: "resume", symbols: ["ONE"], from: 3, node: "x" });
      await client.until("resumed");
      expect(await client.json()).toEqual({ op: "gap", symbol: "ONE", from: 4, to: 6 });
    }
  });

  test("nonsense about prices is ignored; of a lower term nothing is believed", async () => {
    const { b, prefix } = await pair();
    const head = { wsctl: 1, life: "0123456789abcdef", node: "x", count: 1, kind: "updates" };
    const bodies = [
      { term: 0, at: 1, moves: [["ONE", 1e9, 1]] },
      { term: 99, at: 1, moves: [["ONE", "1", 1]] },
      { term: 99, at: 1, moves: [["ONE", 1, -1]] },
      { term: 99, at: 1, moves: [null] },
      { term: 99, at: 1, moves: 7 },
      { term: "99", at: 1, moves: [] },
      null,
    ];
    for (const [index, body] of bodies.entries()) {
      const message = JSON.stringify({ ...head, last: index + 1, body });
      await redisSays(redis, "PUBLISH", `${prefix}:ticker`, message);
    }
    await untilBackplane(b, "ignored", ({ ignored }) => ignored === bodies.length);
    const client = await Client.open(b.url);
    client.send({ op: "subscribe", symbols: ["ONE"] });
    expect(await client.until("snapshot")).toMatchObject({ node: "a" });
  });
});
