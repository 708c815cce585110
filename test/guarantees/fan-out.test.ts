/** Shows fan-out over two nodes with 60 users; `npm run test:long` does so with a thousand. */
import { describe, expect, test } from "vitest";
import { requireRedis } from "../support/redis.js";
import { expectLossOfServers, expectWhole, measureFanOut } from "./fan-out.js";

describe.skipIf(!requireRedis())("two chat nodes over Redis", () => {
  test.concurrent("every broadcast reaches everyone, once and in order", async () => {
    expectWhole(await measureFanOut({ users: 20, speakers: 4, rate: 20, seconds: 0.5 }));
  }, 60_000);

  test.concurrent("every broadcast reaches everyone but while Redis is away: then what is missing is what the nodes count", async () => {
    // The nodes need a second and a half to see that Redis is silent, a busy machine more.
    const size = { users: 60, speakers: 6, rate: 10, seconds: 4.5 };
    const figures = await measureFanOut({ ...size, outage: { after: 300, for: 2800 } });
    expectLossOfServers(figures);
    expect(figures.complete).toBeGreaterThan(figures.broadcasts / 4);
  }, 60_000);
});
