/** Plays the scenarios whose point is the shape of the load, on a smaller scale. */
import { describe, expect, test } from "vitest";
import { total } from "../e2e/load-run.js";
import { expectBroken, expectPassed, hasty, patient, play, smaller } from "./scenario-run.js";

describe("spike", patient, () => {
  const scale = { time: 40, users: 2 };

  test.concurrent("users arrive, do their work and go", async () => {
    const run = await play(["echo"], smaller("spike", scale));
    expectPassed(run);
    const { users } = run.result.run;
    expect(users?.begun).toBeGreaterThan(30);
    expect(users).toMatchObject({ completed: users?.begun, lost: 0, dropped: 0 });
    const opened = (name: string): number =>
      run.result.stages.find((stage) => stage.name === name)?.totals["ws_sessions"] ?? 0;
    expect(opened("spike")).toBeGreaterThan(3 * opened("calm"));
  });

  test.concurrent("a server that has no place for them is found", async () => {
    const run = await play(["echo", "--limit-connections", "3"], smaller("spike", scale), hasty);
    expectBroken(run, ["ws_connect_failed count==0"]);
    expect(total(run.result, "ws_connect_failed{reason:status,status:503}")).toBeGreaterThan(0);
  });
});

describe("ramp-to-limit", patient, () => {
  const scale = { time: 60, users: 100 };

  test.concurrent("a server whose limit is not reached sees the last stage", async () => {
    const run = await play(["echo"], smaller("ramp-to-limit", scale));
    expectPassed(run);
    expect(run.result.stages.at(-1)?.name).toBe("at-2000");
    expect(total(run.result, "ws_msg_answered")).toBeGreaterThan(20);
  });

  test.concurrent("the run ends where the server has become too slow", async () => {
    const run = await play(["echo", "--delay", "700ms"], smaller("ramp-to-limit", scale), hasty);
    expectBroken(run, ["ws_msg_rtt p(95)<500ms"]);
    expect(run.result.thresholds.filter(({ aborted }) => aborted)).toMatchObject([
      { metric: "ws_msg_rtt", ok: false },
    ]);
    expect(run.result.run.trafficFor).toBeLessThan(3500);
  });
});
