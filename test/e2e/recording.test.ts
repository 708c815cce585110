/** Runs `wsctl recording` as people and programs do: through pipes, and on a full disk. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { chromeEntry, harOf, secondsAt } from "../recording/har/samples.js";
import { zipFile } from "../recording/har/zip-file.js";
import { runWsctl } from "../support/wsctl.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-recording-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const header =
  '{"wsrec":1,"url":"ws://h/","startedAt":"2026-11-20T20:00:00.000Z","tool":"t","redacted":[]}';
const recording = `${header}\n{"t":1,"k":"out","op":1,"data":"hello"}\n{"t":2,"k":"end","in":0,"out":1}\n`;
const rows = [{ type: "send", time: secondsAt(20), opcode: 1, data: "hello" }];
const har = harOf([chromeEntry(rows)]);

describe("stdin and stdout", () => {
  test.each([
    ["a recording", recording],
    ["a HAR", har],
    ["an archive", zipFile([{ name: "har.har", bytes: har }])],
  ])("%s comes on stdin", async (_, stdin) => {
    const { code, stdout, stderr } = await runWsctl(["recording", "show", "-"], { stdin });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/→ text 5 B {2}hello$/m);
  });

  test("a HAR goes to stdout and comes back", async () => {
    const convert = (to: string, stdin: string): ReturnType<typeof runWsctl> =>
      runWsctl(["recording", "convert", "-", "--to", to, "-o", "-"], { stdin });
    const there = await convert("har", recording);
    expect(there.code).toBe(0);
    const back = await convert("wsrec", there.stdout);
    expect(back).toMatchObject({ code: 0, stderr: "", stdout: recording });
  });
});

describe("files", () => {
  test("a full disk is said", async () => {
    const { code, stderr } = await runWsctl(
      ["recording", "convert", "-", "--to", "har", "-o", "/dev/full"],
      {
        stdin: recording,
      },
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: cannot write \/dev\/full: the disk is full/im);
  });

  test("the largest recordings are read as they come", async () => {
    const file = path.join(folder, "large.wsrec");
    const line = `{"t":1,"k":"in","op":1,"data":"${"x".repeat(1000)}"}\n`;
    writeFileSync(file, `${header}\n${line.repeat(20_000)}`);
    const { code, stdout } = await runWsctl(["recording", "stats", file, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ received: { text: 20_000, bytes: 20_000_000 } });
    rmSync(file);
  });
});
