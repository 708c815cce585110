/**
 * Owns showing G1: whatever a server loses or doubles, every message is accounted for, and the sums
 * are the server's own.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { loadJson, reasonsOf, startServe, total } from "../e2e/load-run.js";

/** How much is sent: `users × rate × seconds` messages. */
interface ConservationSize {
  readonly users: number;
  /** Messages per second of each user. */
  readonly rate: number;
  readonly seconds: number;
  /** Of the server's faults. */
  readonly seed: number;
}

/** What both sides counted. */
interface ConservationFigures {
  readonly messages: number;
  /** What wsctl says became of them. */
  readonly stamped: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicate: number;
  readonly corrupt: number;
  readonly reordered: number;
  /** What the server did to them on purpose. */
  readonly dropped: number;
  readonly doubled: number;
  /** Expected replies that have no fate; connections whose own sums are off. */
  readonly difference: number;
  readonly connectionsOff: number;
  /** The four counts that are held against each other. */
  readonly sentByUs: number;
  readonly receivedByServer: number;
  readonly sentByServer: number;
  readonly receivedByUs: number;
  /** What the verdict says, if anything. */
  readonly reasons: string;
}

/** One message in a hundred is lost on its way back, and one comes twice. */
const faults = ["--fault", "drop,p=1%", "--fault", "dup,p=1%"];

const scenario = (url: string, { users, rate, seconds }: ConservationSize): string => `
config:
  target: ${url}
  load: { connections: ${users}, duration: ${seconds + 5}s, gracefulStop: 2s }
  correlate: { by: stamp, timeout: 2s }
scenarios:
  - name: stamps
    repeat: once
    flow: [ { every: { rate: ${rate}/s, for: ${seconds}s, send: "{{ $stamp }}" } } ]
`;

/** Sends them, and asks both sides. */
export async function measureConservation(size: ConservationSize): Promise<ConservationFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-conservation-"));
  try {
    await using server = await startServe(["--seed", String(size.seed), ...faults]);
    const file = path.join(folder, "stamps.yaml");
    await writeFile(file, scenario(server.url, size));
    const timeoutMs = (size.seconds + 60) * 1000;
    const { result } = await loadJson([file, "-q"], { timeoutMs });
    const { injected } = (await server.stats()) as { injected: Record<string, number> };
    const { difference, connectionsOff, server: compared } = result.conservation;
    const of = (name: string): number => total(result, `ws_msg_${name}`);
    return {
      messages: size.users * size.rate * size.seconds,
      stamped: of("stamped"),
      delivered: of("delivered"),
      lost: of("lost"),
      duplicate: of("duplicate"),
      corrupt: of("corrupt"),
      reordered: of("reordered"),
      dropped: injected["drop"] ?? 0,
      doubled: injected["dup"] ?? 0,
      difference,
      connectionsOff,
      sentByUs: compared?.sentByUs ?? -1,
      receivedByServer: compared?.receivedByServer ?? -1,
      sentByServer: compared?.sentByServer ?? -1,
      receivedByUs: compared?.receivedByUs ?? -1,
      reasons: reasonsOf(result).join(", "),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Difference 0, everywhere. */
export function expectConservation(figures: ConservationFigures): void {
  const { messages, dropped, doubled } = figures;
  expect(dropped).toBeGreaterThan(messages / 200);
  expect(doubled).toBeGreaterThan(messages / 200);
  expect(figures).toMatchObject({
    stamped: messages,
    delivered: messages - dropped,
    lost: dropped,
    duplicate: doubled,
    corrupt: 0,
    reordered: 0,
    difference: 0,
    connectionsOff: 0,
    sentByUs: messages,
    receivedByServer: messages,
    sentByServer: messages - dropped + doubled,
    receivedByUs: messages - dropped + doubled,
  });
}
