/** Shows that what was recorded loads a fresh server, with 100 connections and no failed step. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { loadJson, startServe, total } from "./load-run.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-from-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server whose tokens a client has to carry on. */
const rules = `
- on: open
  reply: { op: welcome, node: "{{ node }}" }
- on: { json: $.op, equals: login }
  capture: [{ json: $.user, as: user }, { json: $.request, as: request }]
  replies: [{ op: notice, text: hello }, { op: session, re: "{{ request }}", key: "k-{{ $index }}-{{ $randomString(12) }}" }]
- on: { json: $.op, equals: get }
  capture: [{ json: $.key, as: sent }, { json: $.request, as: request }]
  reply: { op: item, re: "{{ request }}", owner: "{{ sent }}" }
- on: { contains: bye }
  close: { code: 4000, reason: bye }
`;

async function record(url: string, file: string, lines: readonly string[]): Promise<void> {
  const { code, stderr } = await runWsctl(["record", url, "-o", file, "-d", "700ms", "-q"], {
    stdin: `${lines.join("\n")}\n`,
  });
  expect([code, stderr]).toEqual([0, ""]);
}

/** Makes a scenario, and plays it: checked, dry, and with 100 connections. */
async function loads(files: readonly string[], url: string): Promise<string> {
  const scenario = path.join(folder, `${path.basename(files[0]!)}.yaml`);
  const made = await runWsctl([
    "scenario",
    "from-recording",
    ...files,
    "-o",
    scenario,
    "--idle-cap",
    "100ms",
  ]);
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining("wrote") as string]);
  const checked = await runWsctl(["scenario", "validate", scenario]);
  expect([checked.code, checked.stderr]).toEqual([0, ""]);
  const dry = await runWsctl(["load", scenario, url, "--dry-run"]);
  expect(dry.code, dry.stdout + dry.stderr).toBe(0);
  const { result, code, stderr } = await loadJson([scenario, url, "-c", "100", "-d", "2s"]);
  const failed = Object.keys(result.totals).filter((key) =>
    /^ws_(?:step_failed|expect_failed|connect_failed|reply_timeout)\b/.test(key),
  );
  expect(failed, stderr).toEqual([]);
  expect(total(result, "ws_msgs_sent")).toBeGreaterThan(100);
  // A busy machine may make the figures no evidence.
  expect([0, 98]).toContain(code);
  return readFileSync(scenario, "utf8");
}

describe("scenario from-recording", () => {
  test(
    "a talk with serve chat, of two people, loads a fresh one",
    { timeout: 60_000 },
    async () => {
      const files = ["ada", "bob"].map((name) => path.join(folder, `${name}.wsrec`));
      {
        await using server = await startServe(["chat"]);
        for (const [index, file] of files.entries()) {
          const name = ["ada", "bob"][index]!;
          await record(server.url, file, [
            JSON.stringify({ op: "join", room: "lobby", name, id: 1 }),
            JSON.stringify({ op: "say", text: `hello from ${name}`, id: 2 }),
            JSON.stringify({ op: "presence", id: 3 }),
          ]);
        }
      }
      await using fresh = await startServe(["chat"]);
      const text = await loads(files, fresh.url);
      expect(text).toContain("by: id");
      expect(text).toContain("{{ $pick(names) }}");
      expect(text).toMatch(/weight: 2/);
    },
  );

  test(
    "a talk in which a key has to be carried on loads a fresh server",
    { timeout: 60_000 },
    async () => {
      const script = path.join(folder, "rules.yaml");
      writeFileSync(script, rules);
      const first = path.join(folder, "first.wsrec");
      const second = path.join(folder, "second.wsrec");
      const request = (n: number): string => `0b9f6c1e-5c1d-4e0a-9d53-00000000000${n}`;
      {
        await using server = await startServe(["script", "--script", script]);
        await record(server.url, first, [
          JSON.stringify({ op: "login", user: "ada", request: request(1) }),
        ]);
        const key = /\\"key\\":\\"([^"\\]+)/.exec(readFileSync(first, "utf8"))?.[1];
        expect(key).toMatch(/^k-0-/);
        // What a client does that has read the first answer.
        const lines = readFileSync(first, "utf8")
          .split("\n")
          .filter((line) => !/"k":"(?:close|end)"/.test(line) && line !== "");
        const more = [
          {
            t: 300,
            k: "out",
            op: 1,
            data: JSON.stringify({ op: "get", key, request: request(2) }),
          },
          {
            t: 310,
            k: "in",
            op: 1,
            data: JSON.stringify({ op: "item", re: request(2), owner: key }),
          },
        ];
        writeFileSync(
          second,
          [...lines, ...more.map((line) => JSON.stringify(line))]
            .map((line) => `${line}\n`)
            .join(""),
        );
      }
      await using fresh = await startServe(["script", "--script", script]);
      const text = await loads([second], fresh.url);
      expect(text).toContain('key: "{{ key }}"');
      expect(text).toContain("{{ $uuid }}");
    },
  );
});

describe("scenario from-har", () => {
  test("each WebSocket of a HAR, or the one that was chosen", async () => {
    const socket = (url: string, ...data: string[]) => ({
      startedDateTime: "2026-01-01T00:00:00.000Z",
      request: { method: "GET", url, headers: [{ name: "Origin", value: "https://app.example" }] },
      response: { status: 101, headers: [] },
      _resourceType: "websocket",
      _webSocketMessages: data.map((text, index) => ({
        type: index % 2 === 0 ? "send" : "receive",
        time: 1_767_225_600 + index,
        opcode: 1,
        data: text,
      })),
    });
    const file = path.join(folder, "page.har");
    const entries = [
      socket("wss://h.example/a", "ping", "pong"),
      socket("wss://h.example/b", '{"op":"hi"}', '{"op":"ho"}'),
    ];
    const log = { version: "1.2", creator: { name: "x", version: "1" }, entries };
    writeFileSync(file, JSON.stringify({ log }));
    const both = await runWsctl(["scenario", "from-har", file]);
    expect([both.code, both.stderr]).toEqual([
      2,
      expect.stringContaining("several addresses") as string,
    ]);
    const { code, stdout, stderr } = await runWsctl(["scenario", "from-har", file, "--entry", "2"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("target: wss://h.example/b");
    expect(stdout).toContain("origin: https://app.example");
    expect(stdout).toContain("equals: ho");
    const none = await runWsctl(["scenario", "from-har", file, "--entry", "3"]);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("2 WebSockets") as string,
    ]);
  });
});
