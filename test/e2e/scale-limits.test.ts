/**
 * Shows with the real program what this machine cannot do: addresses it does not have, ports and
 * file descriptors that run out, before a run and in the midst of it; and that the remedies work.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { type ChildExit, exitWithin, startChild } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { documentOf, loadJson, reasonsOf, startServe, total } from "./load-run.js";
import { hasProc, until, workersOf } from "./processes.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe.runIf(hasProc)("local addresses", () => {
  test("of a block and a range are all used, evenly", async () => {
    await using server = await startServe();
    const from = ["--local-address", "127.0.0.0/29", "--local-address", "127.0.0.11-127.0.0.12"];
    const args = ["-c", "16", "-r", "0", "-d", "100ms", "--workers", "2"];
    const { code, result } = await loadJson([server.url, ...args, ...from]);
    expect({ code, errors: result.errors }).toEqual({ code: 0, errors: [] });
    expect(result.totals).toMatchObject({ ws_sessions: 16 });
    // As they are written: a plan of 65,536 addresses would be nobody's to read.
    expect(result.plan).toMatchObject({
      connection: { localAddress: ["127.0.0.0/29", "127.0.0.11-127.0.0.12"] },
    });
  });

  test.each([
    [["192.0.2.200"], "192.0.2.200", "ip addr add 192.0.2.200/32"],
    [["127.0.0.0/30", "2001:db8::7"], "2001:db8::7", "ip addr add 2001:db8::7/128"],
  ])(
    "that the machine does not have are told before anything is opened (%s)",
    async (all, missing, remedy) => {
      const from = all.flatMap((one) => ["--local-address", one]);
      const { code, stdout, stderr } = await runWsctl(["load", "ws://127.0.0.1:1/", ...from]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(`error: ${missing} is no address of this machine`);
      expect(stderr).toContain("[WSCTL_EPREFLIGHT]");
      expect(stderr).toContain(remedy);
    },
  );
});

/** How a network of its own is entered: as root, or as the root of a user namespace. */
const entry = ["-n", "-rn"].find(
  (flags) => spawnSync("unshare", [flags, "ip", "link", "set", "lo", "up"]).status === 0,
);

describe("with a hundred local ports", () => {
  /** Loads `wsctl serve` in a network of its own, where it is ws://127.0.0.1:9000/. */
  async function load(args: string): Promise<ChildExit> {
    const script = `
      ip link set lo up
      echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range
      exec 3< <(exec "$0" bin/wsctl.js serve --port 9000 --control-port 9001 --json); server=$!
      read -r -u 3 line
      "$0" bin/wsctl.js load --json -r 0 -d 200ms --workers 2 ${args}
      code=$?
      kill $server
      exit $code`;
    const child = startChild("unshare", [entry ?? "-n", "bash", "-c", script, process.execPath], {
      cwd: root,
      env: { CI: undefined, GITHUB_ACTIONS: undefined },
    });
    return exitWithin(child, 18_000);
  }

  const opened = (exit: ChildExit): [number | null, number, string[]] => {
    const result: RunResult = documentOf(exit);
    return [exit.code, total(result, "ws_sessions"), reasonsOf(result)];
  };

  // Where no namespace can be made these are told as skipped; on CI they have to run.
  describe.runIf(entry !== undefined || process.env["CI"] !== undefined)("in a namespace", () => {
    test("connections beyond them are refused, with a block that is enough", async () => {
      const url = "ws://127.0.0.1:9000/";
      const refused = await load(`${url} -c 150`);
      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: "" });
      expect(refused.stderr).toMatch(
        /^error: 150 connections of a destination need as many local ports, but 100 are free .*\[WSCTL_EPREFLIGHT\]$/m,
      );
      const remedy = /^hint: .*(?<flag>--local-address [\d./]+)$/m.exec(refused.stderr);
      const flag = remedy?.groups?.["flag"] ?? "";
      const exit = await load(`${url} -c 150 ${flag}`);
      expect(opened(exit), exit.stderr).toEqual([0, 150, []]);
      expect(exit.stderr).not.toContain("warning");
    });

    test("more than half of them are warned of, and opened all the same", async () => {
      const exit = await load("ws://127.0.0.1:9000/ -c 60");
      expect(exit.stderr).toMatch(/^warning: .*50 connections of a destination.*searches long/m);
      expect(exit.stderr).toMatch(/^hint: .*--local-address 127\.0\.0\.0\/28$/m);
      expect(opened(exit), exit.stderr).toEqual([0, 60, []]);
    });

    test("a local address has them once, however many targets there are", async () => {
      const two = "ws://127.0.0.1:9000/ ws://127.0.0.2:9000/ --local-address 127.0.0.5";
      const exit = await load(`${two} -c 101`);
      expect(exit.code).toBe(2);
      expect(exit.stderr).toMatch(/101 connections of a local address .*but 100 are free/);
    });

    test("running out of them in the midst of a run makes it INVALID: ports-exhausted", async () => {
      // A name that has another address as well passes for a destination of its own.
      const names = "ws://a.test:9000/ ws://127.0.0.1:9000/";
      const resolve = "--resolve 'a.test:9000:127.0.0.2,127.0.0.1'";
      const exit = await load(`${names} ${resolve} -c 150`);
      expect(opened(exit), exit.stderr).toEqual([98, 100, ["ports-exhausted"]]);
      const { errors, validity, totals } = documentOf(exit);
      expect(totals).toMatchObject({ "ws_connect_failed{reason:ports}": 50 });
      expect(errors).toMatchObject([{ what: "connection failed: ports", count: 50 }]);
      expect(validity.reasons[0]!.remedy).toContain("--local-address");
    });
  });
});

const hasPrlimit = existsSync("/usr/bin/prlimit");

describe.runIf(hasPrlimit)("file descriptors that run out in the midst of a run", () => {
  test("make it INVALID: fds-exhausted", { timeout: 30_000 }, async () => {
    await using server = await startServe();
    const args = [
      "-c",
      "300",
      "-r",
      "0",
      "-d",
      "200ms",
      "--connect-rate",
      "100/s",
      "--workers",
      "1",
    ];
    await using run = startWsctl(["load", "--json", server.url, ...args]);
    const [worker] = await workersOf(run.pid, 1);
    await until(async () => {
      const stats = (await server.stats()) as { connections: { open: number } };
      expect(stats.connections.open).toBeGreaterThan(0);
    });
    execFileSync("prlimit", ["--pid", String(worker), "--nofile=100:100"]);
    const exit = await exitWithin(run, 20_000);
    const result = documentOf(exit);
    expect([exit.code, reasonsOf(result)], JSON.stringify(result.validity)).toEqual([
      98,
      ["fds-exhausted"],
    ]);
    expect(total(result, "ws_connect_failed{reason:fds}")).toBeGreaterThan(150);
    expect(result.errors[0]!.example).toContain("too many open files");
    expect(result.validity.reasons[0]!.remedy).toContain("ulimit -n");
  });
});
