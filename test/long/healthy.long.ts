/** Shows that a healthy run is not called INVALID: twenty in a row at half the maximum rate. */
import { expect, test } from "vitest";
import { loadJson, reasonsOf, startServe } from "../e2e/load-run.js";
import { record } from "./record.js";

const connections = 100;

/** One run, in short; times in ms. */
interface Healthy {
  readonly rate: number;
  readonly code: number | null;
  readonly reasons: string;
  readonly lagP50: number;
  readonly lagP99: number;
  readonly rttP99: number;
  /** Of the worker: the highest share of a core, and the longest delay of its loop. */
  readonly cpu: number;
  readonly loopLag: number;
}

async function runAt(rate: number, seconds: number): Promise<Healthy> {
  await using server = await startServe();
  const args = ["-R", String(rate), "-c", String(connections), "-d", `${seconds}s`];
  const { code, result } = await loadJson(["-q", server.url, ...args, "--workers", "1"], {
    timeoutMs: (seconds + 60) * 1000,
  });
  const { totals, trends } = result;
  return {
    rate,
    code,
    reasons: reasonsOf(result).join(", "),
    lagP50: trends["ws_schedule_lag"]!.p50,
    lagP99: trends["ws_schedule_lag"]!.p99,
    rttP99: trends["ws_msg_rtt"]!.p99,
    cpu: totals["wsctl_cpu"] ?? 0,
    loopLag: totals["wsctl_loop_lag"] ?? 0,
  };
}

/** The highest rate at which a run is evidence, to about a sixteenth; with all that was tried. */
async function findMaximum(seconds: number): Promise<{ maximum: number; tried: Healthy[] }> {
  const tried: Healthy[] = [];
  const isValid = async (rate: number): Promise<boolean> => {
    const run = await runAt(rate, seconds);
    tried.push(run);
    return run.reasons === "";
  };
  let [valid, invalid] = [0, 4000];
  while (await isValid(invalid)) {
    [valid, invalid] = [invalid, invalid * 2];
    // A machine that gives out at no rate is not the one that this was written for.
    if (invalid > 4_000_000) break;
  }
  for (let step = 0; step < 3; step++) {
    const middle = Math.round((valid + invalid) / 2);
    if (await isValid(middle)) valid = middle;
    else invalid = middle;
  }
  return { maximum: valid, tried };
}

test("20 runs at half the maximum rate are all evidence", async () => {
  await record(
    "healthy-runs",
    { guarantee: "20 healthy runs in a row at half the maximum rate: none INVALID" },
    async () => {
      const { maximum, tried } = await findMaximum(5);
      const runs: Healthy[] = [];
      // Where no rate is VALID there is no half of it.
      const wanted = maximum > 0 ? 20 : 0;
      for (let i = 0; i < wanted; i++) runs.push(await runAt(maximum / 2, 10));
      const invalid = runs.filter(({ reasons }) => reasons !== "").length;
      return { connections, maximum, invalid, runs, tried };
    },
    ({ maximum, invalid, runs }) => {
      expect(maximum).toBeGreaterThan(0);
      expect(runs).toHaveLength(20);
      expect(invalid).toBe(0);
    },
  );
});
