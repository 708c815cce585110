/** Shows what `wsctl load` prints, and that its counts are those of the server. */
import { expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { runWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson, startServe, total, wrongWith } from "./load-run.js";
import { closeInKind, onFrames, startRaw } from "./raw-server.js";

test("a run against the embedded server is reported with evidence", async () => {
  const { code, stdout, stderr } = await runWsctl(["load", "--serve", "-d", "1s"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "opening\ntraffic\ndraining\n" });
  expect(stdout).toMatch(/p50 +p90 +p95 +p99 +p99\.9/);
  expect(stdout).toMatch(/ws_msg_rtt {2,}\d/);
  expect(stdout).toMatch(/ws_msg_rtt_sent {2,}\d/);
  expect(stdout).toMatch(/from the intended send[\s\S]*from the actual write/);
  expect(stdout).toMatch(
    /✔ ([\d ]+) expected = \1 answered \+ 0 disconnected \+ 0 timed out \+ 0 in flight/,
  );
  // Where the line is broken depends on how large the numbers are.
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
    /✔ the server counted ([\d ]+) received \(we sent \1\) and \1 sent \(we received \1\)/,
  );
  expect(stdout).toMatch(/verdict +VALID\n/);
  expect(stdout).toMatch(/closes +10 × 1000 by client\b/);
});

test("--json is one document, and agrees with the counters of a server on 100 connections", async () => {
  await using server = await startServe();
  const { code, result, stderr } = await loadJson([server.url, "-c", "100", "-d", "500ms"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "opening\ntraffic\ndraining\n" });
  expect(result.validity).toEqual({ ok: true, reasons: [] });
  expectConserved(result);
  const { expected, answered, server: compared } = result.conservation;
  expect(expected).toBeGreaterThan(100);
  expect(answered).toBe(expected);
  expect(compared).toMatchObject({
    equal: true,
    sentByUs: expected,
    receivedByServer: expected,
    sentByServer: expected,
    receivedByUs: expected,
  });
  const counted = {
    $schema: "wsctl.stats/1",
    connections: { open: 0, opened: 100 },
    messages: { received: expected, sent: expected },
    bytes: { received: 20 * expected, sent: 20 * expected },
    closes: { 1000: 100 },
  };
  expect(await server.stats()).toMatchObject(counted);
  expect(await server.stats(result.run.id)).toMatchObject(counted);
  expect(result.totals).toMatchObject({
    ws_sessions: 100,
    ws_msgs_sent: expected,
    ws_msgs_received: expected,
    ws_payload_sent: 20 * expected,
    ws_payload_received: 20 * expected,
    "ws_close{by:client,code:1000}": 100,
  });
  for (const name of ["ws_msg_rtt", "ws_msg_rtt_sent", "ws_schedule_lag"]) {
    expect(result.trends[name]).toMatchObject({ count: expected });
  }
});

test("a server tells one run from another", async () => {
  await using server = await startServe();
  const args = [server.url, "-d", "200ms", "-q"];
  const [one, two] = await Promise.all([loadJson(args), loadJson(args)]);
  expect([one.stderr, two.stderr]).toEqual(["", ""]);
  for (const { result } of [one, two]) {
    expect(result.conservation.server).toMatchObject({ equal: true });
    expect(result.conservation.server?.receivedByServer).toBe(result.conservation.expected);
  }
  expect(one.result.run.id).not.toBe(two.result.run.id);
});

/** What must be the same however many workers share the work. */
function outline(result: RunResult): unknown {
  const { conservation, totals } = result;
  return {
    expected: conservation.expected,
    answered: conservation.answered,
    server: conservation.server?.receivedByServer,
    sessions: totals["ws_sessions"],
    sent: totals["ws_msgs_sent"],
    received: totals["ws_msgs_received"],
    bytes: totals["ws_bytes_sent"],
    closes: totals["ws_close{by:client,code:1000}"],
  };
}

test("two workers send what one does", async () => {
  const args = ["--serve", "-c", "11", "-R", "300", "-d", "500ms"];
  const [one, two] = await Promise.all(
    ["1", "2"].map(async (workers) => loadJson([...args, "--workers", workers])),
  );
  expect(one!.result.run.workers).toBe(1);
  expect(two!.result.run.workers).toBe(2);
  expect(outline(two!.result)).toEqual(outline(one!.result));
  expect(outline(one!.result)).toMatchObject({ expected: 150, answered: 150, server: 150 });
  for (const { result } of [one!, two!]) expectConserved(result);
});

test("two workers in a closed loop conserve every message", async () => {
  const { code, result } = await loadJson([
    "--serve",
    "-c",
    "20",
    "-d",
    "300ms",
    "--workers",
    "2",
    "--in-flight",
    "10",
  ]);
  expect(code).toBe(0);
  expectConserved(result);
  expect(result.conservation.server).toMatchObject({ equal: true });
  expect(result.conservation.expected).toBeGreaterThan(200);
});

test("with ten in flight, each connection has ten unanswered requests and no more", async () => {
  let messages = 0;
  const server = await startRaw({
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => {
        if (!closeInKind(socket, opcode, payload)) messages++;
      }),
  });
  const args = [server.url, "-c", "2", "-d", "100ms", "--in-flight", "10"];
  const { result } = await loadJson([...args, "--graceful-stop", "100ms"]);
  expectConserved(result);
  expect(result.conservation).toMatchObject({ expected: 20, inFlight: 20 });
  expect(messages).toBe(20);
});

test("the fixed rate is exact: 500 a second for 2 seconds are 1000 messages", async () => {
  const { code, result } = await loadJson(["--serve", "-c", "10", "-R", "500", "-d", "2s"]);
  expect([0, 98]).toContain(code);
  expect(wrongWith(result)).toEqual([]);
  expect(result.run).toMatchObject({ model: "rate", pacer: "timer", askedRate: 500 });
  expect(result.conservation).toMatchObject({ expected: 1000, answered: 1000 });
  expect(total(result, "ws_msgs_sent")).toBe(1000);
  expect(total(result, "ws_msg_overdue") + total(result, "ws_msg_unsent")).toBe(0);
  const { ws_msg_rtt: felt, ws_msg_rtt_sent: served, ws_schedule_lag: lag } = result.trends;
  expect([felt?.count, served?.count, lag?.count]).toEqual([1000, 1000, 1000]);
  expect(felt!.max).toBeGreaterThanOrEqual(served!.min);
});

test("the report of a fixed rate names its pacer, and has both clocks", async () => {
  const { stdout } = await runWsctl(["load", "--serve", "-c", "4", "-r", "25", "-d", "400ms"]);
  expect(stdout).toContain("fixed rate, 100 messages/s for 400 ms on 4 connections");
  expect(stdout).toContain("pacer timer");
  expect(stdout).toMatch(/ws_msg_rtt {2,}\d/);
  expect(stdout).toMatch(/ws_msg_rtt_sent {2,}\d/);
  expect(stdout).toContain("✔ 40 expected = 40 answered");
});
