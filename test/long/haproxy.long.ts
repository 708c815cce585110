/** Shows at full size who moves, and what they miss, when a node behind HAProxy is killed; records the figures. */
import { expect, test } from "vitest";
import { expectMoved, type KilledNode, killedNode } from "../e2e/killed-node.js";
import { requireHaproxy } from "../support/haproxy.js";
import { requireRedis } from "../support/redis.js";
import { record } from "./record.js";

const isThere = requireHaproxy() && requireRedis();

const size = {
  talkers: 10,
  listeners: 990,
  rate: 1,
  duration: 30_000,
  killAfter: 8000,
  workers: 2,
};

/** What is worth keeping of it; times in ms. */
function factsOf({ result, onKilled }: KilledNode) {
  const { recovery, totals } = result;
  const [episode] = recovery!.episodes;
  const { to50, to95, to100, times, firstRetries, ...rest } = episode!;
  return {
    ...size,
    onKilled,
    to50,
    to95,
    to100,
    away: { p50: times.p50, p95: times.p95, max: times.max },
    crowded: firstRetries.crowded,
    attempts: rest.attempts,
    peakPerSecond: rest.peakPerSecond,
    missed: rest.missed,
    moves: rest.moves,
    resubscribed: rest.resubscribed,
    availability: recovery!.availability,
    stamped: totals["ws_msg_stamped"],
    delivered: totals["ws_msg_delivered"],
  };
}

test.skipIf(!isThere)("1,000 clients behind HAProxy, one of two nodes killed", async () => {
  expect.hasAssertions();
  let run: KilledNode;
  await record(
    "haproxy-killed-node",
    {
      guarantee:
        "of a killed node's clients the report says where they moved, how long they were away and what they missed",
    },
    async () => {
      run = await killedNode(size);
      return factsOf(run);
    },
    () => expectMoved(run, size),
  );
});
