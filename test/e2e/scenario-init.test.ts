/** Shows the questions of `wsctl scenario init` on a real terminal. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { loadJson, wrongWith } from "./load-run.js";

const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));
const enter = "\r";
const down = "\u001b[B";
const ctrlC = "\u0003";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Answers each question once it is asked; resolves with the exit code and what was seen. */
async function answered(
  args: readonly string[],
  answers: readonly (readonly [question: RegExp, keys: string])[],
): Promise<{ code: number | null; seen: string }> {
  const words = [process.execPath, program, "scenario", "init", ...args];
  const line = `stty cols 80 rows 24; exec ${words.map((word) => `'${word}'`).join(" ")}`;
  const child = spawn("/usr/bin/script", ["-qec", line, "/dev/null"], {
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1" },
  });
  let seen = "";
  let from = 0;
  let next = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen += stripVTControlCharacters(text);
    const answer = answers[next];
    if (!answer?.[0].test(seen.slice(from))) return;
    from = seen.length;
    next++;
    child.stdin.write(answer[1]);
  });
  const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(late);
  return { code, seen };
}

test("questions become a scenario that is sound, mistakes are told at once", async () => {
  const file = path.join(folder, "chat.yaml");
  const { code, seen } = await answered(
    [file],
    [
      [/What is to be loaded\?/, `gopher://x${enter}`],
      [/not a WebSocket address/, `\u0015wss://example.test/chat${enter}`],
      [/What do users do\?[^]*idle/, `${down}${down}${enter}`],
      [/How many of them[^]*arrivals/, enter],
      [/How many users\?/, `200${enter}`],
      [/For how long in all\?/, `5m${enter}`],
      [/Messages per second/, enter],
      [/What must hold\?[^]*checks/, enter],
      [/Anything else/, `ws_ping: p(99)<1s${enter}`],
      [/needs pings, and nobody sends one/, `\u0015ws_upgrade: p(99)<50ms${enter}`],
      [/✔ Anything else[^]*\? Anything else/, enter],
    ],
  );
  expect([code, seen]).toEqual([0, expect.stringContaining(`wrote ${file}`) as string]);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("target: wss://example.test/chat\n");
  expect(text).toContain("- name: broadcast\n");
  expect(text).toContain("duration: 3m, connections: 200");
  expect(text).toContain('ws_upgrade: ["p(99)<50ms"]');
  expect(await runWsctl(["scenario", "validate", file])).toMatchObject({ code: 0, stderr: "" });
});

test.each([
  ["requests", 0, true, "echo"],
  ["echo", 1, true, "echo"],
  ["broadcast", 2, true, "chat"],
  ["listen", 3, false, "ticker"],
  ["idle", 4, false, "echo"],
] as const)(
  "%s: the keys write what the flags write, and it runs",
  async (kind, row, sends, mode) => {
    const file = path.join(folder, "new.yaml");
    const { code } = await answered(
      [file],
      [
        [/What is to be loaded\?/, enter],
        [/What do users do\?[^]*idle/, `${down.repeat(row)}${enter}`],
        [/How many of them[^]*arrivals/, enter],
        [/How many users\?/, `2${enter}`],
        [/For how long in all\?/, `1s${enter}`],
        ...(sends ? ([[/Messages per second/, `5/s${enter}`]] as const) : []),
        [/What must hold\?[^]*ws_connecting/, enter],
        [/Anything else/, enter],
      ],
    );
    expect(code).toBe(0);
    const text = readFileSync(file, "utf8");
    rmSync(file);
    const flags = ["--traffic", kind, "--connections", "2", "--duration", "1s"];
    if (sends) flags.push("--rate", "5/s");
    expect(await runWsctl(["scenario", "init", file, ...flags])).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).toBe(text);
    const dry = await runWsctl(["load", file, "--serve-mode", mode, "--dry-run"]);
    expect(dry.code, dry.stdout).toBe(0);
    const { result } = await loadJson([file, "--serve-mode", mode, "-q"]);
    expect(wrongWith(result)).toEqual([]);
    expect(result.thresholds.filter(({ ok }) => !ok)).toEqual([]);
  },
  60_000,
);

test("what flags say is not asked", async () => {
  const file = path.join(folder, "a.yaml");
  const flags = ["--target", "ws://a/", "--traffic", "idle", "--shape", "constant", "--gate", ""];
  const { code, seen } = await answered(
    [file, ...flags],
    [
      [/How many users\?/, enter],
      [/For how long/, enter],
    ],
  );
  expect(code).toBe(0);
  expect(seen).not.toMatch(/What|Messages/);
});

test("Ctrl-C leaves with 130, and writes nothing", async () => {
  const file = path.join(folder, "a.yaml");
  const { code, seen } = await answered(
    [file],
    [
      [/What is to be loaded\?/, enter],
      [/What do users do\?/, ctrlC],
    ],
  );
  expect(code).toBe(130);
  expect(seen).toContain("nothing was written");
  expect(seen).not.toMatch(/Error|at .*\.js:\d/);
  expect(existsSync(file)).toBe(false);
});

test("a file that is there is refused before anything is asked", async () => {
  const file = path.join(folder, "a.yaml");
  writeFileSync(file, "mine");
  const { code, seen } = await answered([file], []);
  expect([code, seen]).toEqual([2, expect.stringMatching(/is there already/) as string]);
  expect(seen).not.toContain("What is to be loaded");
});
