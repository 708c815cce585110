/** Shows `wsctl load --serve-script`: a server that answers by rules, for one run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { loadJson, wrongWith } from "./load-run.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function rules(text: string): string {
  const file = path.join(folder, "-rules.yaml");
  writeFileSync(file, text);
  return file;
}

test.each([
  ["login-subscribe", "login"],
  ["jsonrpc", "jsonrpc"],
  ["heartbeat-autoreply", "heartbeat"],
])("%s runs as its first lines say, from the folder above", async (name, server) => {
  const script = `scenarios/servers/${server}.yaml`;
  const args = [`scenarios/${name}.yaml`, "--serve-script", script, "-q", "-c", "4", "-d", "1s"];
  const { result } = await loadJson(args, { cwd: root });
  expect(wrongWith(result)).toEqual([]);
  expect(result.expectations.filter(({ failed }) => failed > 0)).toEqual([]);
  expect(result.conservation.server).toMatchObject({ equal: true });
});

test("goes with --serve-mode script, and with a dry run", async () => {
  const file = rules("- on: { text: hello }\n  reply: welcome\n");
  const mode = ["--serve-mode", "script", "--serve-script", path.basename(file)];
  const args = ["load", ...mode, "-m", "hello", "--dry-run"];
  const { code, stdout } = await runWsctl(args, { cwd: folder });
  expect(stdout).toContain("← welcome\n");
  expect(code).toBe(0);
});

describe("is refused", () => {
  test("with mistakes in the rules, told with their places", async () => {
    const file = rules("- on: open\n  sendd: x\n");
    const { code, stdout, stderr } = await runWsctl(["load", "--serve-script", file]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^error: .*rules\.yaml:2:3: a rule has no key "sendd" +\[WSCTL_EUSAGE\]\n/,
    );
    expect(stderr).toMatch(/^ +\^$/m);
    expect(stderr).toMatch(/\nhint: it has on, reply/);
  });

  test.each([
    ["without a file that is there", ["--serve-script", "/none.yaml"], /ENOENT.*none\.yaml/],
    [
      "beside another mode",
      ["--serve-mode", "chat", "--serve-script", "r.yaml"],
      /cannot be used with --serve-mode chat/,
    ],
    ["beside a URL", ["ws://127.0.0.1:1/", "--serve-script", "r.yaml"], /exclude each other/],
    ["when it is missing", ["--serve-mode", "script"], /needs a file of rules[^]*--serve-script/],
  ])("%s", async (_what, args, words) => {
    const { code, stdout, stderr } = await runWsctl(["load", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(words);
  });
});
