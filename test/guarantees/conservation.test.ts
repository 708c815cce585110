/** Shows G1 with 20,000 messages; `npm run test:long` does so with ten million. */
import { test } from "vitest";
import { expectConservation, measureConservation } from "./conservation.js";

test(
  "G1: what a server loses and doubles is told to the message",
  { timeout: 60_000 },
  async () => {
    expectConservation(await measureConservation({ users: 20, rate: 500, seconds: 2, seed: 7 }));
  },
);
