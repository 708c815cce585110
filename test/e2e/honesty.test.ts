/**
 * Shows that a run says so itself when its figures are no evidence, because the generator could not
 * keep its pace: each cause is provoked alone, and its reason is missing from the same run without it.
 */
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { type Child, type ChildExit, exitWithin } from "../support/child.js";
import { putBehind, startHogs } from "../support/hogs.js";
import { startWsctl } from "../support/wsctl.js";
import {
  documentOf,
  expectConserved,
  loadJson,
  reasonsOf,
  type Served,
  startServe,
  wrongWith,
} from "./load-run.js";
import { hasProc, mainCpuOf, until, workersOf } from "./processes.js";

/** A rate that costs a worker some percent of a core. */
const light = ["-R", "2k", "-c", "10", "-d", "3s", "--workers", "1"];

/** What is provoked here is a machine that has no time. */
const patient = { timeout: 60_000 };

const p99 = (result: RunResult, metric: string): number => result.trends[metric]?.p99 ?? 0;

/** What every INVALID run has to say; its codes. */
function codesOf({ code }: Pick<ChildExit, "code">, result: RunResult): string[] {
  expect(code).toBe(98);
  expect(result.validity.ok).toBe(false);
  expectConserved(result);
  for (const { detail, remedy } of result.validity.reasons) {
    expect(detail).toMatch(/\d/);
    expect(remedy.length).toBeGreaterThan(20);
  }
  return reasonsOf(result);
}

/** Starts the run, and does something to its only worker while messages flow. */
async function provoked(
  server: Served,
  provoke: (worker: number, child: Child) => Promise<void>,
): Promise<ChildExit & { result: RunResult }> {
  await using child = startWsctl(["load", "--json", server.url, ...light]);
  const [worker] = await workersOf(child.pid, 1);
  await until(async () => {
    const { messages } = (await server.stats()) as { messages: { sent: number } };
    expect(messages.sent).toBeGreaterThan(100);
  });
  await provoke(worker!, child);
  const exit = await exitWithin(child, 30_000);
  return { ...exit, result: documentOf(exit) };
}

/** Keeps a process from running for so many ms. */
async function freeze(pid: number, ms: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, ms));
  process.kill(pid, "SIGCONT");
}

describe.skipIf(!hasProc)("at a rate that is no trouble", patient, () => {
  test("a run is evidence, unless the machine has other things to do", async () => {
    await using server = await startServe();
    let run = await loadJson([server.url, ...light], { timeoutMs: 30_000 });
    for (let again = 0; again < 2 && !run.result.validity.ok; again++) {
      run = await loadJson([server.url, ...light], { timeoutMs: 30_000 });
    }
    const { code, result } = run;
    expect(code).toBe(result.validity.ok ? 0 : 98);
    expect(wrongWith(result)).toEqual([]);
    expect(reasonsOf(result)).not.toContain("rate-missed");
    expect(p99(result, "ws_msg_rtt")).toBeLessThan(900);
  });

  test("other programs on all cores make messages late", async () => {
    await using server = await startServe();
    const { result, ...exit } = await provoked(server, async (worker, child) => {
      await using _hogs = await startHogs();
      putBehind(worker);
      await until(() => expect(child.output.stderr).toContain("draining"));
    });
    expect(codesOf(exit, result)).toContain("schedule-lag");
    expect(wrongWith(result)).toEqual([]);
    expect(result.validity.reasons[0]?.remedy).toMatch(/other programs.*cores/);
  });

  test("a loop that stands still for a second makes them late, and the two clocks tell whose fault it was", async () => {
    await using server = await startServe();
    const { result, ...exit } = await provoked(server, async (worker) => freeze(worker, 1000));
    expect(codesOf(exit, result)).toContain("schedule-lag");
    expect(wrongWith(result)).toEqual([]);
    // Users would have felt it; the server had no part in it.
    expect(p99(result, "ws_msg_rtt")).toBeGreaterThan(900);
    expect(p99(result, "ws_msg_rtt_sent")).toBeLessThan(p99(result, "ws_msg_rtt") / 2);
  });

  test("a loop that stands still again and again is blocked", async () => {
    await using server = await startServe();
    const { result, ...exit } = await provoked(server, async (worker) => {
      for (let i = 0; i < 10; i++) {
        await freeze(worker, 60);
        // It has to run in between, or it would be one long stop.
        const { messages: before } = (await server.stats()) as { messages: { sent: number } };
        await until(async () => {
          const { messages } = (await server.stats()) as { messages: { sent: number } };
          expect(messages.sent).toBeGreaterThan(before.sent);
        });
      }
    });
    expect(codesOf(exit, result)).toEqual(expect.arrayContaining(["schedule-lag", "loop-delay"]));
    expect(wrongWith(result)).toEqual([]);
  });
});

