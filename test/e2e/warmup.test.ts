/** Shows `--warmup` as users meet it: the report, the document, its stages, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { exitWithin } from "../support/child.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson, reasonsOf, startServe, total, wrongWith } from "./load-run.js";
import { until } from "./processes.js";

const second = ["--serve", "-R", "400", "-d", "1s", "--warmup", "500ms", "--workers", "1"];

test("is told, counted and not timed", async () => {
  const { result, stderr } = await loadJson(second);
  expect(stderr).toBe("opening\nwarm-up\ntraffic\ndraining\n");
  expect(wrongWith(result)).toEqual([]);
  expectConserved(result);
  const { warmupFor = NaN, trafficFor } = result.run;
  expect(warmupFor).toBeGreaterThanOrEqual(499);
  expect(warmupFor + trafficFor).toBeCloseTo(1000, 6);
  expect(total(result, "ws_msgs_sent")).toBe(400);
  // The server counts all of it, and so do we.
  expect(result.conservation.server).toMatchObject({ equal: true, receivedByServer: 400 });
  const timed = result.trends["ws_schedule_lag"]!.count;
  // What was due before and left after it is not timed.
  expect(timed).toBeLessThanOrEqual(result.run.inTraffic.sent);
  expect(timed).toBeLessThan(400);
  expect(timed).toBeGreaterThan(0);
  expect(result.trends["ws_connecting"]!.count).toBe(10);
});

test("is in the report's first line, and in the scenario that the flags stand for", async () => {
  const { stdout } = await runWsctl(["load", ...second, "--quiet"]);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
    /fixed rate, 400 messages\/s for \d+ ms on 10 connections after a warm-up of \d+ ms/,
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
  // It is judged whatever else loads the machine, and makes a run no evidence.
  expect([98, 99], cold.stdout).toContain(cold.code);
  expect(cold.stdout).toMatch(/✗ ws_msg_rtt: max<1100ms/);
  const warm = await runWsctl([...gated, "--warmup", "2s"]);
  expect(warm.stdout).toMatch(/✓ ws_msg_rtt: max<1100ms/);
  expect([0, 98], warm.stdout).toContain(warm.code);
});

test("a run that is over before its warm-up is no evidence", async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "wsctl-warmup-")), "once.yaml");
  const once = "scenarios: [{ name: a, repeat: once, flow: [{ send: x, expect: { text: x } }] }]";
  const load = "load: { connections: 2, duration: 60s, warmup: 30s }";
  writeFileSync(file, `config:\n  ${load}\n${once}\n`);
  try {
    const { code, result } = await loadJson([file, "--serve", "--workers", "1"]);
    expect([code, reasonsOf(result)]).toEqual([98, ["nothing-measured"]]);
    expectConserved(result);
    expect(result.trends["ws_msg_rtt"]).toBeUndefined();
    expect(result.trends["ws_connecting"]!.count).toBe(2);
    expect(result.series.some(({ isWarmup }) => isWarmup)).toBe(true);
  } finally {
    rmSync(path.dirname(file), { recursive: true });
  }
});

test("users who ask only while they warm up, and listen after it, are evidence", async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "wsctl-warmup-")), "subscribe.yaml");
  const load = "load: { connections: 2, duration: 3s, warmup: 2s }";
  const flow = "flow: [{ send: login, expect: { text: login } }, { listen: 60s }]";
  writeFileSync(file, `config:\n  ${load}\n  correlate: { by: order }\n${flow}\n`);
  try {
    const { result } = await loadJson([file, "--serve", "--workers", "1"]);
    expect(wrongWith(result)).toEqual([]);
    expect(result.conservation).toMatchObject({ expected: 2, answered: 2 });
    expect(result.trends["ws_msg_rtt"]).toBeUndefined();
  } finally {
    rmSync(path.dirname(file), { recursive: true });
  }
});

test("a server that nobody reaches is no warm-up's fault", async () => {
  const args = ["ws://127.0.0.1:1/", "-d", "300ms", "--warmup", "200ms", "--workers", "1"];
  const { code, result } = await loadJson(args);
  expect([code, reasonsOf(result)]).toEqual([3, ["nothing-opened"]]);
  expect(result.run).not.toHaveProperty("warmupFor");
});

test("ended by Ctrl-C in the warm-up: counts, and no times or rates", async () => {
  await using server = await startServe();
  const args = ["load", server.url, "-R", "100", "-d", "60s", "--warmup", "50s", "--workers", "1"];
  const child = startWsctl(args);
  await until(async () => {
    expect(await server.stats()).toMatchObject({
      messages: { sent: expect.toSatisfy((n) => n > 9) },
    });
  });
  process.kill(child.pid, "SIGINT");
  const { code, stdout, stderr } = await exitWithin(child, 20_000);
  expect(code).toBe(130);
  expect(stderr).not.toContain("traffic\n");
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
    /100 messages\/s on 10 connections, over after .*, in its warm-up/,
  );
  expect(stdout).toMatch(/messages +sent +\d+ +–/);
  expect(stdout).not.toContain("ws_msg_rtt ");
});

test("of 0s it is none", async () => {
  const { result } = await loadJson(["--serve", "-R", "100", "-d", "300ms", "--warmup", "0s"]);
  expect(result.run).not.toHaveProperty("warmupFor");
  expect(result.plan).not.toHaveProperty("warmup");
});

test.each([
  ["all of the load", ["--serve", "-d", "2s", "--warmup", "2s"], /--warmup: .*lasts 2\.00 s/],
  ["no time", ["--serve", "--warmup", "soon"], /--warmup.*soon/],
])("%s: refused", async (_what, args, said) => {
  const { code, stderr } = await runWsctl(["load", ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
});
