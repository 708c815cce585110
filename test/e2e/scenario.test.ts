/** Shows scenario files at work: real servers, real workers, and the exit codes that scripts rely on. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitWithin } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import {
  documentOf,
  expectConserved,
  loadJson,
  reasonsOf,
  startServe,
  wrongWith,
} from "./load-run.js";
import { until } from "./processes.js";
import { refusingPort, startRaw } from "./raw-server.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string, name = "scenario.yaml"): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Users who ask and wait for the answer: a closed loop, which is evidence on a busy machine as well. */
const asking = `
config:
  target: ws://127.0.0.1:1/
  load: { connections: 6, duration: 600ms }
  correlate: { by: id, request: $.id }
scenarios:
  - name: asking
    flow:
      - name: ask
        send: { json: { op: get, id: "{{ $uuid }}" } }
        expect: { json: $.op, equals: get, within: 2s }
      - think: 10ms
`;

test("a malformed file opens no connection, and is exit 2", async () => {
  const server = await startRaw();
  const text = asking
    .replace("connections: 6", "conections: 6")
    .replace("ws://127.0.0.1:1/", server.url);
  const { code, stdout, stderr } = await runWsctl([
    "load",
    write(text),
    "-o",
    `json=${folder}/run.json`,
  ]);
  expect([code, stdout, server.heads]).toEqual([2, "", []]);
  expect(stderr).toMatch(/scenario\.yaml:4:11: .*"conections"[^]*\^[^]*did you mean connections\?/);
  expect(() => readFileSync(path.join(folder, "run.json"))).toThrow(/ENOENT/);
});

test("a variable that the file does not know opens no connection", async () => {
  const server = await startRaw();
  const args = ["load", write(asking), server.url, "--var", "nosuch=1"];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stdout, server.heads]).toEqual([2, "", []]);
  expect(stderr).toMatch(/^error: --var: the scenario has no variable "nosuch"/);
});

test("a flow that never waits is warned of, and played", async () => {
  const text = asking.replace(/ {6}- name: ask[^]*/, "      - send: { json: { id: 1 } }\n");
  const { code, stderr } = await runWsctl(["load", write(text), "--serve", "-q", "-d", "100ms"]);
  expect(stderr).toMatch(/^warning: .*scenario\.yaml:8:5: .*nothing in it waits/);
  expect([0, 98]).toContain(code);
});

test("users ask, are answered, and everything is accounted for", async () => {
  const { code, result } = await loadJson([write(asking), "--serve", "-q"]);
  expect(code).toBe(0);
  expectConserved(result);
  const { expected, answered, server } = result.conservation;
  expect(expected).toBeGreaterThan(20);
  expect(answered).toBe(expected);
  expect(server).toMatchObject({ equal: true });
  expect(result.run).toMatchObject({
    scenario: path.join(folder, "scenario.yaml"),
    model: "closed",
  });
  expect(result.expectations).toMatchObject([{ scenario: "asking", step: "ask", failed: 0 }]);
  expect(result.scenarios.map(({ name }) => name)).toEqual(["asking"]);
});

test("stdin is a file as well, and URLs go before its target", async () => {
  await using server = await startServe();
  const args = ["load", "-", server.url, "--json", "-q", "-c", "2", "-d", "300ms"];
  const exit = await runWsctl(args, { stdin: asking });
  expect(exit.code).toBe(0);
  const result = documentOf(exit);
  expect(result.run.scenario).toBe("stdin");
  expect(result.totals["ws_sessions"]).toBe(2);
  expect(await server.stats(result.run.id)).toMatchObject({ connections: { opened: 2 } });
});

test("each connection has its own row of data", async () => {
  const server = await startRaw();
  write("token\nred\ngreen\nblue\n", "users.csv");
  const file = write(`
config:
  target: ${server.url}
  data: { users: users.csv }
  connection: { headers: { authorization: "Bearer {{ users.token }}" } }
  load: { connections: 3, duration: 200ms, gracefulStop: 100ms }
flow: [{ listen: 200ms }]
`);
  await runWsctl(["load", file, "-q"], { cwd: tmpdir() });
  const tokens = server.heads.map((head) => /^authorization: Bearer (.*)\r$/im.exec(head)?.[1]);
  expect(new Set(tokens)).toEqual(new Set(["red", "green", "blue"]));
  expect(tokens).toHaveLength(3);
});

