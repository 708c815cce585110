/**
 * Shows G4 for some seconds; `npm run test:long` does so for a minute each. That a rate out of reach
 * makes a run INVALID is shown in `test/e2e/honesty.test.ts`.
 */
import { test } from "vitest";
import { expectRateOrInvalid, measureOpenRate } from "./open-rate.js";

test.each([
  { rate: 333, connections: 7, seconds: 3, workers: 1 },
  { rate: 3000, connections: 50, seconds: 3, workers: 2 },
])(
  "G4: $rate/s are sent to half a percent, or the run is INVALID",
  { timeout: 60_000 },
  async (size) => {
    expectRateOrInvalid(await measureOpenRate(size));
  },
);
