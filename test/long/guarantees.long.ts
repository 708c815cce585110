/** Shows G1 to G6 in full, and records the figures; their short forms are in `test/guarantees`. */
import { expect, test } from "vitest";
import { expectConservation, measureConservation } from "../guarantees/conservation.js";
import { measureMerging } from "../guarantees/merging.js";
import { expectNoOmission, measureOmission } from "../guarantees/omission.js";
import { expectRateOrInvalid, measureOpenRate } from "../guarantees/open-rate.js";
import {
  type DistributionName,
  distributions,
  measurePercentiles,
  offPercentiles,
} from "../guarantees/percentiles.js";
import { measureSharding } from "../guarantees/sharding.js";
import { record } from "./record.js";

/** One after the other, by name. */
async function each<Name extends string, Figures>(
  names: readonly Name[],
  measure: (name: Name) => Promise<Figures>,
): Promise<Record<string, Figures>> {
  const all: Record<string, Figures> = {};
  for (const name of names) all[name] = await measure(name);
  return all;
}

test("G1: conservation of ten million messages, some lost and some doubled", async () => {
  const seed = 7;
  await record(
    "g1-conservation",
    { guarantee: "of 10⁷ messages, with 1 % lost and 1 % doubled, the difference is 0", seed },
    async () => measureConservation({ users: 100, rate: 250, seconds: 400, seed }),
    expectConservation,
  );
});

test("G2: percentiles against the server's log, a minute of each distribution", async () => {
  const seed = 11;
  const size = { rate: 1000, connections: 100, seconds: 60, seed };
  await record(
    "g2-percentiles",
    { guarantee: "p50 to p99.9 are those that the server applied, to 1 % or 1 ms", seed },
    async () =>
      each(Object.keys(distributions) as DistributionName[], async (name) =>
        measurePercentiles(name, size),
      ),
    (all) => {
      for (const figures of Object.values(all)) {
        expect(offPercentiles(figures)).toEqual({});
        expect(figures).toMatchObject({ messages: 60_000, logged: 60_000, reasons: "" });
      }
    },
  );
});

test("G3: a stall of 2 s in 30 s is not omitted", async () => {
  await record(
    "g3-omission",
    {
      guarantee:
        "the corrected p99 is within 5 % of the analytic one, the uncorrected one ten times lower",
    },
    async () => measureOmission({ duration: 30_000, stall: 2000, rate: 1000 }),
    (figures) => {
      expectNoOmission(figures);
      expect(figures.reasons).toBe("");
    },
  );
});

test("G4: a fixed rate is kept for a minute, or the run is INVALID", async () => {
  const sizes = {
    "1,000/s": { rate: 1000, connections: 50, seconds: 60, workers: 1 },
    "20,000/s": { rate: 20_000, connections: 100, seconds: 60, workers: 1 },
    "10,000/s of two workers": { rate: 10_000, connections: 101, seconds: 60, workers: 2 },
    "5,000,000/s": { rate: 5_000_000, connections: 100, seconds: 10, workers: 1 },
  };
  await record(
    "g4-open-rate",
    { guarantee: "the rate is within 0.5 % of what was asked, or the run says INVALID" },
    async () =>
      each(Object.keys(sizes) as (keyof typeof sizes)[], async (name) =>
        measureOpenRate(sizes[name]),
      ),
    (all) => {
      for (const figures of Object.values(all)) expectRateOrInvalid(figures);
      expect(all["1,000/s"]!.reasons).toBe("");
      expect(all["5,000,000/s"]!.reasons).toContain("rate-missed");
    },
  );
});

test("G5: ten thousand plans on 1 to 64 workers", async () => {
  const seed = 5;
  await record(
    "g5-sharding",
    { guarantee: "the union over 1 to 64 shards is the unsharded plan, for 10⁴ plans", seed },
    () => measureSharding({ plans: 10_000, seed }),
    ({ plans, ways }) => expect([plans, ways]).toEqual([10_000, 64]),
  );
});

test("G6: a thousand splits, merged", async () => {
  const seed = 6;
  await record(
    "g6-merging",
    { guarantee: "of 10³ splits every one merges to the same bytes", seed },
    () => measureMerging({ splits: 1000, values: 5000, seed }),
    ({ different }) => expect(different).toBe(0),
  );
});
