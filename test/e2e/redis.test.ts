/** Shows fleets of real servers over a real Redis: everything arrives, and what is lost is counted. */
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Stats } from "../../src/serve/counters.js";
import { makeCertificates } from "../support/certificates.js";
import type { Child } from "../support/child.js";
import { type RedisServer, redisSays, requireRedis, startRedis } from "../support/redis.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { until } from "./processes.js";

const redisThere = requireRedis();
let redis: RedisServer;

beforeAll(async () => {
  if (redisThere) redis = await startRedis();
});

interface Node {
  readonly child: Child;
  readonly url: string;
  readonly control: string;
}

async function startNode(
  node: string,
  prefix: string,
  more: readonly string[] = [],
): Promise<Node> {
  const fleet = ["--redis", redis.url, "--redis-prefix", prefix, "--node", node];
  const args = ["serve", "chat", "--port", "0", "--json", ...fleet, ...more];
  const child = startWsctl(args);
  const { url, control } = JSON.parse((await child.nextLine()) ?? "") as Omit<Node, "child">;
  return { child, url, control };
}

async function statsOf({ control }: Node): Promise<Stats> {
  return (await (await fetch(`${control}/stats`)).json()) as Stats;
}

/** What a member has heard from each node: the numbers, in order. */
class Listener {
  readonly heard = new Map<string, number[]>();
  readonly ops: Record<string, unknown>[] = [];
  readonly socket: WebSocket;
  readonly joined: Promise<void>;

  constructor(url: string, name: string) {
    this.socket = new WebSocket(url);
    this.joined = new Promise((resolve, reject) => {
      this.socket.on("error", reject);
      this.socket.on("open", () => {
        this.send({ op: "join", id: 1, room: "hall", name, quiet: true });
      });
      this.socket.on("message", (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Record<string, unknown>;
        if (message["op"] === "said") {
          const { node, text } = message as { node: string; text: string };
          const before = this.heard.get(node);
          if (before) before.push(Number(text));
          else this.heard.set(node, [Number(text)]);
        } else if (message["op"] === "ok") resolve();
        else this.ops.push(message);
      });
    });
  }

  send(value: unknown): void {
    this.socket.send(JSON.stringify(value));
  }

  from(node: string): readonly number[] {
    return this.heard.get(node) ?? [];
  }
}

async function listeners({ url }: Node, count: number): Promise<Listener[]> {
  const all = Array.from({ length: count }, (_, n) => new Listener(url, `l${n}`));
  await Promise.all(all.map(({ joined }) => joined));
  return all;
}

function end(all: readonly Listener[]): void {
  for (const { socket } of all) socket.terminate();
}

