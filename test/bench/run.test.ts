/** Shows that the benchmarks still run: the smallest comparison there is, as a user starts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const program = fileURLToPath(new URL("../../bench/run.js", import.meta.url));
/** It measures for a second or two; a machine that is busy with other tests may take its time. */
const patience = 60_000;
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function bench(
  ...args: string[]
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [unknown];
  return { code, stdout, stderr };
}

interface Reported {
  readonly results: readonly {
    readonly name: string;
    readonly rows: readonly (readonly string[])[];
    readonly checks: readonly { what: string; measured: { median: number; rounds: number[] } }[];
    readonly notes: readonly string[];
  }[];
}

test(
  "compares wsctl with a client on ws, and every count is the server's",
  { timeout: patience },
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "wsctl-bench-test-"));
    folders.push(folder);
    const json = path.join(folder, "bench.json");
    const { code, stdout, stderr } = await bench(
      "--only=kib-1",
      "--rounds=1",
      "--seconds=0.3",
      `--json=${json}`,
    );

    expect(code, stderr).toBe(0);
    const { results } = JSON.parse(await readFile(json, "utf8")) as Reported;
    expect(results.map(({ name, notes }) => ({ name, notes }))).toEqual([
      { name: "kib-1", notes: [] },
    ]);
    const [{ rows, checks }] = results as [Reported["results"][number]];
    expect(rows.map(([client]) => client)).toEqual(["wsctl", "ws"]);
    expect(rows.map((row) => row.at(-1))).toEqual(["+0.0 %", "+0.0 %"]);
    expect(checks.map(({ what }) => what)).toEqual(["messages per CPU second, wsctl / ws"]);
    expect(checks[0]!.measured.median).toBeGreaterThan(0);
    expect(checks[0]!.measured.rounds).toHaveLength(1);
    expect(stdout).toContain("## kib-1: closed loop, 100 connections, 1 KiB, one in flight");
    expect(stdout).toMatch(/^- [✔✘] messages per CPU second, wsctl \/ ws: .* wanted ≥ 1\.2 ×/m);
  },
);

test("says what there is to measure, and what there is not", async () => {
  const help = await bench("--help", "--unplaced", "--no-install");
  expect(help.code, help.stderr).toBe(0);
  expect(help.stdout).toMatch(/^ {2}--unplaced +\S/m);
  for (const name of ["plain-1", "tls-1", "rate-80k", "dial", "soak"]) {
    expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
  }

  const unknown = await bench("--only", "plain-1,plain-2");
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toContain('there is no case "plain-2"');
});
