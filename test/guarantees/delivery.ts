/**
 * Owns showing that the delivery ledger says exactly what a server did to messages: of stamps that an
 * echo server sends back, and of the numbers that a ticker gives its own messages.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { DeliveryAccount, DeliveryFates } from "../../src/metrics/delivery.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { loadJson, reasonsOf, startServe, total } from "../e2e/load-run.js";

/** How much is sent, by how many. */
interface DeliverySize {
  readonly users: number;
  /** Messages per second, all users together. */
  readonly rate: number;
  readonly seconds: number;
  readonly workers: number;
  /** Seconds that a reply may take: a machine may have more to do than this. */
  readonly patience: number;
  /** Of the server's faults. */
  readonly seed: number;
}

/** What both sides counted. */
interface DeliveryFigures {
  readonly workers: number;
  /** Messages that came in a second in the midst of it: the median of those with at least half of the most. */
  readonly perSecond: number;
  readonly stamped: number;
  readonly delivered: number;
  readonly lost: number;
  readonly lostWhileConnected: number;
  readonly duplicate: number;
  readonly reordered: number;
  readonly corrupt: number;
  /** Messages that nobody could make anything of. */
  readonly unmatched: number;
  readonly unfollowed: number;
  /** What the server did to them on purpose, by the fault's name. */
  readonly injected: Readonly<Record<string, number>>;
  /** What the verdict says, if anything: of the generator, not of the ledger. */
  readonly reasons: string;
  readonly account: DeliveryAccount | undefined;
}

function usualRate({ series }: RunResult): number {
  const rates = series.map(({ span, counters }) => {
    return ((counters["ws_msgs_received"] ?? 0) * 1000) / Math.max(1, span);
  });
  const most = Math.max(...rates, 0);
  const busy = rates.filter((rate) => rate >= most / 2).toSorted((a, b) => a - b);
  return busy[Math.floor(busy.length / 2)] ?? 0;
}

/** Runs a scenario against a server with faults. */
async function measure(
  serve: readonly string[],
  faults: readonly string[],
  scenario: (url: string) => string,
  { workers, seed }: DeliverySize,
): Promise<DeliveryFigures> {
  const given = faults.flatMap((fault) => ["--fault", fault]);
  await using server = await startServe([...serve, "--seed", String(seed), ...given]);
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-delivery-"));
  try {
    const file = path.join(folder, "delivery.yaml");
    await writeFile(file, scenario(server.url));
    const { result } = await loadJson([file, "-q", "--workers", String(workers)], {
      timeoutMs: 300_000,
    });
    const { injected } = (await server.stats()) as Pick<DeliveryFigures, "injected">;
    const of = (name: string): number => total(result, `ws_msg_${name}`);
    return {
      workers: result.run.workers,
      perSecond: usualRate(result),
      stamped: of("stamped"),
      delivered: of("delivered"),
      lost: of("lost"),
      lostWhileConnected: of("missing{where:connected}"),
      duplicate: of("duplicate"),
      reordered: of("reordered"),
      corrupt: of("corrupt"),
      unmatched: of("unmatched"),
      unfollowed: of("unfollowed"),
      injected,
      reasons: reasonsOf(result).join(", "),
      account: result.delivery,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Stamps through an echo server with these faults; each of them comes back to its sender. */
export async function measureStamps(
  faults: readonly string[],
  size: DeliverySize,
): Promise<DeliveryFigures> {
  const { users, rate, seconds, patience } = size;
  const each = rate / users;
  return measure(
    [],
    faults,
    (url) => `
config:
  target: ${url}
  load: { connections: ${users}, duration: ${seconds + patience}s, gracefulStop: ${patience}s }
  correlate: { by: stamp, timeout: ${patience}s }
scenarios:
  - name: stamps
    repeat: once
    flow: [ { every: { rate: ${each}/s, for: ${seconds}s, send: "{{ $stamp }}" } } ]
`,
    size,
  );
}

/**
 * The numbers of a ticker's updates, which all users subscribe to. Faults need a window within the run:
 * of what is lost before the first message that comes, or after the last, nobody can know.
 */
export async function measureNumbers(
  faults: readonly string[],
  size: DeliverySize,
): Promise<DeliveryFigures> {
  const { users, rate, seconds } = size;
  return measure(
    ["ticker", "--symbols", "AAPL", "--tick", `${rate / users}/s`],
    faults,
    (url) => `
config:
  target: ${url}
  load: { connections: ${users}, duration: ${seconds}s }
  sequence: { sender: $.symbol, number: $.seq, match: { json: $.op, equals: update } }
flow:
  - send: { json: { op: subscribe, symbols: [AAPL] } }
  - listen: 24h
`,
    size,
  );
}

/** What the ledger has to say, held against what the server did. */
export function expectExact(figures: DeliveryFigures, messages: number): void {
  const { injected, account } = figures;
  const { drop = 0, dup = 0, reorder = 0, corrupt = 0 } = injected;
  expect(drop + dup + reorder + corrupt).toBeGreaterThan(0);
  expect(figures).toMatchObject({
    lost: drop,
    lostWhileConnected: drop,
    duplicate: dup,
    reordered: reorder,
    corrupt,
    unmatched: 0,
    unfollowed: 0,
  });
  expect(figures.delivered + figures.lost + figures.corrupt).toBeGreaterThanOrEqual(messages);
  expect(account?.others ?? 0).toBe(0);
}

/** Of one kind of row; exact as long as there are no more of them than are told. */
export function sumOf(rows: readonly DeliveryFates[]): DeliveryFates {
  const sum = (fate: keyof DeliveryFates): number => rows.reduce((all, row) => all + row[fate], 0);
  return {
    delivered: sum("delivered"),
    lost: sum("lost"),
    missed: sum("missed"),
    duplicate: sum("duplicate"),
    reordered: sum("reordered"),
    corrupt: sum("corrupt"),
  };
}
