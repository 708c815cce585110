/** Shows that ten thousand connections are held on one machine, and that its limits are told first. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { exitWithin, startChild } from "../support/child.js";
import { runWsctl } from "../support/wsctl.js";
import { documentOf, expectConserved, loadJson, startServe } from "./load-run.js";
import { hasProc } from "./processes.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The most file descriptors that a process started from here can have. */
function hardFdLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(
    readFileSync("/proc/self/limits", "utf8"),
  )?.[1];
  return limit === "unlimited" ? Infinity : Number(limit);
}

describe.skipIf(!hasProc)("ten thousand idle connections", () => {
  const args = ["-c", "10k", "-r", "0", "-d", "1s", "--connect-rate", "5000/s", "--workers", "1"];
  // One of the two is there, none is skipped: on CI a skipped test is a failed one.
  const enough = hasProc && hardFdLimit() >= 10_200;

  if (enough) {
    test("open and close cleanly, twice in a row", { timeout: 60_000 }, async () => {
      await using server = await startServe();
      for (const turn of [1, 2]) {
        const { code, result } = await loadJson([server.url, ...args], { timeoutMs: 30_000 });
        expect({ code, errors: result.errors }).toEqual({ code: 0, errors: [] });
        expect(result.totals).toMatchObject({
          ws_sessions: 10_000,
          ws_sessions_open: 10_000,
          "ws_close{by:client,code:1000}": 10_000,
        });
        expect(await server.stats()).toMatchObject({
          connections: { open: 0, opened: turn * 10_000 },
          closes: { 1000: turn * 10_000 },
        });
      }
    });
  } else {
    test("are refused beforehand where the limit is too low", async () => {
      const { code, stderr } = await runWsctl(["load", "ws://127.0.0.1:1/", ...args]);
      expect(code).toBe(2);
      expect(stderr).toContain("[WSCTL_EPREFLIGHT]");
      expect(stderr).toContain("10 064 file descriptors");
      expect(stderr).toContain("ulimit -n 10064");
    });
  }
});

describe.skipIf(!hasProc)("with 200 file descriptors a process", () => {
  /** Runs the program under that limit, soft and hard. */
  const limited = async (args: readonly string[]) => {
    const script = 'ulimit -n 200; exec "$0" bin/wsctl.js "$@"';
    const child = startChild("bash", ["-c", script, process.execPath, ...args], { cwd: root });
    return exitWithin(child, 15_000);
  };

  test("500 connections of one worker are refused with figures and a remedy", async () => {
    const args = ["load", "ws://127.0.0.1:1/", "-c", "500", "--workers", "1"];
    const { code, stdout, stderr } = await limited(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*\b564 file descriptors.*\b200 +\[WSCTL_EPREFLIGHT\]$/m);
    expect(stderr).toMatch(/^hint: .*ulimit -n 564.*--workers 4$/m);
  });

  test("they are spread over as many workers as it takes", async () => {
    await using server = await startServe();
    const exit = await limited([
      "load",
      "--json",
      server.url,
      "-c",
      "500",
      "-R",
      "500",
      "-d",
      "200ms",
    ]);
    const result = documentOf(exit);
    expect(result.run.workers).toBe(4);
    expect(result.errors).toEqual([]);
    expect(result.totals).toMatchObject({ ws_sessions: 500, ws_msg_expected: 100 });
    expectConserved(result);
  });

  test("the remedy that it names works, to the last descriptor", async () => {
    await using server = await startServe();
    const { code, stdout } = await limited([
      "load",
      "--json",
      server.url,
      "-c",
      "136",
      "-r",
      "0",
      "-d",
      "100ms",
      "--workers",
      "1",
    ]);
    expect(code).toBe(0);
    expect(documentOf({ stdout, stderr: "" }).totals).toMatchObject({
      ws_sessions: 136,
      "ws_close{by:client,code:1000}": 136,
    });
  });

  test("an embedded server for more than it can hold is refused as well", async () => {
    const args = ["load", "--serve", "-c", "500", "-d", "100ms", "--timeout", "2s"];
    const { code, stderr } = await limited(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*file descriptors.*\[WSCTL_EPREFLIGHT\]$/m);
    expect(stderr).toMatch(/^hint: .*ulimit -n \d+/m);
  });
});
