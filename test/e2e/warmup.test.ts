/** Shows `--warmup` as users meet it: the report, the document, its stages, and what is refused. */
import { expect, test } from "vitest";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson, total, wrongWith } from "./load-run.js";

const second = ["--serve", "-R", "400", "-d", "1s", "--warmup", "500ms", "--workers", "1"];

test("is told, counted and not timed", async () => {
  const { result, stderr } = await loadJson(second);
  expect(stderr).toBe("opening\nwarm-up\ntraffic\ndraining\n");
  expect(wrongWith(result)).toEqual([]);
  expectConserved(result);
  expect(result.run.warmup).toBe(500);
  expect(result.run.trafficFor).toBeLessThanOrEqual(500);
  expect(total(result, "ws_msgs_sent")).toBe(400);
  // The server counts all of it, and so do we.
  expect(result.conservation.server).toMatchObject({ equal: true, receivedByServer: 400 });
  const timed = result.trends["ws_schedule_lag"]!.count;
  expect(timed).toBe(result.run.inTraffic.sent);
  expect(timed).toBeLessThan(400);
  expect(timed).toBeGreaterThan(0);
  expect(result.trends["ws_connecting"]!.count).toBe(10);
});

test("is in the report's first line, and in the scenario that the flags stand for", async () => {
  const { stdout } = await runWsctl(["load", ...second, "--quiet"]);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
    /fixed rate, 400 messages\/s for \d+ ms on 10 connections after a warm-up of 500 ms/,
  );
  const printed = await runWsctl(["load", ...second, "--print-scenario"]);
  expect(printed.stdout).toMatch(/^ {4}warmup: 500ms$/m);
});

test("a gate sees nothing of a server that is slow only at first", async () => {
  await using server = await startWsEcho();
  server.wss.on("connection", (socket) => {
    socket.removeAllListeners("message");
    let awake: number | undefined;
    // What comes first is held back for longer than the gate allows; answers stay in order.
    socket.on("message", (data) => {
      awake ??= performance.now() + 1200;
      const left = awake - performance.now();
      if (left <= 0) socket.send(data);
      else setTimeout(() => socket.send(data), left);
    });
  });
  const gated = ["load", server.url, "-c", "1", "-r", "20", "-d", "2500ms", "--quiet"].concat([
    "--workers",
    "1",
    "--threshold",
    "ws_msg_rtt: max<1100ms",
    "--correlate",
    "order",
  ]);
  const cold = await runWsctl(gated);
  expect(cold.code, cold.stdout).toBe(99);
  const warm = await runWsctl([...gated, "--warmup", "2s"]);
  expect(warm.stdout).toMatch(/✓ ws_msg_rtt: max<1100ms/);
  expect([0, 98], warm.stdout).toContain(warm.code);
});

test.each([
  ["all of the load", ["--serve", "-d", "2s", "--warmup", "2s"], /--warmup: .*lasts 2\.00 s/],
  ["no time", ["--serve", "--warmup", "soon"], /--warmup.*soon/],
])("%s: refused", async (_what, args, said) => {
  const { code, stderr } = await runWsctl(["load", ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
});
