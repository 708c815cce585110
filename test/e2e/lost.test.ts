/** Shows that a run which loses a worker or its target ends, says so, and still adds up. */
import { describe, expect, test } from "vitest";
import { exitWithin } from "../support/child.js";
import { startWsEcho } from "../support/servers.js";
import { startWsctl } from "../support/wsctl.js";
import {
  documentOf,
  expectConserved,
  loadJson,
  reasonsOf,
  startServe,
  wrongWith,
} from "./load-run.js";
import { allGone, hasProc, until, workersOf } from "./processes.js";
import { startRaw } from "./raw-server.js";

/** Long enough that a run which ends sooner ended because of what happened to it. */
const tooLong = "5m";

describe.skipIf(!hasProc)("a worker that is killed", () => {
  test("in traffic ends the run, which is no evidence", async () => {
    const args = ["--serve", "--json", "-c", "10", "-d", tooLong, "--workers", "2"];
    await using child = startWsctl(["load", ...args]);
    const workers = await workersOf(child.pid, 2);
    await until(() => expect(child.output.stderr).toContain("traffic"));
    process.kill(workers[0]!, "SIGKILL");
    const exit = await exitWithin(child, 10_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(98);
    expect(result.validity.ok).toBe(false);
    expect(reasonsOf(result)).toEqual(["worker-lost"]);
    expect(result.validity.reasons[0]?.detail).toMatch(/worker [12] of 2 was lost.*SIGKILL/);
    expect(result.interrupted).toBe(false);
    await allGone(workers);
  });

  test("while connections open ends the run, too", async () => {
    const silent = await startRaw({ answer: () => undefined });
    const args = [silent.url, "-c", "10", "--timeout", "5m", "--workers", "1"];
    await using child = startWsctl(["load", ...args]);
    const [worker] = await workersOf(child.pid, 1);
    await until(() => expect(silent.heads).toHaveLength(10));
    process.kill(worker!, "SIGKILL");
    const { code, stdout, stderr } = await exitWithin(child, 10_000);
    expect(code).toBe(98);
    expect(stdout).toMatch(/INVALID +worker-lost: worker 1 of 1 was lost \(SIGKILL\)/);
    expect(stdout).not.toContain("VALID\n");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a target that dies", () => {
  test("in a closed loop is told as lost; what was unanswered is disconnected", async () => {
    await using server = await startServe();
    const args = [server.url, "--json", "-c", "10", "--in-flight", "3", "-d", tooLong];
    await using child = startWsctl(["load", ...args]);
    await until(async () =>
      expect(await server.stats()).not.toMatchObject({ messages: { sent: 0 } }),
    );
    server.kill("SIGKILL");
    const exit = await exitWithin(child, 15_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(98);
    expect(reasonsOf(result)).toEqual(["target-lost"]);
    expectConserved(result);
    expect(result.conservation).toMatchObject({ disconnected: 30, inFlight: 0, timedOut: 0 });
    expect(result.errors).toMatchObject([{ what: "connection broken (1006)", count: 10 }]);
    expect(result.conservation.server).toBeUndefined();
  });

  test("ends a run at a fixed rate there and then, whatever was still to come", async () => {
    await using server = await startServe();
    const args = [server.url, "--json", "-c", "4", "-R", "400", "-d", "1h"];
    await using child = startWsctl(["load", ...args]);
    await until(async () =>
      expect(await server.stats()).not.toMatchObject({ messages: { sent: 0 } }),
    );
    server.kill("SIGKILL");
    const exit = await exitWithin(child, 15_000);
    const result = documentOf(exit);
    expect(exit.code).toBe(98);
    expect(wrongWith(result)).toEqual(["load-lost", "target-lost"]);
    expectConserved(result);
    expect(result.run.trafficFor).toBeLessThan(60_000);
    expect(result.conservation.expected).toBeGreaterThan(0);
    // What was still to come was due, and is told.
    expect(result.conservation.expected + result.totals["ws_msg_unsent"]!).toBe(400 * 3600);
  });

  test("beside another that lives is counted, and the run is evidence", async () => {
    await using good = await startWsEcho();
    await using bad = await startWsEcho();
    bad.wss.on("connection", (socket) => {
      let count = 0;
      socket.on("message", () => {
        if (++count === 5) socket.terminate();
      });
    });
    const { code, result } = await loadJson([good.url, bad.url, "-c", "6", "-d", "1s"]);
    expect({ code, reasons: reasonsOf(result) }).toEqual({ code: 0, reasons: [] });
    expectConserved(result);
    expect(result.conservation.disconnected).toBe(3);
    expect(result.totals).toMatchObject({ ws_sessions: 6, "ws_close{by:client,code:1000}": 3 });
    expect(result.errors).toMatchObject([{ what: "connection broken (1006)", count: 3 }]);
  });
});
