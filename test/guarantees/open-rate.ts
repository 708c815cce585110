/**
 * Owns showing G4: at a fixed rate wsctl sends what was asked for, to half a percent, or says that
 * its run is INVALID; and what it says it sent is what the server counted.
 */
import { expect } from "vitest";
import { loadJson, reasonsOf, startServe, total } from "../e2e/load-run.js";

/** What is asked for. */
interface OpenRateSize {
  /** Messages per second over all connections. */
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
  readonly workers: number;
}

/** What came of it. */
interface OpenRateFigures extends OpenRateSize {
  /** Messages per second, by the report. */
  readonly achieved: number;
  /** The difference to what was asked, as a share. */
  readonly off: number;
  readonly sent: number;
  /** By the server's own counters. */
  readonly received: number;
  /** What may still have been under way when a connection was given up. */
  readonly unconfirmed: number;
  /** Percentiles of `ws_schedule_lag`, in ms. */
  readonly lagP50: number;
  readonly lagP99: number;
  readonly code: number | null;
  readonly reasons: string;
}

/** Asks for a rate. */
export async function measureOpenRate(size: OpenRateSize): Promise<OpenRateFigures> {
  const { rate, connections, seconds, workers } = size;
  await using server = await startServe();
  const { code, result } = await loadJson(
    [
      ["-q", server.url, "-R", String(rate), "-c", String(connections), "-d", `${seconds}s`],
      ["--workers", String(workers)],
    ].flat(),
    { timeoutMs: (seconds + 60) * 1000 },
  );
  const { messages } = (await server.stats(result.run.id)) as { messages: { received: number } };
  const { inTraffic, trafficFor } = result.run;
  const achieved = (inTraffic.sent * 1000) / trafficFor;
  const lag = result.trends["ws_schedule_lag"]!;
  return {
    ...size,
    achieved,
    off: achieved / rate - 1,
    sent: total(result, "ws_msgs_sent"),
    received: messages.received,
    unconfirmed: Object.entries(result.totals)
      .filter(([key]) => key.startsWith("ws_msg_unconfirmed"))
      .reduce((sum, [, count]) => sum + count, 0),
    lagP50: lag.p50,
    lagP99: lag.p99,
    code,
    reasons: reasonsOf(result).join(", "),
  };
}

/** Half a percent, or INVALID. */
export function expectRateOrInvalid(figures: OpenRateFigures): void {
  const { off, sent, received, unconfirmed, code, reasons } = figures;
  // A server that is sent more than it can read has not got it all when the run ends.
  expect(received).toBeLessThanOrEqual(sent);
  expect(received).toBeGreaterThanOrEqual(sent - unconfirmed);
  if (reasons === "") expect(received).toBe(sent);
  if (Math.abs(off) > 0.005) expect(reasons).toMatch(/rate-missed|load-lost/);
  expect(code).toBe(reasons === "" ? 0 : 98);
}
