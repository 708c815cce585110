/** Shows a node behind HAProxy being killed: who moved to which node, how long they were away, what they missed. */
import { describe, expect, test } from "vitest";
import { textReport } from "../../src/report/text.js";
import { requireHaproxy } from "../support/haproxy.js";
import { requireRedis } from "../support/redis.js";
import { plainInk } from "../report/results.js";
import { expectMoved, killedNode } from "./killed-node.js";

const isThere = requireHaproxy() && requireRedis();

describe.skipIf(!isThere)("two chat nodes behind HAProxy, one killed with SIGKILL", () => {
  test("the report says who moved, how long each was away, and what was missed", async () => {
    const size = {
      talkers: 4,
      listeners: 36,
      rate: 20,
      duration: 3500,
      killAfter: 800,
      workers: 2,
    };
    const run = await killedNode(size);
    expectMoved(run, size);
    const text = textReport(run.result, plainInk);
    const [episode] = run.result.recovery!.episodes;
    expect(text).toMatch(/losses +lost from .* on, by nothing in the plan\n/);
    const { fewest } = episode!;
    expect(fewest).toBeLessThan(40);
    expect(text).toContain(`20 of 40 connections lost: all back, ${fewest} open at the fewest\n`);
    expect(text).toContain("✓ onReconnect confirmed on all 20 connections\n");
    expect(text).toMatch(
      new RegExp(`node-b → node-a +20 +\\d[^\\n]*s +\\d[^\\n]*s +${episode!.missed}\\n`),
    );
  }, 40_000);
});
