/** Shows a prompt that records: from the start or later, over several servers, to its end. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refusingPort } from "../e2e/raw-server.js";
import { startWsEcho } from "../support/servers.js";
import { FakeDisk } from "../recording/fake-disk.js";
import { recorderOptions } from "../recording/recording-files.js";
import { Recorder } from "../../src/recording/recorder.js";
import { Tape } from "../../src/repl/tape.js";
import { converse } from "./conversation.js";

type Line = Readonly<Record<string, string | number | undefined>>;

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), "wsctl-tape-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function linesOf(file: string): Line[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}

/** A line in few words. */
function told({ k, op, data, by, code, text }: Line): string {
  return [k, op, data, by, code, text].filter((part) => part !== undefined).join(" ");
}

test("it begins with the prompt, goes on with another server, and ends with the close", async () => {
  await using server = await startWsEcho();
  await using other = await startWsEcho();
  const record = path.join(dir, "two.wsrec");
  const on = await converse(server.url, { record });
  expect(on.terminal.text).toContain("· recording to");
  await on.say("first", "← first");
  await on.say(`/connect ${other.url}`, /● open[^]*● /);
  await on.say("second", "← second");
  await on.say("/record mark the end is near", "· marked");
  await on.say("/quit");
  expect(await on.ended).toMatchObject({
    outcome: "quit",
    recordingFailed: false,
    recorded: { summary: expect.stringMatching(/two\.wsrec: 2 sent, 2 received, [\d.]+ \w+$/) },
  });
  expect(linesOf(record).map(told)).toEqual([
    "",
    "upgrade",
    "out 1 first",
    "in 1 first",
    "close client 1000",
    "upgrade",
    "out 1 second",
    "in 1 second",
    "mark the end is near",
    "close client 1000",
    "end",
  ]);
});

test("a connection that stands is recorded from its upgrade on, reconnects as gaps", async () => {
  await using server = await startWsEcho();
  const file = path.join(dir, "later.wsrec");
  const on = await converse(server.url);
  await on.say("before", "← before");
  await on.say(`/record ${file}`, "· recording to");
  await on.say("/reconnect", "● open again");
  await on.say("after", "← after");
  await on.say("/record", /recording to [^]*1 sent, 1 received[^]*1 gap/);
  await on.say("/record stop", /recorded [^]*1 gap/);
  await on.say("/quit");
  expect((await on.ended).recorded).toBeUndefined();
  const kinds = linesOf(file).map(({ k }) => k);
  expect(kinds).toEqual([undefined, "upgrade", "close", "gap", "upgrade", "out", "in", "end"]);
});

test("a file that is there refuses the prompt; one in which nothing was recorded does not stay", async () => {
  await using server = await startWsEcho();
  const file = path.join(dir, "two.wsrec");
  const before = readFileSync(file, "utf8");
  await expect(converse(server.url, { record: file })).rejects.toThrow(/there already/);
  expect(readFileSync(file, "utf8")).toBe(before);
  const none = path.join(dir, "none.wsrec");
  const on = await converse(`ws://127.0.0.1:${await refusingPort()}/`, { record: none });
  expect(await on.ended).toMatchObject({
    outcome: "failed",
    recorded: { summary: expect.stringContaining("nothing was recorded") },
  });
  expect(existsSync(none)).toBe(false);
});

test("when its time is over it leaves in good order", async () => {
  await using server = await startWsEcho();
  const over = new AbortController();
  const record = path.join(dir, "over.wsrec");
  const on = await converse(server.url, { record, over: over.signal });
  await on.say("hello", "← hello");
  over.abort();
  expect(await on.ended).toMatchObject({ outcome: "quit", end: { code: 1000, by: "us" } });
  expect(linesOf(record).map(told).slice(-2)).toEqual(["close client 1000", "end"]);
});

test("Tab offers the words of /record, and files", async () => {
  await using server = await startWsEcho();
  const { terminal } = await converse(server.url);
  terminal.type("/record st\t");
  await terminal.see("/record stop");
  terminal.type(`\u0015/record ${dir}/ov\t`);
  await terminal.see(`${dir}/over.wsrec`);
});

test("a disk that does not answer is not waited for by who leaves", async () => {
  const disk = new FakeDisk();
  disk.hold();
  let isOpened: (recorder: Recorder) => void = () => {};
  const opening = new Promise<Recorder>((resolve) => (isOpened = resolve));
  const witness = { onTrouble: () => {}, onNote: () => {} };
  const tape = new Tape({ open: () => opening, appends: false }, witness);
  const leave = new AbortController();
  const starting = tape.start("a.wsrec", "ws://h/", leave.signal);
  leave.abort();
  await expect(starting).rejects.toMatchObject({ code: "WSCTL_EABORTED" });

  const again = new AbortController();
  isOpened(Recorder.onDisk(disk, recorderOptions()));
  await tape.start("a.wsrec", "ws://h/", again.signal);
  expect(tape.status).toBe("recording to a.wsrec: 0 sent, 0 received");
  tape.mark("unwritten");
  // What was said counts before the disk has taken it.
  expect(tape.status).toMatch(/^recording to a\.wsrec: 0 sent, 0 received, \d{2,} B$/);
  const stopping = tape.stop(again.signal);
  again.abort();
  expect(await stopping).toEqual({
    summary: expect.stringMatching(/^the disk does not answer: \d+ B are not written to a\.wsrec$/),
    hasFailed: true,
  });
  disk.release();
});
