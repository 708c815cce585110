/**
 * Owns showing G3: when a server stalls, the report says what users would have felt who come at a
 * constant rate, whether or not anybody waits for the stalled replies. Beside them, in the same run,
 * there is a user who waits for each reply before it sends on, as uncorrected tools do: it hides the
 * stall.
 *
 *     latency
 *       S │      ╲         who comes x after the beginning of the stall waits S − x,
 *         │       ╲        so a share of (S − y) / T of all waits longer than y:
 *         │        ╲       p99 = S − T / 100
 *         └────────┴──── time
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { documentOf, reasonsOf, wrongWith } from "../e2e/load-run.js";
import { until } from "../e2e/processes.js";
import { exitWithin } from "../support/child.js";
import { startWsctl } from "../support/wsctl.js";
import { startDelayServer } from "./delay-server.js";

/** How long it takes; times in ms. */
interface OmissionSize {
  readonly duration: number;
  readonly stall: number;
  /** Messages per second of those who come at a constant rate. */
  readonly rate: number;
}

/** Percentiles of one clock of one scenario, in ms. */
interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What both kinds of users say of the same stall. */
interface OmissionFigures extends OmissionSize {
  /** How long the stall was by the server's own clock. */
  readonly stalled: number;
  /** By the formula, in ms; the latency without a stall is left out. */
  readonly analyticP99: number;
  /** `ws_msg_rtt` of those on a schedule. */
  readonly corrected: Distribution;
  /** `ws_msg_rtt_sent` of the same messages: they were written in time, so it knows of the stall. */
  readonly written: Distribution;
  /** `ws_msg_rtt_sent` of the one who waits for replies. */
  readonly uncorrected: Distribution;
  readonly ratio: number;
  readonly reasons: string;
}

const users = 10;

const scenario = (url: string, { duration, rate }: OmissionSize): string => `
config:
  target: ${url}
  load: { connections: ${users + 1}, duration: ${duration}ms, gracefulStop: 10s }
  correlate: { by: id, request: $.id, timeout: 30s }
scenarios:
  - name: scheduled
    weight: ${users}
    flow:
      - every: { rate: ${rate / users}/s, for: ${duration}ms, send: { json: { id: "{{ $uuid }}" } } }
  - name: waiting
    weight: 1
    flow:
      - send: { json: { id: "{{ $uuid }}" } }
        expect: { json: $.id, within: 30s }
      - think: 5ms
`;

function distributionOf(result: RunResult, name: string, metric: string): Distribution {
  const part = result.scenarios.find((one) => one.name === name);
  const { count, p50, p90, p99, max } = part!.trends[metric]!;
  return { count, p50, p90, p99, max };
}

/** Plays the run, and stalls the server in the middle of it. */
export async function measureOmission(size: OmissionSize): Promise<OmissionFigures> {
  const { duration, stall } = size;
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-omission-"));
  try {
    await using server = await startDelayServer(1, ["constant", 0]);
    const file = path.join(folder, "stall.yaml");
    await writeFile(file, scenario(server.url, size));
    await using child = startWsctl(["load", "--json", file]);
    const before = ((size.rate * duration) / 1000) * 0.2;
    await until(
      async () => expect(await server.count()).toBeGreaterThan(before),
      duration + 10_000,
    );
    const stalled = await server.stall(stall);
    const result = documentOf(await exitWithin(child, duration + 30_000));
    expect(wrongWith(result)).toEqual([]);
    const corrected = distributionOf(result, "scheduled", "ws_msg_rtt");
    const uncorrected = distributionOf(result, "waiting", "ws_msg_rtt_sent");
    return {
      ...size,
      stalled,
      analyticP99: stalled - duration / 100,
      corrected,
      written: distributionOf(result, "scheduled", "ws_msg_rtt_sent"),
      uncorrected,
      ratio: corrected.p99 / uncorrected.p99,
      reasons: reasonsOf(result).join(", "),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Within 5 % of the formula, and at least ten times what the other one says. */
export function expectNoOmission(figures: OmissionFigures): void {
  const { analyticP99, corrected, uncorrected, stall } = figures;
  expect(Math.abs(corrected.p99 / analyticP99 - 1)).toBeLessThanOrEqual(0.05);
  // It met the stall, once, and says nothing of it at its p99.
  expect(uncorrected.max).toBeGreaterThan(stall / 2);
  expect(uncorrected.p99).toBeLessThanOrEqual(corrected.p99 / 10);
}
