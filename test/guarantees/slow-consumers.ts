/**
 * Owns showing that slow readers are read slowly, are told apart from the healthy, and do not pile up
 * in wsctl: a part of the users reads a little of what `wsctl serve source` pushes.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { memoryDrift } from "../../src/report/memory-drift.js";
import { loadJson, startServe } from "../e2e/load-run.js";

/** How much is pushed: `rate × size × seconds` bytes to each user. */
export interface SlowSize {
  readonly users: number;
  /** Messages per second to each user. */
  readonly rate: number;
  /** Bytes of each. */
  readonly size: number;
  readonly seconds: number;
}

/** Times in ms, sizes in bytes; what only Linux tells is undefined elsewhere. */
export interface SlowFigures {
  readonly code: number | null;
  readonly pushedPerConnection: number;
  readonly kernelBuffers: number | undefined;
  readonly slowConnections: number;
  readonly healthyConnections: number;
  readonly slowBytesPerSecond: number;
  readonly unreadInKernel: number | undefined;
  /** What came at once when they left. */
  readonly heldForThem: number;
  readonly healthyReceived: number;
  readonly healthyPing: { readonly count: number; readonly p50: number; readonly p99: number };
  readonly slowPing: { readonly count: number; readonly p50: number };
  /** Undefined for runs that are too short to tell. */
  readonly memoryPerMinute: number | undefined;
}

const slowRate = 1000;

const scenario = (url: string, { users, seconds }: SlowSize): string => `
config:
  target: ${url}
  load: { connections: ${users}, duration: ${seconds}s, connectRate: 100/s }
  heartbeat: { ping: 250ms, timeout: 10m }
  thresholds:
    ws_sessions{profile:slow}: ["count==${users / 10}"]
    ws_ping{profile:healthy}: ["count>0"]
profiles:
  - { name: slow, share: 10%, readRate: ${slowRate}B/s }
scenarios:
  - { name: reader, flow: [{ listen: 1h }] }
`;

/** Lets a tenth of the users read slowly. */
export async function measureSlowReaders(run: SlowSize): Promise<SlowFigures> {
  const { rate, size, seconds } = run;
  const push = ["--rate", `${rate}/s`, "--push-size", String(size)];
  await using server = await startServe(["source", ...push]);
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-slow-"));
  try {
    const file = path.join(folder, "slow.yaml");
    await writeFile(file, scenario(server.url, run));
    const { result, code } = await loadJson(["-q", file, "--workers", "1"], {
      timeoutMs: (seconds + 60) * 1000,
    });
    const [slow, healthy] = result.profiles!;
    const [profile] = result.slow!.profiles;
    const { buffers } = result.slow!;
    const { unread, read, readFor, connections } = profile!;
    const ping = (part = healthy!) => part.trends["ws_ping"] ?? { count: 0, p50: 0, p99: 0 };
    const [felt, waited] = [ping(), ping(slow)];
    return {
      code,
      pushedPerConnection: rate * size * seconds,
      kernelBuffers: buffers && buffers.receive.most + buffers.send.most,
      slowConnections: connections,
      healthyConnections: healthy!.totals["ws_sessions"] ?? 0,
      slowBytesPerSecond: (read * 1000) / readFor,
      unreadInKernel: unread && unread.received.total + (unread.sending?.total ?? 0),
      heldForThem: (slow!.totals["ws_bytes_received"] ?? 0) - read,
      healthyReceived: healthy!.inTraffic["ws_bytes_received"] ?? 0,
      healthyPing: { count: felt.count, p50: felt.p50, p99: felt.p99 },
      slowPing: { count: waited.count, p50: waited.p50 },
      memoryPerMinute: memoryDrift(result),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What has to hold of a run of any size. */
export function expectToldApart(figures: SlowFigures, { users }: SlowSize): void {
  expect(figures.code).toBe(0);
  expect([figures.slowConnections, figures.healthyConnections]).toEqual([users / 10, users * 0.9]);
  expect(figures.slowBytesPerSecond).toBeGreaterThan(slowRate / 2);
  expect(figures.slowBytesPerSecond).toBeLessThan(slowRate * 1.3);
  expect(figures.heldForThem).toBeGreaterThan(figures.unreadInKernel ?? 0);
  // Pongs to slow readers stand behind what they do not read.
  expect(figures.healthyPing.p50).toBeLessThan(figures.slowPing.p50 / 10);
}
