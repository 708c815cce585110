/** Shows how runs end by signals: in good order, at once, and never leaving a process behind. */
import { describe, expect, test } from "vitest";
import { type Child, exitWithin } from "../support/child.js";
import { startWsctl } from "../support/wsctl.js";
import { documentOf, expectConserved, reasonsOf, startServe } from "./load-run.js";
import { allGone, embeddedServerOf, hasProc, isAlive, until, workersOf } from "./processes.js";
import { onFrames, startRaw } from "./raw-server.js";

/** The counters of a server that has heard nothing yet. */
const noMessages = { messages: { received: 0 } };

/** A run that nothing but a signal ends soon, in its traffic, with all its processes. */
async function runUnderWay(
  args: readonly string[],
): Promise<{ child: Child; processes: readonly number[] }> {
  const child = startWsctl(["load", "--serve", "-d", "5m", "--workers", "2", ...args]);
  // From the last worker ready to the first message it takes a moment more.
  await until(() => expect(child.output.stderr).toContain("traffic"));
  const server = await embeddedServerOf(child.pid);
  return { child, processes: [...(await workersOf(child.pid, 2)), server] };
}

describe.skipIf(!hasProc)("a load run", () => {
  test("ends in good order with the first Ctrl-C, which its workers hear as well", async () => {
    const { child, processes } = await runUnderWay(["--json", "-c", "10"]);
    // A terminal sends it to the whole group.
    process.kill(-child.pid, "SIGINT");
    const exit = await exitWithin(child, 10_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(130);
    expect(exit.stderr).toContain("Ctrl-C again leaves at once");
    expect(result.interrupted).toBe(true);
    expect(reasonsOf(result)).toEqual([]);
    expectConserved(result);
    const { expected, answered, server } = result.conservation;
    expect(answered).toBe(expected);
    // The server heard nothing of the signal: it could still be asked.
    expect(server).toMatchObject({ equal: true, receivedByServer: expected });
    expect(result.totals["ws_close{by:client,code:1000}"]).toBe(10);
    await allGone(processes);
  });

  test("reports what it has measured when Ctrl-C ends it in the middle of its traffic", async () => {
    await using server = await startServe();
    await using child = startWsctl(["load", "--json", server.url, "-c", "10", "-d", "5m"]);
    await until(async () => expect(await server.stats()).not.toMatchObject(noMessages));
    child.kill("SIGINT");
    const exit = await exitWithin(child, 10_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(130);
    expect(result).toMatchObject({ interrupted: true, validity: { ok: true } });
    expectConserved(result);
    const { expected, answered, server: compared } = result.conservation;
    expect(expected).toBeGreaterThanOrEqual(10);
    expect(answered).toBe(expected);
    expect(compared).toMatchObject({ equal: true, receivedByServer: expected });
    expect(result.trends["ws_msg_rtt"]?.count).toBe(expected);
    expect(await server.stats()).toMatchObject({
      messages: { sent: expected },
      closes: { 1000: 10 },
    });
  });

  test("ends in good order with SIGTERM, and says in its report that it was interrupted", async () => {
    await using server = await startServe();
    const args = [server.url, "-c", "4", "-R", "100", "-d", "5m", "--workers", "2"];
    await using child = startWsctl(["load", ...args]);
    const workers = await workersOf(child.pid, 2);
    await until(async () => expect(await server.stats()).not.toMatchObject(noMessages));
    child.kill("SIGTERM");
    const { code, stdout } = await exitWithin(child, 10_000);
    expect(code).toBe(143);
    expect(stdout).toContain("INTERRUPTED");
    expect(stdout).toMatch(/✔ ([\d ]+) expected = \1 answered/);
    expect(stdout).toMatch(/✔ the server counted/);
    await allGone(workers);
  });

  test("ends in good order while its connections still open", async () => {
    const args = ["--serve", "--json", "-c", "1k", "--connect-rate", "20/s", "--workers", "2"];
    await using child = startWsctl(["load", ...args]);
    const workers = await workersOf(child.pid, 2);
    const server = await embeddedServerOf(child.pid);
    child.kill("SIGINT");
    const exit = await exitWithin(child, 10_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(130);
    expect(result.interrupted).toBe(true);
    expect(result.totals["ws_sessions"] ?? 0).toBeLessThan(1000);
    expectConserved(result);
    await allGone([...workers, server]);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("leaves at once with the second %s", async (signal, exitCode) => {
    const silent = await startRaw({ upgraded: (socket) => onFrames(socket, () => {}) });
    const patient = ["--reply-timeout", "5m", "--graceful-stop", "5m"];
    const args = [silent.url, "--json", "-c", "3", "-d", "5m", ...patient, "--workers", "2"];
    await using child = startWsctl(["load", ...args]);
    await until(() => expect(child.output.stderr).toContain("traffic"));
    const workers = await workersOf(child.pid, 2);
    child.kill(signal);
    await until(() => expect(child.output.stderr).toContain("Ctrl-C again"));
    expect(workers.every(isAlive)).toBe(true);
    child.kill(signal);
    const { code, stdout, stderr } = await exitWithin(child, 5000);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr).not.toMatch(/^\s+at /m);
    await allGone(workers);
  });

  test("that is killed takes its workers and its server with it", async () => {
    const { child, processes } = await runUnderWay(["-c", "4"]);
    process.kill(child.pid, "SIGKILL");
    expect(await exitWithin(child, 10_000)).toMatchObject({ signal: "SIGKILL" });
    await allGone(processes);
  });

  test("of an embedded server leaves nobody behind when it ends by itself", async () => {
    await using child = startWsctl(["load", "--serve", "-q", "-d", "500ms", "--workers", "2"]);
    const server = await embeddedServerOf(child.pid);
    const workers = await workersOf(child.pid, 2);
    expect(await exitWithin(child, 10_000)).toMatchObject({ code: 0 });
    await allGone([server, ...workers]);
  });
});
