/** Shows that what goes wrong is told in one form, with a hint, a stable code and an exit code. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitWithin, startChild } from "../support/child.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { documentOf, reasonsOf, total, wrongWith } from "./load-run.js";
import { refusingPort, startRaw, switching } from "./raw-server.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "wsctl-errors-"));
});
afterAll(async () => rm(directory, { recursive: true }));

/** Runs to a failure and holds its form; returns stderr. */
async function failing(
  args: readonly string[],
  exitCode: number,
  errorCode: string,
): Promise<string> {
  const { code, stdout, stderr } = await runWsctl(args);
  expect({ code, stdout }, stderr).toEqual({ code: exitCode, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^error: \\S.*  \\[${errorCode}\\]$`, "m"));
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toMatch(/node:internal|a bug of wsctl/);
  return stderr;
}

const url = "ws://127.0.0.1:1/";

test.each<[string, string[], RegExp]>([
  [
    "a flag that is misspelt",
    ["load", url, "--conections", "5"],
    /--conections.*\n.*--connections/,
  ],
  ["a command that is not there", ["laod", url], /unknown command 'laod'.*\n.*(?:load|--help)/],
  ["no URL", ["load"], /no URL.*\n.*--serve/],
  ["a URL and --serve", ["load", url, "--serve"], /--serve exclude/],
  [
    "a duration without a unit",
    ["load", url, "-d", "5"],
    /"5" is not a duration.*\n.*5s for seconds/,
  ],
  ["a timeout without a unit", ["load", url, "--timeout", "3"], /"3" is not a duration/],
  ["a duration of nothing", ["load", url, "-d", "0"], /duration/],
  ["no connections", ["load", url, "-c", "0"], /connections/],
  ["a rate that is no rate", ["load", url, "-R", "-5"], /--total-rate: "-5"/],
  ["two rates", ["load", url, "-r", "1", "-R", "5"], /--rate and --total-rate/],
  ["requests in flight at a rate", ["load", url, "-r", "1", "--in-flight", "2"], /--in-flight/],
  ["a scheme that is none of ours", ["load", "ftp://127.0.0.1/"], /ws:\/\//],
  ["a header without a colon", ["load", url, "-H", "X-Tenant"], /header.*\n.*-H/],
  ["a header that breaks HTTP", ["load", url, "-H", "a b: c"], /"a b"/],
  ["a header with a line break", ["load", url, "-H", "A: b\r\nEvil: yes"], /header/i],
  ["a subprotocol with a space", ["load", url, "-s", "a b"], /"a b".*subprotocol/],
  [
    "a file that is not there",
    ["load", url, "--bearer", "@/nonexistent/token"],
    /\/nonexistent\/token/,
  ],
  ["a local address that is none", ["load", url, "--local-address", "here"], /"here"/],
  ["an embedded mode that is none", ["load", "--serve-mode", "nosuch"], /nosuch.*echo/],
  ["a mode of serve that is none", ["serve", "nosuch"], /nosuch[^]*echo/],
])("%s is a mistake in usage", async (_name, args, told) => {
  expect(await failing([...args], 2, "WSCTL_EUSAGE")).toMatch(told);
});

test("a certificate that is no PEM file is a mistake in usage", async () => {
  const file = path.join(directory, "garbage.pem");
  await writeFile(file, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  await using server = await startWsEcho();
  const target = server.url.replace("ws:", "wss:");
  const args = ["load", target, "--cert", file, "--key", file, "-d", "100ms"];
  const stderr = await failing(args, 2, "WSCTL_EUSAGE");
  expect(stderr).toMatch(/certificate or key cannot be used/);
});

test("a refused port is named with its address", async () => {
  const port = await refusingPort();
  const stderr = await failing(["load", `ws://127.0.0.1:${port}/`], 3, "WSCTL_EREFUSED");
  expect(stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*refused`));
  expect(stderr).toMatch(/^hint: /m);
});

test("a refused port with --json is a document that says so, too", async () => {
  const port = await refusingPort();
  const run = await runWsctl(["load", "--json", `ws://127.0.0.1:${port}/`, "-c", "4"]);
  expect(run.code).toBe(3);
  expect(run.stderr).toContain("[WSCTL_EREFUSED]");
  const result = documentOf(run);
  expect(total(result, "ws_connect_failed{reason:refused}")).toBe(4);
  expect(result.errors).toMatchObject([{ what: "connection failed: refused", count: 4 }]);
  expect(reasonsOf(result)).toEqual(["nothing-opened"]);
});

test("a name that does not resolve is told as such", async () => {
  const stderr = await failing(["load", "ws://nosuchhost.invalid/"], 3, "WSCTL_EDNS");
  expect(stderr).toMatch(/could not resolve host nosuchhost\.invalid/);
  expect(stderr).toMatch(/^hint: /m);
});

test("a 101 with the wrong accept is an invalid upgrade", async () => {
  const server = await startRaw({
    answer: (head) => switching(head).replace(/(Accept: ).*/, "$1AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
  });
  const stderr = await failing(["load", server.url, "-c", "1"], 4, "WSCTL_EHANDSHAKE");
  expect(stderr).toMatch(/101/);
  expect(stderr).toMatch(/Sec-WebSocket-Accept/i);
});

test("an answer that is not HTTP is an invalid upgrade", async () => {
  const server = await startRaw({ answer: () => "SSH-2.0-OpenSSH_9.2\r\n" });
  const stderr = await failing(
    ["load", server.url, "-c", "1", "--timeout", "2s"],
    4,
    "WSCTL_EHANDSHAKE",
  );
  expect(stderr).toContain("SSH-2.0");
});

test("a server that never answers the upgrade runs into the timeout", async () => {
  const server = await startRaw({ answer: () => undefined });
  const args = ["load", server.url, "-c", "2", "--timeout", "300ms"];
  const stderr = await failing(args, 3, "WSCTL_ETIMEOUT");
  expect(stderr).toContain("300 ms");
  expect(server.heads).toHaveLength(2);
});

test("a server that hangs up before the answer is told as such", async () => {
  const server = await startRaw({ answer: () => "", upgraded: (socket) => void socket.end() });
  await failing(["load", server.url, "-c", "1"], 3, "WSCTL_ECLOSED");
});

test("some refusals are counted, and the run goes on with the rest", async () => {
  await using good = await startWsEcho();
  await using bad = await startWsEcho({ refuse: 503 });
  const args = ["load", "--json", good.url, bad.url, "-c", "6", "-R", "60", "-d", "500ms"];
  const run = await runWsctl(args);
  const result = documentOf(run);
  expect(result.totals).toMatchObject({
    ws_sessions: 3,
    "ws_connect_failed{reason:status,status:503}": 3,
    ws_msg_expected: 15,
    ws_msg_answered: 15,
    ws_msg_unsent: 15,
  });
  // Half of what was asked for did not leave: that is no run at that rate.
  expect(run.code).toBe(98);
  expect(wrongWith(result)).toEqual(["load-lost"]);
  expect(result.errors).toMatchObject([{ what: "connection failed: status 503", count: 3 }]);
  expect(run.stderr).not.toContain("error:");
});

test("a server that refuses everything is told by its status, with --json as well", async () => {
  await using bad = await startWsEcho({ refuse: 503 });
  const run = await runWsctl(["load", "--json", bad.url, "-c", "3", "-d", "100ms"]);
  expect(run.code).toBe(4);
  expect(run.stderr).toContain("[WSCTL_EUPGRADE]");
  const result = documentOf(run);
  expect(reasonsOf(result)).toEqual(["nothing-opened"]);
  expect(result.errors).toMatchObject([{ what: "connection failed: status 503", count: 3 }]);
});

test("a message that cannot come back is refused before anything is dialled", async () => {
  const args = ["load", url, "--size", "2KiB", "--max-payload", "1KiB"];
  const stderr = await failing(args, 2, "WSCTL_EUSAGE");
  expect(stderr).toMatch(/2\.00 KiB.*1\.00 KiB.*\n.*--max-payload 2048/);
});

describe.skipIf(!existsSync("/dev/full"))("a disk that is full", () => {
  const shell = async (redirect: string, ...args: string[]) => {
    const script = `exec "$0" bin/wsctl.js "$@" ${redirect}`;
    return exitWithin(
      startChild("bash", ["-c", script, process.execPath, ...args], { cwd: root }),
      15_000,
    );
  };

  test.each([["--json"], []])("is told in one line, with exit 1 (%s)", async (...kind) => {
    const args = ["load", "--serve", "-q", "-c", "1", "-d", "100ms", ...kind];
    const { code, stderr } = await shell(">/dev/full", ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: cannot write the output: .*ENOSPC.*\n$/);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });

  test("or a diagnostic stream that is closed does not end the run", async () => {
    await Promise.all(
      ["2>/dev/full", "2>&-"].map(async (redirect) => {
        const exit = await shell(redirect, "load", "--serve", "--json", "-c", "1", "-d", "100ms");
        expect([redirect, exit.code]).toEqual([redirect, 0]);
        expect(documentOf(exit).conservation.answered).toBeGreaterThan(0);
      }),
    );
  });
});

test("help goes to stdout and ends with 0", async () => {
  for (const args of [[], ["help"], ["load", "--help"], ["help", "load"]]) {
    const { code, stdout, stderr } = await runWsctl(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage: wsctl");
    expect(stdout).toContain("Examples:");
  }
  const { code, stdout } = await runWsctl(["--version"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});
