/** Shows G3 with 0.8 s of 6 s; `npm run test:long` does so with 2 s of 30 s. */
import { expect, test } from "vitest";
import { expectNoOmission, measureOmission } from "./omission.js";

// A machine that does other things as well adds its own stalls: then it is tried again, and a run that
// calls itself no evidence is none.
test("G3: a stall is felt by all who would have come", { retry: 3, timeout: 60_000 }, async () => {
  const figures = await measureOmission({ duration: 6000, stall: 800, rate: 500 });
  if (figures.reasons === "") expectNoOmission(figures);
  else expect(figures.reasons).toMatch(/schedule-lag|loop-delay/);
});