/** 1, 2 … count. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

describe.skipIf(!redisThere)("two nodes over Redis", () => {
  test("500 broadcasts reach 200 listeners, each once and in order per sender", async () => {
    const [a, b] = [await startNode("a", "cover"), await startNode("b", "cover")];
    const [near, far] = [await listeners(a, 100), await listeners(b, 100)];
    for (let n = 1; n <= 250; n++) {
      near[0]!.send({ op: "say", text: String(n) });
      far[0]!.send({ op: "say", text: String(n) });
    }
    const all = [...near, ...far];
    await until(() => {
      const heard = all.map((each) => each.from("a").length + each.from("b").length);
      expect(Math.min(...heard)).toBe(500);
    });
    const complete = numbers(250);
    for (const each of all) {
      expect(each.from("a")).toEqual(complete);
      expect(each.from("b")).toEqual(complete);
    }
    end(all);
    for (const node of [a, b]) {
      const { backplane } = await statsOf(node);
      const counts = { published: 250, received: 250, undelivered: 0, missed: 0, ignored: 0 };
      expect(backplane).toMatchObject({ state: "up", ...counts });
    }
  }, 30_000);

  test.each([
    ["stopped", async () => redis.stop(), async () => redis.go()],
    ["killed", () => redis.kill(), () => redis.restart()],
  ])(
    "Redis %s in mid-run: what is lost is what the servers count",
    async (how, take, give) => {
      const [a, b] = [await startNode("a", how), await startNode("b", how)];
      const [near, far] = [await listeners(a, 100), await listeners(b, 100)];
      const [sender] = near;
      let back: Promise<unknown> = Promise.resolve();
      for (let n = 1; n <= 500; n++) {
        if (n === 150) {
          await take();
          // It takes the nodes a second and a half of that to see that a stopped one is silent.
          back = setTimeout(3000).then(give);
        }
        sender!.send({ op: "say", id: n, text: String(n) });
        await setTimeout(8);
      }
      await back;
      await until(async () => {
        const [ofA, ofB] = [(await statsOf(a)).backplane!, (await statsOf(b)).backplane!];
        expect([ofA.state, ofB.state]).toEqual(["up", "up"]);
      });
      sender!.send({ op: "say", id: 501, text: "501" });
      await until(async () => {
        const [ofA, ofB] = [(await statsOf(a)).backplane!, (await statsOf(b)).backplane!];
        expect(ofA.published + ofA.undelivered).toBe(501);
        expect(ofB.received + ofB.missed).toBe(501);
      });
      const [ofA, ofB] = [(await statsOf(a)).backplane!, (await statsOf(b)).backplane!];
      await until(() => {
        expect(far.every((each) => each.from("a").at(-1) === 501)).toBe(true);
        expect(near.every((each) => each.from("a").length === 501)).toBe(true);
      });
      const heard = far[0]!.from("a");
      expect(heard).toEqual([...new Set(heard)].toSorted((x, y) => x - y));
      expect(501 - heard.length).toBe(ofB.missed);
      // What is published before the other node is back reaches nobody there either.
      if (how === "stopped") expect(ofA.undelivered).toBe(ofB.missed);
      else expect(ofA.undelivered).toBeLessThanOrEqual(ofB.missed);
      expect(ofA.undelivered).toBeGreaterThan(50);
      // Nobody was cut off, and who is on the sender's own node heard it all.
      for (const each of far) expect(each.from("a")).toEqual(heard);
      for (const each of near) expect(each.from("a")).toEqual(numbers(501));
      expect((await statsOf(b)).connections).toMatchObject({ open: 100, opened: 100 });
      expect([ofA.reconnects, ofB.reconnects]).toEqual([1, 1]);
      end([...near, ...far]);
      for (const [{ child }, node] of [
        [a, "a"],
        [b, "b"],
      ] as const) {
        const where = `${node} at ${redis.url}/0`;
        expect(child.output.stderr).toContain(`redis away  ${where}: `);
        expect(child.output.stderr).toContain(`redis back  ${where} after `);
        const told = child.output.stdout.split("\n").filter((line) => line.includes("backplane"));
        expect(told.map((line) => (JSON.parse(line) as { state: string }).state)).toEqual([
          "up",
          "away",
          "up",
        ]);
      }
    },
    30_000,
  );

  test("a node that is silent or dead takes its members along, and the others are told", async () => {
    const [a, b] = [await startNode("a", "death"), await startNode("b", "death")];
    const [listener] = await listeners(a, 1);
    const lost = new Listener(b.url, "lost");
    await lost.joined;
    lost.send({ op: "join", id: 2, room: "yard", name: "lost" });
    listener!.send({ op: "join", id: 2, room: "yard", name: "left-behind" });
    await until(() => expect(lost.ops.at(-1)).toMatchObject({ op: "joined", count: 2 }));
    lost.socket.on("error", () => {});
    const gone = { op: "gone", room: "yard", node: "b", members: 1, count: 1 };
    b.child.kill("SIGSTOP");
    await until(() => expect(listener!.ops.at(-1)).toMatchObject(gone));
    b.child.kill("SIGCONT");
    await until(async () => {
      listener!.send({ op: "presence" });
      await setTimeout(50);
      expect(listener!.ops.at(-1)).toMatchObject({ op: "presence", count: 2 });
    });
    b.child.kill("SIGKILL");
    await until(() => expect(listener!.ops.at(-1)).toMatchObject(gone));
    // Its name can be taken again at once.
    const again = await startNode("b", "death");
    expect((await statsOf(again)).backplane).toMatchObject({ state: "up" });
    end([listener!]);
  }, 30_000);

  test("processes that share a port are a fleet, and count together", async () => {
    const group = await startNode("g", "group", ["--processes", "2"]);
    const all = await listeners(group, 20);
    all[0]!.send({ op: "say", id: 2, text: "1" });
    await until(() => {
      expect(all.every((each) => each.from("g-1").length + each.from("g-2").length === 1)).toBe(
        true,
      );
    });
    const stats = await statsOf(group);
    expect(stats.connections.open).toBe(20);
    expect(stats.backplane).toEqual({
      state: "up",
      published: 1,
      received: 1,
      undelivered: 0,
      missed: 0,
      ignored: 0,
      reconnects: 0,
      awayMs: 0,
    });
    end(all);
  }, 30_000);
});

describe.skipIf(!redisThere)("Redis over TLS", () => {
  test("is used when its certificate can be trusted, and not otherwise", async () => {
    const { ca, server } = await makeCertificates();
    const { url } = await startRedis(server);
    const args = ["serve", "chat", "--port", "0", "--redis", url];
    const distrustful = await runWsctl(args);
    expect(distrustful).toMatchObject({ code: 3, stdout: "" });
    expect(distrustful.stderr).toMatch(/cannot use the Redis at rediss:.*certificate/);
    const trusting = startWsctl(args, { env: { NODE_EXTRA_CA_CERTS: ca.certPath } });
    await until(() => expect(trusting.output.stderr).toContain(`at ${url}/0`));
  });
});

describe.skipIf(!redisThere)("what cannot be used", () => {
  test("a Redis that wants a password, and nobody hears which was given", async () => {
    await redisSays(redis, "CONFIG", "SET", "requirepass", "right");
    try {
      const wrong = redis.url.replace("//", "//:s3cr3t-wrong@");
      const run = await runWsctl(["serve", "chat", "--port", "0", "--redis", wrong]);
      expect(run).toMatchObject({ code: 3, stdout: "" });
      expect(run.stderr).toMatch(
        /cannot use the Redis at redis:\/\/127\.0\.0\.1:\d+\/0: WRONGPASS/,
      );
      expect(run.stderr).not.toContain("s3cr3t");
      const right = startWsctl(["serve", "chat", "--port", "0", "--redis", "env:FLEET"], {
        env: { FLEET: redis.url.replace("//", "//:right@") },
      });
      await until(() => expect(right.output.stderr).toMatch(/redis +node-\w+ at redis:/));
      expect(right.output.stderr).not.toContain("right@");
    } finally {
      await redisSays(redis, "AUTH", "right");
    }
  });

  test.each([
    [
      ["--redis", "redis://u:s3cr3t@127.0.0.1:1"],
      3,
      /cannot use the Redis at redis:\/\/127\.0\.0\.1:1\/0: .*ECONNREFUSED/,
    ],
    [["--redis", "http://u:s3cr3t@x"], 2, /--redis: http: is no scheme of Redis/],
    [["--redis", "s3cr3t"], 2, /--redis: this is no URL/],
    [["--redis", "redis://u:s3cr3t@x/db"], 2, /--redis: the path of the URL/],
    [["--redis", "redis://x", "--redis-prefix", "a b"], 2, /--redis-prefix: "a b" is no prefix/],
    [["--node", "a b"], 2, /A node's name is at most 60/],
    [["--processes", "2"], 2, /share over --redis URL/],
  ] as const)("%j", async (args, code, said) => {
    const run = await runWsctl(["serve", "chat", "--port", "0", ...args]);
    expect(run.stderr).toMatch(said);
    expect(run.stderr).not.toContain("s3cr3t");
    expect(run.code).toBe(code);
  });

  test("echo knows no fleet", async () => {
    const run = await runWsctl(["serve", "echo", "--port", "0", "--redis", redis.url]);
    expect(run).toMatchObject({ code: 2 });
    expect(run.stderr).toContain("the mode echo knows no --redis");
  });
});
