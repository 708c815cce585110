/**
 * Owns showing fan-out over two chat nodes and a real Redis: who heard what, by wsctl's account and by
 * the servers' own.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { documentOf, type Served, startServe, total, wrongWith } from "../e2e/load-run.js";
import { exitWithin } from "../support/child.js";
import { type RedisServer, startRedis } from "../support/redis.js";
import { startWsctl } from "../support/wsctl.js";

/** `speakers × rate × seconds` broadcasts. */
interface FanOutSize {
  readonly users: number;
  /** How many of the users speak, one half on each node; the others listen. */
  readonly speakers: number;
  /** Broadcasts per second of each. */
  readonly rate: number;
  readonly seconds: number;
  /** When Redis is stopped, in ms after the first broadcasts, and for how long. */
  readonly outage?: { readonly after: number; readonly for: number };
}

/** What both sides counted. */
interface FanOutFigures {
  readonly broadcasts: number;
  /** As the report has it. */
  readonly followed: number;
  readonly complete: number;
  readonly expected: number;
  readonly reached: number;
  readonly coverage: number;
  readonly unfollowed: number;
  readonly late: number;
  /** By the ledger. */
  readonly lost: number;
  readonly duplicate: number;
  readonly reordered: number;
  /** By the servers: broadcasts of the other node that did not come to each. */
  readonly missed: readonly number[];
  readonly undelivered: readonly number[];
  /** Who would have heard each of those. */
  readonly members: number;
  /** Users named as those who missed the worst broadcast, and at which targets how many did. */
  readonly named: readonly number[];
  readonly namedAt: readonly number[];
  readonly worstSender: number;
  /** Of the last recipient, in ms. */
  readonly lastP50: number;
  readonly lastP99: number;
  readonly spreadP50: number;
  /** What the verdict says, but for a generator that other programs held up. */
  readonly reasons: string;
}

interface Backplane {
  readonly published: number;
  readonly received: number;
  readonly undelivered: number;
  readonly missed: number;
}

const join = `
      - send: { json: { op: join, id: 1, room: hall, quiet: true }, reply: false }
      - wait: { json: $.re, equals: join, within: 20s }
      - barrier: { name: all-in, timeout: 60s }`;

/** Everybody stays until what is under way has come, however long it took to come in. */
const scenario = (urls: readonly string[], size: FanOutSize): string => `
config:
  target: [${urls.join(", ")}]
  load: { connections: ${size.users}, duration: ${size.seconds + patience}s, connectRate: 500/s, seed: 4 }
  correlate: { by: stamp, timeout: 10s }
  thresholds: { ws_fanout_coverage: ["rate>0"], "ws_fanout_last{scenario:speaker}": ["p(50)<1m"] }
scenarios:
  - name: speaker
    weight: ${size.speakers}
    repeat: once
    fanout: { audience: all }
    flow:${join}
      - every: { rate: ${size.rate}/s, for: ${size.seconds}s, send: { json: { op: say, text: "{{ $stamp }}" } } }
      - listen: ${tail(size)}s
  - name: listener
    weight: ${size.users - size.speakers}
    repeat: once
    flow:${join}
      - listen: ${size.seconds + tail(size)}s
`;

/** In seconds: so long may opening take, and closing, at the most. */
const patience = 60;

/** In seconds: how long they listen on. */
function tail({ users }: FanOutSize): number {
  return users > 200 ? 10 : 1.5;
}

async function backplaneOf(node: Served): Promise<Backplane> {
  return ((await node.stats()) as { backplane: Backplane }).backplane;
}

