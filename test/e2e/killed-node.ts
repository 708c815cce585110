/**
 * Owns a fleet behind HAProxy as tests make it: two `wsctl serve chat` over Redis, a load of talkers and
 * listeners through the proxy, and one of the nodes killed in the middle of it.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import type { Stats } from "../../src/serve/counters.js";
import { startHaproxy } from "../support/haproxy.js";
import { startRedis } from "../support/redis.js";
import { startWsctl } from "../support/wsctl.js";
import { documentOf, type JsonRun, type Served, total } from "./load-run.js";
import { until } from "./processes.js";

/** How large it is. */
export interface FleetSize {
  readonly talkers: number;
  readonly listeners: number;
  /** Messages per second of each talker. */
  readonly rate: number;
  /** Milliseconds of load. */
  readonly duration: number;
  /** Milliseconds after all are connected at which a node is killed. */
  readonly killAfter: number;
  readonly workers: number;
}

/** What came of it. */
export interface KilledNode extends JsonRun {
  /** Connections that the killed node had just before, as it counted them itself. */
  readonly onKilled: number;
  /** What the survivor counted. */
  readonly survivor: Stats;
}

/** The scenario: everybody joins one room, some talk in it, and who is cut off joins again. */
function scenario(url: string, { talkers, listeners, rate, duration }: FleetSize): object {
  const join = {
    name: "join",
    send: { json: { op: "join", room: "hall", id: "{{ $uuid }}", quiet: true } },
    expect: { json: "$.re", equals: "join", within: "5s" },
  };
  const users = talkers + listeners;
  const talk = {
    rate: `${rate}/s`,
    for: "24h",
    send: { json: { op: "say", text: "{{ $stamp }}" } },
  };
  return {
    config: {
      target: url,
      load: {
        connections: users,
        duration: `${duration}ms`,
        connectRate: `${users * 2}/s`,
        gracefulStop: "1s",
      },
      correlate: { by: "stamp", timeout: "5s" },
      reconnect: { policy: "exponential", base: "400ms", max: "2s", jitter: "full" },
      onReconnect: [{ ...join, name: "rejoin" }],
    },
    scenarios: [
      { name: "talker", weight: talkers, flow: [join, { every: talk }] },
      { name: "listener", weight: listeners, flow: [join, { listen: "24h" }] },
    ],
  };
}

async function startNode(node: string, redis: string): Promise<Served> {
  const args = ["serve", "chat", "--port", "0", "--json", "--redis", redis, "--node", node];
  const child = startWsctl([...args, "--room-size", "10000"]);
  const line = await child.nextLine(15_000);
  if (line === undefined) throw new Error(`${node} did not start: ${child.output.stderr}`);
  const { url, control } = JSON.parse(line) as { url: string; control: string };
  const stats = async (): Promise<Stats> =>
    (await (await fetch(`${control}/stats`)).json()) as Stats;
  return { ...child, url, control, stats };
}

/** Starts all of it, kills the node `node-b` with SIGKILL, and waits for the end of the load. */
export async function killedNode(size: FleetSize): Promise<KilledNode> {
  const users = size.talkers + size.listeners;
  const redis = await startRedis();
  const [a, b] = await Promise.all([
    startNode("node-a", redis.url),
    startNode("node-b", redis.url),
  ]);
  const { ports } = await startHaproxy(
    1,
    ({ ports: [port] }) => `
frontend chat
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option redispatch
  timeout tunnel 10m
  server node-a 127.0.0.1:${new URL(a.url).port} check inter 100ms fall 1
  server node-b 127.0.0.1:${new URL(b.url).port} check inter 100ms fall 1`,
    users * 3,
  );
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-fleet-"));
  try {
    const file = path.join(folder, "chat.json");
    await writeFile(file, JSON.stringify(scenario(`ws://127.0.0.1:${ports[0]}/`, size)));
    const args = ["load", "--json", file, "-q", "--workers", String(size.workers)];
    const load = startWsctl(args);
    const open = async (node: Served): Promise<number> =>
      ((await node.stats()) as Stats).connections.open;
    await until(async () => {
      const connected = (await open(a)) + (await open(b));
      if (connected < users) throw new Error(`${connected} are connected: ${load.output.stderr}`);
    });
    await new Promise((resolve) => setTimeout(resolve, size.killAfter));
    const onKilled = await open(b);
    b.kill("SIGKILL");
    const exit = await load.exit;
    const result: RunResult = documentOf(exit);
    return { ...exit, result, onKilled, survivor: (await a.stats()) as Stats };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All of the killed node's clients moved to the other one, and only they were away or missed anything. */
export function expectMoved({ result, onKilled }: KilledNode, size: FleetSize): void {
  const users = size.talkers + size.listeners;
  const { recovery } = result;
  expect(onKilled).toBe(users / 2);
  expect(recovery).toMatchObject({ cut: onKilled, back: onKilled, lostForGood: 0, ended: 0 });
  expect(recovery!.episodes).toHaveLength(1);
  const [episode] = recovery!.episodes;
  expect(episode).toMatchObject({
    cause: { kind: "losses" },
    openBefore: users,
    resubscribed: { verified: true, asked: onKilled, confirmed: onKilled, failed: 0 },
    moves: [{ from: "node-b", to: "node-a", connections: onKilled }],
  });
  // The first may be back before the last has noticed that it was cut.
  expect(episode!.fewest).toBeGreaterThanOrEqual(users - onKilled);
  expect(episode!.fewest).toBeLessThan(users);
  const ends = episode!.cause.kind === "losses" ? episode!.cause.ends : [];
  expect(ends.reduce((sum, { count }) => sum + count, 0)).toBe(onKilled);
  expect(ends.every(({ what }) => what.startsWith("1006 "))).toBe(true);
  const { to50 = NaN, to95 = NaN, to100 = NaN, times, moves, missed = 0 } = episode!;
  expect([to50, to95, to100]).toEqual([to50, to95, to100].toSorted((a, b) => a - b));
  expect(times.count).toBe(onKilled);
  // HAProxy may refuse some until it knows that the node is gone: they come again.
  expect(episode!.attempts).toBe(
    onKilled + total(result, "ws_connect_failed{reason:status,status:503}"),
  );
  expect(moves[0]!.away.max).toBeLessThanOrEqual(to100 + 1);
  // The ledger says the same of it. What the killed node took and told nobody is lost to all.
  expect(missed).toBeGreaterThan(0);
  expect([moves[0]!.missed, recovery!.missed]).toEqual([missed, missed]);
  expect(total(result, "ws_msg_missing{where:reconnect}")).toBe(missed);
  expect(total(result, "ws_reconnects")).toBe(onKilled);
  // Everybody else was there all the time.
  const { availability = NaN } = recovery!;
  const away = (times.mean * onKilled) / (users * result.run.trafficFor);
  expect(1 - availability).toBeGreaterThan(away / 1.5);
  expect(1 - availability).toBeLessThan(away * 2);
}
