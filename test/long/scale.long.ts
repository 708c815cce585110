/**
 * Shows 50,000 connections on one machine of two cores: all opened, none failed, all closed with
 * 1000, and each heard once in ten seconds. Prints what it took.
 */
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import {
  documentOf,
  reasonsOf,
  type Served,
  startServe,
  total,
  wrongWith,
} from "../e2e/load-run.js";
import { exitWithin } from "../support/child.js";
import { startWsctl } from "../support/wsctl.js";

const connections = 50_000;
const processes = 3;
const servers: Served[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const shared = [
  "-c",
  String(connections),
  "--workers",
  String(processes),
  "--local-address",
  "127.0.0.0/28",
  "--connect-rate",
  "10k/s",
];

/** Memory in MiB of a process and its children, itself first. */
function residentOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/);
  return [pid, ...children.filter(Boolean).map(Number)].map((each) => {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1];
    return Math.round(Number(kib) / 1024);
  });
}

test.each([
  ["idle", ["-r", "0", "-d", "5s"], 0],
  ["with a message in ten seconds on each", ["-r", "0.1", "-d", "20s"], 100_000],
])("50,000 connections, %s", { timeout: 300_000 }, async (what, args, messages) => {
  const server = await startServe(["--processes", String(processes)]);
  servers.push(server);
  const began = performance.now();
  const run = startWsctl(["load", "--json", "--no-tui", server.url, ...shared, ...args]);
  let opened = 0;
  let memory = {};
  const watch = setInterval(() => {
    if (opened > 0 || !/^traffic$/m.test(run.output.stderr)) return;
    opened = Math.round(performance.now() - began);
    memory = { load: residentOf(run.pid), server: residentOf(server.pid) };
  }, 50);
  const exit = await exitWithin(run, 280_000).finally(() => clearInterval(watch));
  const result = documentOf(exit);
  const figures = { what, opened, took: Math.round(result.run.took), memory };
  process.stdout.write(`${JSON.stringify({ ...figures, reasons: reasonsOf(result) })}\n`);
  expect(result.totals).toMatchObject({
    ws_sessions: connections,
    "ws_close{by:client,code:1000}": connections,
  });
  expect(total(result, "ws_msg_expected")).toBe(messages);
  expect(total(result, "ws_msg_answered")).toBe(messages);
  expect(result.errors).toEqual([]);
  // Whether this machine kept the schedule beside whatever else it does is told, and not held.
  expect(wrongWith(result)).toEqual([]);
  expect(exit.stderr).not.toContain("warning");
});
