/** Shows the reconnect storm in full, by the program as a user runs it, on two workers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import type { Recovery } from "../../src/metrics/recovery.js";
import { loadJson, startServe } from "../e2e/load-run.js";
import { record } from "./record.js";

/** Loads a server with listeners for so many seconds. */
async function recoveryOf(
  { url }: { readonly url: string },
  config: string,
  seconds: number,
): Promise<Recovery> {
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-storm-"));
  try {
    const file = path.join(folder, "storm.yaml");
    await writeFile(file, config);
    const { result } = await loadJson(["-q", file, url, "--workers", "2"], {
      timeoutMs: (seconds + 60) * 1000,
    });
    return result.recovery!;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const storm = (jitter: string): string => `
config:
  load: { connections: 2000, duration: 20s, seed: 7 }
  reconnect: { policy: exponential, base: 500ms, jitter: ${jitter} }
events:
  - { at: 12s, drop: 30%, how: reset }
flow:
  - listen: 1h
`;

const flapping = `
config:
  load: { connections: 100, duration: 20s, seed: 7 }
  reconnect: { policy: exponential, base: 250ms, jitter: none }
flow:
  - listen: 1h
`;

const inShort = ({ cut, back, attempts, times, peakPerSecond, firstRetries }: Recovery) => ({
  cut,
  back,
  attempts,
  firstRetries,
  peakPerSecond,
  away: { min: times.min, p50: times.p50, max: times.max },
});

test("2,000 connections, 600 cut: what jitter makes of it; and a server that flaps", async () => {
  await record(
    "reconnect-storm",
    {
      guarantee:
        "of 600 first retries ≥ 90 % fall into 100 ms without jitter, ≤ 30 % with full jitter; a flapping server does not reset the backoff",
      seed: 7,
    },
    async () => {
      await using server = await startServe();
      await using flap = await startServe(["--fault", "flap"]);
      const [none, full] = [
        await recoveryOf(server, storm("none"), 20),
        await recoveryOf(server, storm("full"), 20),
      ];
      const flapped = await recoveryOf(flap, flapping, 20);
      const told = ({ to50, to95, to100, openBefore, fewest }: Recovery["episodes"][number]) => ({
        openBefore,
        fewest,
        to50,
        to95,
        to100,
      });
      return {
        none: { ...inShort(none), ...told(none.episodes[0]!) },
        full: { ...inShort(full), ...told(full.episodes[0]!) },
        flapping: inShort(flapped),
      };
    },
    ({ none, full, flapping: flapped }) => {
      for (const one of [none, full]) {
        expect(one).toMatchObject({ cut: 600, back: 600, openBefore: 2000, fewest: 1400 });
        expect(one.firstRetries.count).toBe(600);
      }
      // As they were due, which is the policy's figure, and as they were really begun.
      for (const crowd of ["crowded", "begun"] as const) {
        expect(none.firstRetries[crowd]).toBeGreaterThanOrEqual(0.9);
        expect(full.firstRetries[crowd]).toBeLessThanOrEqual(0.3);
      }
      for (const { peakPerSecond } of [none, full]) {
        expect(peakPerSecond).toBeGreaterThanOrEqual(540);
        expect(peakPerSecond).toBeLessThanOrEqual(600);
      }
      // 250 ms, 500 ms, 1 s … 8 s: in 20 s there is time for six dials of each, were it only for one
      // that began anew there would be eighty.
      expect(flapped.attempts).toBeGreaterThan(400);
      expect(flapped.attempts).toBeLessThanOrEqual(700);
    },
  );
});
