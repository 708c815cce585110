/** Shows G6 with 50 splits; `npm run test:long` does so with a thousand, of more values. */
import { expect, test } from "vitest";
import { measureMerging } from "./merging.js";

test(
  "G6: the merged histogram is the same to the byte, whatever was split how",
  { timeout: 60_000 },
  () => {
    const { different, snapshots } = measureMerging({ splits: 50, values: 1000, seed: 6 });
    expect(snapshots).toBeGreaterThan(50);
    expect(different).toBe(0);
  },
);
