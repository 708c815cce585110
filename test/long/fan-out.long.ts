/** Shows fan-out over two chat nodes and Redis in full; its short form is in `test/guarantees`. */
import { test } from "vitest";
import { expectLossOfServers, expectWhole, measureFanOut } from "../guarantees/fan-out.js";
import { requireRedis } from "../support/redis.js";
import { record } from "./record.js";

/** Ten thousand broadcasts to a thousand users; as fast as one machine can carry beside its servers. */
const size = { users: 1000, speakers: 10, rate: 3, seconds: 334 };

test.skipIf(!requireRedis())("10,000 broadcasts to 1,000 listeners over two nodes", async () => {
  await record(
    "fan-out-whole",
    {
      guarantee:
        "of 10⁴ broadcasts over two nodes every one reaches each of 1,000 users once, in order for each sender",
      seed: 4,
    },
    async () => measureFanOut(size),
    expectWhole,
  );
});

test.skipIf(!requireRedis())("the same, Redis being stopped for 2 s", async () => {
  await record(
    "fan-out-outage",
    {
      guarantee:
        "with Redis stopped for 2 s, broadcasts and recipients missed are those that the nodes count themselves",
      seed: 4,
    },
    async () => measureFanOut({ ...size, seconds: 60, outage: { after: 20_000, for: 2000 } }),
    expectLossOfServers,
  );
});
