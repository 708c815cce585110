/** The short form of slow readers among healthy ones; the long one is in test/long. */
import { test } from "vitest";
import { expectToldApart, measureSlowReaders } from "./slow-consumers.js";

test(
  "slow readers are read slowly, and told apart from the healthy",
  { timeout: 60_000 },
  async () => {
    const size = { users: 10, rate: 50, size: 32 * 1024, seconds: 3 };
    expectToldApart(await measureSlowReaders(size), size);
  },
);
