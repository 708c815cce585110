/** Shows that a dry run tells everything that goes wrong, why, and with which message. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";

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

const load = "load: { connections: 1, duration: 1s }";

/** A dry run of those steps against an echo server of its own, or elsewhere. */
async function dry(steps: string, config = "", where: readonly string[] = ["--serve"]) {
  const file = write(`config:\n  ${load}\n${config}\nflow:\n${steps}`);
  return runWsctl(["load", file, ...where, "--dry-run", "--no-color"]);
}

describe("a step that fails has a ✗, and the exit code is 6", () => {
  test.each([
    [
      "nothing to capture beside a send",
      '  - { name: hi, send: \'{"op":"get"}\', capture: { json: $.token, as: token } }',
      /✗ .*nothing to capture as token.*\{"op":"get"\}/,
    ],
    [
      "nothing to capture from the last message",
      "  - { send: hello, expect: { text: hello } }\n  - { name: bare, capture: { json: $.a, as: a } }",
      /✗ .*nothing to capture as a\b.*hello/,
    ],
    [
      "no message to capture from",
      "  - { name: bare, capture: { json: $.a, as: a } }\n  - { listen: 10ms }",
      /✗ .*(?:bare|capture).*no message has come/,
    ],
    [
      "a template without a value",
      "  - { send: '{\"a\":1}', capture: { json: $.b, as: b } }\n  - { name: use, send: '{{ b }}' }",
      /✗ b has no value yet/,
    ],
    [
      "another message than was expected",
      '  - { name: ask, send: \'{"op":"get"}\', expect: { json: $.op, equals: put } }',
      /✗ \$\.op is "get", not "put"\n.* in \{"op":"get"\}\n/,
    ],
    [
      "a message that does not come",
      "  - { name: w, wait: { json: $.op, equals: x, within: 50ms } }",
      /✗ no message matched within 50 ms/,
    ],
  ])("%s", async (_what, steps, words) => {
    const { code, stdout, stderr } = await dry(steps, "  correlate: { by: order, timeout: 2s }");
    expect(stdout).toMatch(words);
    expect(code).toBe(6);
    expect(stderr).toMatch(/✗ /);
  });

  test("is so with --json as well", async () => {
    const file = write(
      `config: { ${load} }\nflow: [{ send: hello, capture: { json: $.a, as: a } }]\n`,
    );
    const { code, stdout } = await runWsctl(["load", file, "--serve", "--dry-run", "--json", "-q"]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { what: string; detail: string });
    const troubles = events.filter(({ what }) => what === "failed" || what === "error");
    expect(troubles).toHaveLength(1);
    expect(troubles[0]?.detail).toMatch(/nothing to capture as a\b.*hello/);
    expect(code).toBe(6);
  });

  test("is so when the request itself cannot be made", async () => {
    write('name\n"a\nb"\n', "users.csv");
    const config =
      '  data: { users: users.csv }\n  connection: { headers: { x-a: "{{ users.name }}" } }';
    const { code, stdout, stderr } = await dry("  - send: hello", config);
    expect(stdout).toMatch(/✗ .*header x-a holds a line break/);
    expect([code, stderr]).toEqual([6, expect.stringMatching(/\n✗ nothing was expected/)]);
  });
});

describe("how it ended is told", () => {
  async function closing(say: (server: WsEcho["wss"]) => void, steps: string) {
    await using server = await startWsEcho();
    say(server.wss);
    return await dry(steps, "", [server.url]);
  }

  test("by us", async () => {
    const { code, stderr } = await dry("  - close: { code: 4001, reason: done }");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/\n {2}closed: 4001 by client\n$/)]);
  });

  test("by the server", async () => {
    const { code, stdout, stderr } = await closing(
      (wss) => wss.on("connection", (socket) => socket.close(4002, "maintenance")),
      "  - listen: 2s",
    );
    expect(stdout).toMatch(/✗ connection lost/);
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/✗ .*the connection was lost\n {2}closed: 4002 by server\n$/),
    ]);
  });

  test("without a close frame", async () => {
    const { code, stdout, stderr } = await closing(
      (wss) => wss.on("connection", (_, request) => request.socket.resetAndDestroy()),
      "  - listen: 2s",
    );
    expect(stdout).toMatch(/✗ connection lost[^]*✗ connection broken \(1006\)/);
    expect([code, stderr]).toEqual([5, expect.stringMatching(/closed: 1006 by server/)]);
  });
});

test("automatic answers are counted", async () => {
  const heartbeat =
    "  heartbeat: { autoReply: [{ match: { text: hb }, send: '{{ $index }} lives' }] }";
  const steps =
    "  - { send: { text: hb, reply: false } }\n  - { wait: { text: 0 lives, within: 2s } }";
  const { code, stderr } = await dry(steps, heartbeat);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/met, 1 automatic answer\n/)]);
});

test("steps of the same name in two scenarios are told apart", async () => {
  const file = write(`
config: { load: { connections: 2, duration: 1s } }
scenarios:
  - { name: one, flow: [{ name: first, send: hello }] }
  - { name: two, flow: [{ name: first, think: 10ms }] }
`);
  const { code, stdout } = await runWsctl(["load", file, "--serve", "--dry-run"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/one +▸ first {2}send\n/);
  expect(stdout).toMatch(/two +▸ first {2}think/);
});
