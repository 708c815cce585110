/** Shows what is said of files of another kind, and of recordings that hold nothing or hide something. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.js";
import { came, recording, sent, upgrade } from "../replay/replay-rig.js";
import { fakeHost } from "./fake-host.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-wrong-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return at;
}

async function said(...args: string[]) {
  const host = fakeHost(args);
  const code = await run(host);
  return { code, stderr: host.stderr.text, stdout: host.stdout.text };
}

const talk = recording([upgrade, sent("a"), came("b")]);
const entry = (messages: readonly object[] | undefined) => ({
  startedDateTime: "2026-01-01T00:00:00.000Z",
  request: { method: "GET", url: "ws://h.example/", headers: [] },
  response: { status: 101, headers: [] },
  _resourceType: "websocket",
  ...(messages ? { _webSocketMessages: messages } : {}),
});
const harOf = (...entries: object[]): string =>
  JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } });

describe("a file of another kind is called what it is", () => {
  const wsrec = file("talk.wsrec", talk);
  const har = file("page.har", harOf(entry([])));
  const packed = file("talk.wsrec.gz", gzipSync(talk));
  test.each([
    [["replay", har], "it is a HAR"],
    [["replay", har, "--salvage"], "it is a HAR"],
    [["replay", har, "--as", "server"], "it is a HAR"],
    [["scenario", "from-recording", har], "it is a HAR"],
    [["scenario", "from-har", wsrec], "is no HAR, but a recording"],
    [["scenario", "from-har", packed], "it is packed with gzip"],
    [["recording", "show", packed], "it is packed with gzip"],
    [["replay", packed], "it is packed with gzip"],
    [["load", wsrec], "it is a recording"],
    [["load", har], "it is a HAR"],
  ])("%j", async (args, what) => {
    const { code, stderr } = await said(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(what);
    expect(stderr).toContain(path.basename(args.find((arg) => arg.startsWith(folder))!));
    expect(stderr).toContain("hint");
  });

  test("and a HAR that is none is named", async () => {
    const { code, stderr } = await said("scenario", "from-har", file("none.har", "{}"));
    expect([code, stderr]).toEqual([2, expect.stringContaining("none.har is no HAR") as string]);
  });
});

describe("HARs", () => {
  test("an entry without messages is told of", async () => {
    const har = file("quiet.har", harOf(entry(undefined)));
    const to = path.join(folder, "quiet.wsrec");
    const { code, stderr } = await said("recording", "convert", har, "-o", to);
    expect(code).toBe(0);
    expect(stderr).toContain("no messages in this entry: were the tools open before the socket?");
  });

  test("the list counts messages, and no close", async () => {
    const row = (opcode: number) => ({ type: "send", time: 1, opcode, data: "" });
    const har = file("list.har", harOf(entry([row(1), row(8)]), entry([row(1), row(2), row(9)])));
    const { stderr } = await said("recording", "convert", har, "-o", path.join(folder, "x.wsrec"));
    expect(stderr).toMatch(/1 {2}ws:\/\/h\.example\/.*, 1 message$/m);
    expect(stderr).toMatch(/2 {2}ws:\/\/h\.example\/.*, 2 messages$/m);
  });
});

describe("replay --as server", () => {
  test("nothing to replay, and a pace that it has not: 2", async () => {
    const empty = file("empty.wsrec", recording([]));
    const none = await said("replay", empty, "--as", "server", "--port", "0");
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining("nothing to replay") as string,
    ]);
    const whole = file("whole.wsrec", talk);
    const gated = await said("replay", whole, "--as", "server", "--pace", "gated");
    expect([gated.code, gated.stderr]).toEqual([
      2,
      expect.stringContaining("--pace gated is of no use") as string,
    ]);
  });

  test("a torn end is told once, and so is what clients hear of secrets", async () => {
    const hides = recording([upgrade, sent("a"), came("[redacted]", { redacted: true })]);
    const torn = file("hides.wsrec", `${hides}{"t":9,"k":"in"`);
    const args = ["replay", torn, "--as", "server", "--port", "0", "--until-stdin-ends"];
    const { stderr } = await said(...args);
    expect(stderr.match(/cut off|torn/g)).toHaveLength(1);
    expect(stderr).toContain("1 message says [redacted] to clients");
  });
});

test("a directory whose recordings are empty", async () => {
  const empty = path.join(folder, "empties");
  await mkdir(empty);
  writeFileSync(path.join(empty, "a.wsrec"), "");
  const { code, stderr } = await said("recording", "show", empty);
  expect([code, stderr]).toEqual([2, expect.stringContaining("are empty") as string]);
});