describe("the exit code", () => {
  test("is 99 when a threshold failed, and the report says by how much", async () => {
    const gate = [
      "--threshold",
      "ws_msg_rtt{scenario:asking}: p(99)<1us",
      "--threshold",
      "checks: rate==100%",
    ];
    const { code, stdout } = await runWsctl(["load", write(asking), "--serve", "-q", ...gate]);
    expect(code).toBe(99);
    expect(stdout).toMatch(
      /✗ ws_msg_rtt\{scenario:asking\}:? p\(99\)<1us +[\d.]+ .*(?:over|too high)\)?\n/,
    );
    expect(stdout).toMatch(/✓ checks:? rate==100% +100 %\n/);
  });

  test("is 99 soon when that threshold ends the run", async () => {
    const text = asking
      .replace("duration: 600ms", "duration: 5m")
      .replace(
        "scenarios:",
        "  thresholds: { ws_msg_answered: [{ threshold: count<5, abortOnFail: true }] }\nscenarios:",
      );
    const { code, result } = await loadJson([write(text), "--serve", "-q"]);
    expect(code).toBe(99);
    expect(result.thresholds).toMatchObject([{ ok: false, aborted: true }]);
    expect(result.run.took).toBeLessThan(60_000);
  });

  test("is 98 when nothing was measured, whatever the thresholds", async () => {
    const gate = ["--threshold", "ws_msg_answered: count>0"];
    const quick = ["-d", "300ms", "--graceful-stop", "100ms", "--reply-timeout", "100ms"];
    const text = asking.replace("within: 2s", "within: 100ms");
    const args = [write(text), "--serve-mode", "sink", "-q", ...quick, ...gate];
    const { code, result } = await loadJson(args);
    expect([code, reasonsOf(result)]).toEqual([98, ["nothing-measured"]]);
    expect(result.thresholds).toMatchObject([{ ok: false }]);
  });

  test("is 3 when nobody listens", async () => {
    const url = `ws://127.0.0.1:${await refusingPort()}/`;
    const { code, stderr } = await runWsctl(["load", write(asking), url, "-q", "-d", "300ms"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("[WSCTL_EREFUSED]") as string]);
  });

  test("is 130 after Ctrl-C, even when a threshold failed", async () => {
    const gate = ["--threshold", "ws_msg_rtt: p(99)<1us"];
    const args = ["load", write(asking), "--serve", "--json", "-d", "5m", ...gate];
    await using child = startWsctl(args);
    await until(() => expect(child.output.stderr).toContain("traffic"));
    child.kill("SIGINT");
    const exit = await exitWithin(child, 10_000);
    expect(exit.code).toBe(130);
    const result = documentOf(exit);
    expect(result.interrupted).toBe(true);
    expectConserved(result);
  });
});

describe("--dry-run", () => {
  test("shows what one user of each scenario does, and gates nothing", async () => {
    const gate = ["--threshold", "ws_sessions: count>1000"];
    const file = write(asking.replace("think: 10ms", "listen: 5m"));
    const { code, stdout, stderr } = await runWsctl([
      "load",
      file,
      "--serve",
      "--dry-run",
      "-d",
      "5m",
      ...gate,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /● connected\n[^]*▸ ask {2}send\n[^]*→ \{"op":"get","id":"[^]*← \{"op":"get"[^]*✓ as expected\n[^]*○ closed.*\n/,
    );
    expect(stderr).toMatch(
      /^dry run: one user[^]*\n✓ 1 of 1 expectations met\n {2}closed: 1000 by client\n$/,
    );
  });

  test("is 6 when an expectation is not met, and says why", async () => {
    const file = write(asking.replace("equals: get", "equals: put"));
    const { code, stdout, stderr } = await runWsctl(["load", file, "--serve", "--dry-run"]);
    expect(code).toBe(6);
    expect(stdout).toMatch(/✗ .*"get".*"put"/);
    expect(stderr).toMatch(/✗ 0 of 1 expectations met\n {2}closed: 1000 by client\n$/);
  });

  test("is 3 when nobody listens", async () => {
    const url = `ws://127.0.0.1:${await refusingPort()}/`;
    const { code, stderr } = await runWsctl(["load", write(asking), url, "--dry-run"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("[WSCTL_EREFUSED]") as string]);
  });

  test("--json is a line for each event", async () => {
    const { code, stdout } = await runWsctl(["load", "--serve", "--dry-run", "-q", "--json"]);
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { what: string });
    const kinds = events.map(({ what }) => what);
    expect(kinds[0]).toBe("opened");
    expect(kinds.filter((kind) => kind === "sent")).toHaveLength(3);
    expect(kinds.filter((kind) => kind === "received")).toHaveLength(3);
  });

  test("makes what servers say harmless", async () => {
    await using server = await startServe();
    const hostile = JSON.stringify("\u001b[2J\u202e");
    const file = write(
      `{ "config": { "load": { "connections": 1, "duration": "1s" } }, "flow": [{ "send": ${hostile}, "expect": {} }] }`,
      "hostile.json",
    );
    const { code, stdout } = await runWsctl(["load", file, server.url, "--dry-run", "-q"]);
    expect(code).toBe(0);
    expect(stdout).toContain("␛[2J");
    for (const control of ["\u202e", "\u001b[2J"]) expect(stdout).not.toContain(control);
  });
});

test("what --print-scenario prints does the same when it is run", async () => {
  const flags = ["--serve", "-c", "4", "-R", "40", "-d", "1s", "-m", "hello", "-q"];
  const printed = await runWsctl(["load", ...flags, "--print-scenario"]);
  expect([printed.code, printed.stderr]).toEqual([0, ""]);
  const { result } = await loadJson([write(printed.stdout), "--serve", "-q"]);
  expect(wrongWith(result)).toEqual([]);
  expectConserved(result);
  expect(result.conservation).toMatchObject({ expected: 40, answered: 40 });
  expect(result.totals).toMatchObject({ ws_sessions: 4, ws_payload_sent: 200 });
});

test("the scenario that the manual begins with plays as it says", async () => {
  const manual = readFileSync(new URL("../../docs/scenario.md", import.meta.url), "utf8");
  const [, text = ""] = /^```yaml\n([^]*?)^```$/m.exec(manual) ?? [];
  const args = ["load", write(text), "--serve-mode", "chat", "--dry-run"];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/✓ 3 of 3 expectations met/) as string]);
  expect(stdout).toMatch(/speaker +▸ join {2}send/);
  expect(stdout).toMatch(/listener +← \{"op":"said"/);
});