/**
 * Runs it, and sees meanwhile, by the kernel's own count, how much of a core its only worker has used
 * while traffic flowed.
 */
async function watched(
  server: Served,
  args: readonly string[],
): Promise<ChildExit & { result: RunResult; share: number }> {
  await using child = startWsctl(["load", "--json", server.url, "--workers", "1", ...args]);
  const [worker] = await workersOf(child.pid, 1);
  await until(async () => {
    const { messages } = (await server.stats()) as { messages: { received: number } };
    expect(messages.received).toBeGreaterThan(0);
  });
  const [since, before] = [performance.now(), mainCpuOf(worker!)];
  let share = NaN;
  await until(() => {
    const used = mainCpuOf(worker!) - before;
    const isOver = child.output.stderr.includes("draining");
    // What is used after that is used for other things.
    if (!isOver && used >= 0) share = used / (performance.now() - since);
    expect(isOver).toBe(true);
  }, 30_000);
  const exit = await exitWithin(child, 30_000);
  return { ...exit, share, result: documentOf(exit) };
}

describe("a rate out of reach", patient, () => {
  test("is missed, by how much is told, and the same run at a lower one does not miss it", async () => {
    const load = ["-c", "10", "-d", "1s", "--workers", "1", "--correlate", "none"];
    await using server = await startServe(["sink"]);
    const run = async (rate: string) =>
      loadJson([server.url, "-q", "-R", rate, ...load], { timeoutMs: 30_000 });
    const { result, ...exit } = await run("5M");
    expect(codesOf(exit, result)).toContain("rate-missed");
    const { detail } = result.validity.reasons.find(({ code }) => code === "rate-missed")!;
    expect(detail).toMatch(/of 5 000 000 due messages were sent/);
    expect(reasonsOf((await run("500")).result)).not.toContain("rate-missed");
  });

  // Whether the worker gets a core for itself is for the machine to say, and the kernel tells: only if
  // not is the run INVALID for its rate alone. Nearer to the limit than the two clocks are to each
  // other nothing is known.
  test.skipIf(!hasProc)(
    "for want of CPU makes the worker say that it was busy",
    { retry: 2 },
    async () => {
      const costly = ["-m", "{{ $randomString(4000) }}", "--correlate", "none"];
      await using server = await startServe(["sink"]);
      const run = async (rate: string) =>
        watched(server, ["-R", rate, "-c", "2", "-d", "3s", ...costly]);
      const { result, share, ...exit } = await run("500k");
      const codes = codesOf(exit, result);
      expect(share).toBeGreaterThan(0.1);
      expect(codes).toContain(share > 0.97 ? "cpu-saturated" : "rate-missed");
      if (share < 0.85) expect(codes).not.toContain("cpu-saturated");
      expect(wrongWith(result)).toEqual([]);
      const idle = await run("20");
      expect(idle.share).toBeLessThan(0.5);
      expect(reasonsOf(idle.result)).not.toContain("cpu-saturated");
    },
  );
});