/** Plays it, and asks all sides. */
export async function measureFanOut(size: FanOutSize): Promise<FanOutFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-fan-out-"));
  const redis = await startRedis();
  const node = async (name: string): Promise<Served> =>
    startServe([
      "chat",
      "--redis",
      redis.url,
      "--redis-prefix",
      path.basename(folder),
      "--node",
      name,
    ]);
  try {
    const nodes = [await node("a"), await node("b")];
    const file = path.join(folder, "hall.yaml");
    await writeFile(
      file,
      scenario(
        nodes.map(({ url }) => url),
        size,
      ),
    );
    const run = startWsctl(["load", file, "--workers", "2", "--json", "-q"]);
    const exit = exitWithin(run, (size.seconds + 2 * patience) * 1000);
    if (size.outage) await outage(redis, nodes, size.outage);
    const result = documentOf(await exit);
    const { fanOut } = result;
    const [a, b] = await settled(nodes);
    const [worst] = fanOut?.worst ?? [];
    const last = result.trends["ws_fanout_last"];
    return {
      broadcasts: size.speakers * size.rate * size.seconds,
      followed: fanOut?.broadcasts ?? 0,
      complete: fanOut?.complete ?? 0,
      expected: fanOut?.expected ?? 0,
      reached: fanOut?.reached ?? 0,
      coverage: (fanOut?.reached ?? 0) / (fanOut?.expected ?? 0),
      unfollowed: fanOut?.unfollowed ?? -1,
      late: fanOut?.late ?? -1,
      lost: total(result, "ws_msg_lost"),
      duplicate: total(result, "ws_msg_duplicate"),
      reordered: total(result, "ws_msg_reordered"),
      missed: [a.missed, b.missed],
      undelivered: [a.undelivered, b.undelivered],
      members: size.users / 2,
      named: worst?.missed ?? [],
      namedAt: worst?.missedAt ?? [],
      worstSender: worst?.sender ?? -1,
      lastP50: last?.p50 ?? -1,
      lastP99: last?.p99 ?? -1,
      spreadP50: result.trends["ws_fanout_spread"]?.p50 ?? -1,
      reasons: wrongWith(result).join(", "),
    };
  } finally {
    await redis.kill();
    await rm(folder, { recursive: true });
  }
}

/** Stops Redis once they speak, and lets it go on. */
async function outage(
  redis: RedisServer,
  nodes: readonly Served[],
  { after, for: time }: NonNullable<FanOutSize["outage"]>,
): Promise<void> {
  for (let look = 0; look < 3000; look++) {
    const all = await Promise.all(nodes.map(backplaneOf));
    if (all.every(({ published }) => published > 0)) break;
    await setTimeout(20);
  }
  await setTimeout(after);
  redis.stop();
  await setTimeout(time);
  redis.go();
}

/** What the nodes tell once each knows what the other said. */
async function settled(nodes: readonly Served[]): Promise<[Backplane, Backplane]> {
  for (let look = 0; ; look++) {
    const [a, b] = (await Promise.all(nodes.map(backplaneOf))) as [Backplane, Backplane];
    const knows = (one: Backplane, other: Backplane): boolean =>
      one.received + one.missed === other.published + other.undelivered;
    if ((knows(a, b) && knows(b, a)) || look > 500) return [a, b];
    await setTimeout(20);
  }
}

/** Every broadcast reached everyone, in order. */
export function expectWhole(figures: FanOutFigures): void {
  const { broadcasts, members } = figures;
  const expected = broadcasts * members * 2;
  expect(figures).toMatchObject({
    followed: broadcasts,
    complete: broadcasts,
    expected,
    reached: expected,
    unfollowed: 0,
    late: 0,
    lost: 0,
    duplicate: 0,
    reordered: 0,
    missed: [0, 0],
    named: [],
    reasons: "",
  });
}

/** What is missing is what the nodes did not get from each other, to the message. */
export function expectLossOfServers(figures: FanOutFigures): void {
  const { broadcasts, members, missed, named, namedAt, worstSender } = figures;
  const [a, b] = missed as [number, number];
  expect(Math.min(a, b)).toBeGreaterThan(0);
  const expected = broadcasts * members * 2;
  const lost = (a + b) * members;
  expect(figures).toMatchObject({
    followed: broadcasts,
    complete: broadcasts - a - b,
    expected,
    reached: expected - lost,
    lost,
    duplicate: 0,
    reordered: 0,
    reasons: "",
  });
  // The worst is one of those: nobody on the other node heard it, and who is named is there.
  const other = 1 - (worstSender % 2);
  expect(namedAt).toEqual(other === 0 ? [members, 0] : [0, members]);
  expect(named).toHaveLength(10);
  for (const index of named) expect(index % 2).toBe(other);
}
