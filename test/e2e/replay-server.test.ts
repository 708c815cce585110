/** Shows `wsctl replay --as server`: a recording played to clients that know nothing of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Child } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-mock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const header = {
  wsrec: 1,
  url: "ws://api.example/chat",
  startedAt: "2026-01-01T00:00:00.000Z",
  tool: "wsctl",
  redacted: [],
};

function recording(name: string, lines: readonly object[]): string {
  const file = path.join(folder, name);
  const all = [header, ...lines.map((line, index) => ({ t: index + 1, ...line }))];
  writeFileSync(file, all.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

const login = recording("login.wsrec", [
  {
    k: "upgrade",
    status: 101,
    target: "/chat",
    request: [],
    response: [["Sec-WebSocket-Protocol", "chat.v1"]],
  },
  { k: "out", op: 1, data: '{"op":"login","id":1}' },
  { k: "in", op: 1, data: '{"op":"ok","id":1}' },
  { k: "out", op: 1, data: '{"op":"quit","id":2}' },
  { k: "close", by: "server", code: 4008, reason: "bye" },
]);

/** A mock that listens. */
async function mock(
  args: readonly string[],
): Promise<Child & { readonly url: string; readonly control: string; readonly token: string }> {
  const child = startWsctl(["replay", ...args, "--as", "server", "--port", "0", "--json"]);
  const line = await child.nextLine();
  if (line === undefined) throw new Error(`no mock: ${child.output.stderr}`);
  const said = JSON.parse(line) as { url: string; control: string; token: string };
  expect(said).toMatchObject({ event: "listening", mode: "replay" });
  return { ...child, ...said };
}

const talk = ["-s", "chat.v1", "-x", '{"op":"login","id":77}', "-x", '{"op":"quit","id":78}'];

describe("replay --as server", () => {
  test("agrees to the subprotocol, answers what was recorded, closes as it was closed", async () => {
    await using server = await mock([login, "--detect", "--pace", "asap"]);
    const { stdout, code } = await runWsctl(["connect", server.url, "--json", ...talk]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.some(({ data }) => data === '{"op":"ok","id":77}')).toBe(true);
    expect(stdout).toContain("4008");
    expect(stdout).toContain("chat.v1");
    expect(code).toBe(5);
    server.kill("SIGINT");
    expect(await server.exit).toMatchObject({ code: 0 });
  });

  test("--strict ends with 6 when something came that was not recorded, which is told", async () => {
    await using server = await mock([login, "--match", "--strict", "--ignore", "$.id"]);
    await runWsctl(["connect", server.url, "-x", '{"op":"what\u001b[2J"}', "--wait", "200ms"]);
    const event = JSON.parse((await server.nextLine())!) as object;
    expect(event).toMatchObject({ event: "unexpected", connection: 1, message: 1 });
    const stats = (await (await fetch(`${server.control}/stats`)).json()) as object;
    expect(stats).toMatchObject({ mode: { unexpected: 1 } });
    server.kill("SIGINT");
    expect(await server.exit).toMatchObject({ code: 6 });
    expect(server.output.stdout).not.toContain("\u001b");
  });

  test("TLS, faults and guards are those of serve", async () => {
    await using server = await mock([
      login,
      "--tls",
      "--fault",
      "upgrade-503",
      "--auth",
      "bearer=x",
    ]);
    expect(server.url).toMatch(/^wss:/);
    const { code, stderr } = await runWsctl(["connect", server.url, "-k", "--bearer", "x"]);
    expect([code, stderr]).toEqual([4, expect.stringContaining("503") as string]);
  });

  test.each([
    [["--fault", "nonsense"], "nonsense"],
    [["ws://127.0.0.1:1/"], "a URL is of no use"],
    [["--tls-cert", "x.pem"], "--tls-key"],
    [["--pace", "sometimes"], "sometimes"],
    [["--capture", "x"], "x"],
  ])("%j is refused before anything listens", async (args, told) => {
    const { code, stderr } = await runWsctl(["replay", login, ...args, "--as", "server"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(told) as string]);
  });
});
