/** Shows that no secret of a recorded connection gets into a scenario, and that ordinary captures give one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-from-secrets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secrets = {
  bearer: "cAnArY-bearer-81723",
  cookie: "cAnArY-cookie-99182",
  query: "cAnArY-query-55123",
  pin: "cAnArY-pin-4711",
};

const said = [
  { op: "hello", text: `I am ${secrets.bearer}`, session: secrets.cookie },
  { op: "pay", pin: secrets.pin, note: `from ?x=${secrets.query}` },
];

function harOf(url: string): string {
  const file = path.join(folder, "page.har");
  const headers = [
    { name: "Authorization", value: `Bearer ${secrets.bearer}` },
    { name: "Cookie", value: `sid=${secrets.cookie}; theme=dark` },
  ];
  const entry = {
    startedDateTime: "2026-01-01T00:00:00.000Z",
    request: { method: "GET", url, headers },
    response: { status: 101, headers: [] },
    _resourceType: "websocket",
    _webSocketMessages: [
      ...said.map((message) => JSON.stringify(message)),
      `token ${secrets.query} ok`,
    ].map((data, index) => ({
      type: index === 2 ? "receive" : "send",
      time: 1_767_225_600 + index,
      opcode: 1,
      data,
    })),
  };
  const log = { version: "1.2", creator: { name: "x", version: "1" }, entries: [entry] };
  writeFileSync(file, JSON.stringify({ log }));
  return file;
}

describe("secrets", () => {
  test("from-har hides what messages repeat of headers, cookies and the URL", async () => {
    const file = harOf(`wss://h.example/a?access_token=${secrets.query}`);
    const { code, stdout, stderr } = await runWsctl([
      "scenario",
      "from-har",
      file,
      "--redact",
      "$.pin",
    ]);
    expect(code, stderr).toBe(0);
    for (const secret of Object.values(secrets)) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).toContain("{{ $env.REDACTED_TEXT }}");
    expect(stdout).toMatch(/\{\{ \$env\.AUTHORIZATION\w* \}\}/);
    expect(stdout).toContain("$env.COOKIE_SID");
  });

  test("from-recording hides them in a recording that does not", async () => {
    const file = path.join(folder, "plain.wsrec");
    const lines = [
      {
        wsrec: 1,
        url: `ws://127.0.0.1:1/?token=${secrets.query}`,
        startedAt: "2026-01-01T00:00:00.000Z",
        tool: "x",
        redacted: [],
      },
      {
        t: 1,
        k: "upgrade",
        target: `/?token=${secrets.query}`,
        status: 101,
        request: [["Authorization", `Bearer ${secrets.bearer}`]],
        response: [["Set-Cookie", `sid=${secrets.cookie}`]],
      },
      ...said.map((message, index) => ({
        t: 2 + index,
        k: "out",
        op: 1,
        data: JSON.stringify(message),
      })),
    ];
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const yaml = path.join(folder, "plain.yaml");
    const made = await runWsctl([
      "scenario",
      "from-recording",
      file,
      "-o",
      yaml,
      "--redact",
      "/cAnArY-pin-\\d+/",
    ]);
    expect(made.code, made.stderr).toBe(0);
    const text = readFileSync(yaml, "utf8");
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
  });
});

describe("kinds of users", () => {
  test("of which some are rare give a file that can be loaded", async () => {
    const files = Array.from({ length: 40 }, (_, index) => {
      const file = path.join(folder, `c${index}.wsrec`);
      const op = index < 37 ? "often" : `rare${index}`;
      const lines = [
        {
          wsrec: 1,
          url: "ws://127.0.0.1:1/",
          startedAt: "2026-01-01T00:00:00.000Z",
          tool: "x",
          redacted: [],
        },
        { t: 1, k: "upgrade", target: "/", status: 101, request: [], response: [] },
        { t: 2, k: "out", op: 1, data: JSON.stringify({ op }) },
      ];
      writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      return file;
    });
    const yaml = path.join(folder, "many.yaml");
    const made = await runWsctl(["scenario", "from-recording", ...files, "-o", yaml]);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stderr).toContain("-c 40");
    const checked = await runWsctl(["scenario", "validate", yaml]);
    expect([checked.code, checked.stderr]).toEqual([0, ""]);
    const few = await runWsctl(["scenario", "from-recording", ...files, "-c", "2"]);
    expect(few.code, few.stderr).toBe(0);
    expect(few.stdout).toContain("connections: 4");
  });
});
