/** Shows G5 with 300 plans; `npm run test:long` does so with ten thousand. */
import { expect, test } from "vitest";
import { measureSharding } from "./sharding.js";

test("G5: 1 to 64 workers do together what one does alone", { timeout: 60_000 }, () => {
  const { sends, lives } = measureSharding({ plans: 300, seed: 5 });
  expect(sends).toBeGreaterThan(300 * 64);
  expect(lives).toBeGreaterThan(300 * 64);
});
