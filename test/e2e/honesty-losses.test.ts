/**
 * Shows that a run which loses a worker, its coordinator or a target at a fixed rate says so or ends:
 * each loss is provoked alone, and the same run without it has no such reason.
 */
import { describe, expect, test } from "vitest";
import { exitWithin } from "../support/child.js";
import { startWsctl } from "../support/wsctl.js";
import {
  documentOf,
  expectConserved,
  loadJson,
  type Served,
  startServe,
  wrongWith,
} from "./load-run.js";
import { allGone, hasProc, isAlive, until, workersOf } from "./processes.js";

const args = ["-R", "400", "-c", "8", "-d", "3s", "--workers", "2"];

async function heard(server: Served): Promise<number> {
  return ((await server.stats()) as { messages: { received: number } }).messages.received;
}

/** Resolves in the middle of the traffic. */
async function underWay(server: Served): Promise<void> {
  await until(async () => expect(await heard(server)).toBeGreaterThan(100));
}

/** Three or four processes start in each test, on whatever machine. */
const patient = { timeout: 60_000 };

describe("without any loss", patient, () => {
  test("the run of these tests has nothing to tell", async () => {
    await using one = await startServe();
    await using other = await startServe();
    const { result } = await loadJson([one.url, other.url, ...args], { timeoutMs: 30_000 });
    expect(wrongWith(result)).toEqual([]);
    expectConserved(result);
    expect(result.conservation).toMatchObject({ expected: 1200, answered: 1200 });
    expect([await heard(one), await heard(other)]).toEqual([600, 600]);
  });
});

describe.skipIf(!hasProc)("a worker that is killed at a fixed rate", patient, () => {
  test("is the reason, alone; the other one stops as well", async () => {
    await using server = await startServe();
    await using child = startWsctl(["load", "--json", server.url, ...args]);
    const workers = await workersOf(child.pid, 2);
    await underWay(server);
    process.kill(workers[1]!, "SIGKILL");
    const exit = await exitWithin(child, 30_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(98);
    expect(wrongWith(result)).toEqual(["worker-lost"]);
    const reason = result.validity.reasons.find(({ code }) => code === "worker-lost");
    expect(reason!.detail).toContain("worker 2 of 2 was lost (SIGKILL)");
    expect(reason!.remedy).toMatch(/cause/);
    await allGone(workers);
    // The rest of the load was not sent for nothing.
    expect(await heard(server)).toBeLessThan(1200);
  });
});

describe.skipIf(!hasProc)("a coordinator that is killed", patient, () => {
  /** Kills it, and shows that nobody goes on without it. */
  const killed = async (server: Served, more: readonly string[]): Promise<void> => {
    await using child = startWsctl(["load", "-q", server.url, ...more]);
    const workers = await workersOf(child.pid, 2);
    await underWay(server);
    expect(workers.every(isAlive)).toBe(true);
    process.kill(child.pid, "SIGKILL");
    await allGone(workers);
    expect(await exitWithin(child, 5000)).toMatchObject({ signal: "SIGKILL" });
    await until(async () =>
      expect(await server.stats()).toMatchObject({ connections: { open: 0 } }),
    );
    // Nobody is there to say anything more.
    const last = await heard(server);
    await until(async () => expect(await heard(server)).toBe(last));
  };

  test("takes its workers with it", async () => {
    await using server = await startServe();
    await killed(server, ["-R", "400", "-c", "8", "-d", "5m", "--workers", "2"]);
  });

  test("takes them with it even when they have more to do than they can", async () => {
    await using server = await startServe();
    await killed(server, ["-R", "5M", "-c", "8", "-d", "5m", "--workers", "2"]);
  });
});

describe("a target that dies", patient, () => {
  test("while another one lives leaves the run short of the load that was asked for", async () => {
    await using good = await startServe();
    await using bad = await startServe();
    await using child = startWsctl(["load", "--json", good.url, bad.url, ...args]);
    await underWay(bad);
    bad.kill("SIGKILL");
    const exit = await exitWithin(child, 30_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(98);
    expect(wrongWith(result)).toEqual(["load-lost"]);
    expectConserved(result);
    expect(result.conservation.expected + result.totals["ws_msg_unsent"]!).toBe(1200);
    expect(await heard(good)).toBe(600);
  });
});
