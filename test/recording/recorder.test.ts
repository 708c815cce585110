/** Shows what a recorder writes, when it asks for a pause, and what it does on a disk that fails. */
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { GapLine, MessageLine } from "../../src/recording/line.js";
import { readRecording } from "../../src/recording/reader.js";
import { Recorder } from "../../src/recording/recorder.js";
import { Redactor } from "../../src/recording/redactor.js";
import { FakeDisk } from "./fake-disk.js";
import { newPath, readFileLines, readText, recorderOptions } from "./recording-files.js";

afterEach(() => {
  vi.useRealTimers();
});

const text = (said: string) => ({ op: 1, payload: Buffer.from(said) });

test("the session of the manual", async () => {
  let clock = 1000;
  const options = recorderOptions({ now: () => clock });
  const recorder = await Recorder.open(options);
  recorder.upgrade({
    status: 101,
    target: "/chat",
    request: [["Host", "h"]],
    response: [["Upgrade", "websocket"]],
    phases: { dns: 0.4 },
  });
  clock += 12.481_23;
  const payload = Buffer.from('{"op":"join"}');
  recorder.message({ direction: "out", op: 1, payload });
  // It is free again once it is recorded.
  payload.fill(0);
  recorder.message({
    direction: "in",
    op: 2,
    payload: Buffer.from([0, 1, 2]),
    wire: 7,
    at: 1013.9,
  });
  recorder.message({ direction: "in", op: 9, payload: Buffer.alloc(0), at: 0 });
  recorder.gap({ why: "reconnect", attempt: 1, lasted: 1000.2 });
  recorder.mark("after login");
  recorder.close({ by: "server", code: 1000, reason: "" });
  await recorder.finish();
  await recorder.finish();
  recorder.mark("too late");
  recorder.message({ direction: "in", ...text("too late") });
  expect(readFileSync(options.path, "utf8")).toBe(
    `{"wsrec":1,"url":"ws://h/","startedAt":"2026-11-20T20:00:00.000Z","tool":"wsctl/0.0.0","redacted":[]}
{"t":0,"k":"upgrade","status":101,"target":"/chat","request":[["Host","h"]],"response":[["Upgrade","websocket"]],"phases":{"dns":0.4}}
{"t":12.481,"k":"out","op":1,"data":"{\\"op\\":\\"join\\"}"}
{"t":13.9,"k":"in","op":2,"b64":"AAEC","wire":7}
{"t":0,"k":"in","op":9,"b64":""}
{"t":12.481,"k":"gap","why":"reconnect","attempt":1,"lasted":1000.2}
{"t":12.481,"k":"mark","text":"after login"}
{"t":12.481,"k":"close","by":"server","code":1000,"reason":""}
{"t":12.481,"k":"end","in":1,"out":1}
`,
  );
  expect(statSync(options.path).mode & 0o777).toBe(0o600);
  expect(recorder.counts).toEqual({
    in: 1,
    out: 1,
    missed: 0,
    bytes: statSync(options.path).size,
  });
  expect(recorder.failed).toBeUndefined();
});

test("what is there already is not written over, and what cannot be made is said", async () => {
  const path = newPath();
  writeFileSync(path, "precious");
  await expect(Recorder.open(recorderOptions({ path }))).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
    hint: expect.stringContaining("another name") as string,
  });
  expect(readFileSync(path, "utf8")).toBe("precious");
  await expect(Recorder.open(recorderOptions({ path: `${path}/a` }))).rejects.toThrow(/directory/);
  await expect(Recorder.open(recorderOptions({ path, append: true }))).rejects.toThrow(
    /no JSON|whole line/,
  );
  expect(readFileSync(path, "utf8")).toBe("precious");
});

describe("a recording is gone on with", () => {
  test.each([
    ["that was ended", (whole: string) => whole],
    ["whose last line is torn", (whole: string) => `${whole}{"t":5,"k":"in","op":1,"da`],
    ["whose last line lacks its break", (whole: string) => whole.slice(0, -1)],
  ])("%s", async (_what, change) => {
    const options = recorderOptions({ now: () => 0 });
    const first = await Recorder.open(options);
    first.message({ direction: "in", ...text("one"), at: 7000 });
    await first.finish();
    const whole = readFileSync(options.path, "utf8");
    writeFileSync(options.path, change(whole));
    const startedAt = new Date(options.startedAt.getTime() + 3000);
    const second = await Recorder.open({ ...options, append: true, startedAt });
    second.message({ direction: "out", ...text("two"), at: 10 });
    await second.finish();
    const after = readFileSync(options.path, "utf8");
    expect(after.startsWith(whole)).toBe(true);
    const lines = await readFileLines(options.path);
    expect(lines.map(({ k }) => k)).toEqual(["in", "end", "out", "end"]);
    // A clock that was set back does not turn the time back.
    expect(lines[2]!.t).toBe(7010);
    expect(lines[3]).toMatchObject({ in: 1, out: 1 });
  });

  test("or begun", async () => {
    const options = recorderOptions({ append: true });
    await (await Recorder.open(options)).finish();
    await using recorded = readRecording(options.path);
    expect(await recorded.header).toMatchObject({ tool: options.tool });
  });
});

test("hostile text in every field", async () => {
  const bad = '\u0000\u001b[2J"\\\n\u2028\u202e\ud800{"k":"end"}\n';
  const disk = new FakeDisk();
  const recorder = Recorder.onDisk(disk, recorderOptions({ url: bad, tool: bad }));
  recorder.upgrade({
    status: 101,
    target: bad,
    request: [[bad, bad]],
    response: [[bad, bad]],
    phases: { [bad]: 1 },
  });
  recorder.message({ direction: "in", ...text(bad) });
  recorder.gap({ why: bad });
  recorder.mark(bad);
  recorder.close({ by: "nobody", code: 1006, reason: bad });
  await recorder.finish();
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  expect(disk.text).not.toMatch(/[\0-\u0009\u000b-\u001f\u2028\u202e]/);
  const { lines, torn } = await readText(disk.bytes);
  expect(torn).toBe(false);
  expect(lines.map(({ k }) => k)).toEqual(["upgrade", "in", "gap", "mark", "close", "end"]);
  expect(lines[3]).toMatchObject({ text: bad });
});

test("what its own address holds is hidden from the first line on", async () => {
  const options = recorderOptions({ url: "ws://h/?token=s3cr3t-of-the-url" });
  const recorder = await Recorder.open(options);
  recorder.mark("it is s3cr3t-of-the-url");
  await recorder.finish();
  expect(readFileSync(options.path, "utf8")).not.toContain("s3cr3t-of-the-url");
});

test.each(["", '{"wsr', '{"wsrec":1,"url":"ws'])("goes on with %j as with none", async (left) => {
  const options = recorderOptions({ append: true });
  writeFileSync(options.path, left);
  const recorder = await Recorder.open(options);
  recorder.mark("a");
  await recorder.finish();
  expect((await readFileLines(options.path)).map(({ k }) => k)).toEqual(["mark", "end"]);
});

test.each(['{"a":1', "notes of mine"])("does not go on with %j", async (left) => {
  const options = recorderOptions({ append: true });
  writeFileSync(options.path, left);
  await expect(Recorder.open(options)).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
  expect(readFileSync(options.path, "utf8")).toBe(left);
});

test.skipIf(process.platform === "win32")("does not go on with what is no plain file", async () => {
  const options = recorderOptions({ append: true, path: "/dev/null" });
  await expect(Recorder.open(options)).rejects.toMatchObject({
    message: expect.stringContaining("it is no plain file"),
  });
});

test.skipIf(process.platform !== "linux")(
  "of those that go on with one file at once, one does",
  async () => {
    const before = recorderOptions({ isAlone: true });
    for (const isThere of [false, true]) {
      const first = isThere ? await Recorder.open(before) : undefined;
      first?.mark("first");
      const { path } = isThere ? before : recorderOptions();
      const many = Array.from({ length: 8 }, () =>
        Recorder.open(recorderOptions({ path, append: true })),
      );
      const opened = await Promise.allSettled(many);
      const [one, ...more] = opened.flatMap((each) =>
        each.status === "fulfilled" ? [each.value] : [],
      );
      const why = opened.flatMap((each) =>
        each.status === "rejected" ? [String(each.reason)] : [],
      );
      expect(more).toEqual([]);
      expect(one === undefined).toBe(isThere);
      expect(new Set(why)).toEqual(new Set([expect.stringContaining("it is being recorded to")]));
      const writer = first ?? one!;
      writer.mark("second");
      await writer.finish();
      expect(writer.failed).toBeUndefined();
      const again = await Recorder.open(recorderOptions({ path, append: true }));
      await again.finish();
      const kinds = (await readFileLines(path)).map(({ k }) => k);
      expect(kinds).toEqual([...(isThere ? ["mark"] : []), "mark", "end", "end"]);
    }
  },
);

test("what another writes at the same moment is not written over, and every line is whole", async () => {
  const options = recorderOptions();
  const recorder = await Recorder.open(options);
  recorder.mark("ours");
  await vi.waitFor(() => expect(recorder.pending).toBe(0));
  // Between the look at the length and the write there is a moment for it.
  const line = '{"t":1,"k":"mark","text":"theirs"}\n';
  const methods = await fileMethods();
  const write = Reflect.get(methods, "write");
  const spy = vi.spyOn(methods, "write").mockImplementationOnce(function (
    this: FileHandle,
    ...args
  ) {
    appendFileSync(options.path, line);
    return Reflect.apply(write, this, args);
  });
  recorder.mark("ours again");
  await vi.waitFor(() => expect(recorder.pending).toBe(0));
  spy.mockRestore();
  recorder.mark("too late");
  await recorder.finish();
  expect(recorder.failed?.message).toMatch("something else writes to it");
  const marks = await readFileLines(options.path);
  expect(marks.map((each) => each["text"])).toEqual(["ours", "theirs", "ours again"]);
});

/** What all opened files share. */
async function fileMethods(): Promise<FileHandle> {
  const handle = await open(newPath(), "w");
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

test("a mark keeps what was said instead, whole and without its secrets", async () => {
  const redactor = new Redactor({ patterns: ["$.pin"] });
  redactor.learn("s3cr3t-t0k3n");
  const disk = new FakeDisk();
  const recorder = Recorder.onDisk(disk, recorderOptions({ redactor }));
  const say = (op: number, said: string | Buffer): void =>
    recorder.mark("rule 1: edited", { op, payload: Buffer.from(said) });
  say(1, '{"pin":1234,"of":"s3cr3t-t0k3n"}');
  say(1, `${"x".repeat(3995)}s3cr3t-t0k3n`);
  say(2, Buffer.alloc(100, 255));
  say(1, "");
  await recorder.finish();
  const { lines } = await readText(disk.text);
  const mark = { t: expect.any(Number) as number, k: "mark", text: "rule 1: edited" };
  expect(lines.slice(0, -1)).toEqual([
    { ...mark, op: 1, data: '{"pin":"[redacted]","of":"[redacted]"}', redacted: true },
    { ...mark, op: 1, data: `${"x".repeat(3995)}[redacted]`, redacted: true },
    { ...mark, op: 2, b64: Buffer.alloc(100, 255).toString("base64") },
    { ...mark, op: 1, data: "" },
  ]);
});

test("times are told to the microsecond", async () => {
  const disk = new FakeDisk();
  const recorder = Recorder.onDisk(disk, recorderOptions());
  const phases = { dns: 0.1 + 0.2, tcp: 1.000_499_9 };
  recorder.upgrade({ status: 101, request: [], response: [], phases });
  recorder.gap({ why: "reconnect", lasted: 0.1 + 0.2 });
  await recorder.finish();
  expect((await readText(disk.text)).lines).toMatchObject([
    { phases: { dns: 0.3, tcp: 1 } },
    { lasted: 0.3 },
    {},
  ]);
});

describe("behind", () => {
  test("gaps of one reason are one, and no other line is kept without bounds either", async () => {
    const disk = new FakeDisk();
    disk.hold();
    const recorder = Recorder.onDisk(disk, recorderOptions());
    for (let n = 0; n < 1000; n++) recorder.gap({ why: "not deflate", missed: 1 });
    expect(recorder.pending).toBeLessThan(1000);
    const long = "x".repeat(1024 * 1024);
    for (let n = 0; n < 40; n++) recorder.mark(long);
    for (let n = 0; n < 40; n++) recorder.close({ by: "server", code: 1000, reason: long });
    recorder.gap({ why: "broken", missed: 5 });
    expect(recorder.pending).toBeLessThan(19 * 1024 * 1024);
    disk.release();
    await recorder.finish();
    const { lines } = await readText(disk.bytes);
    const gaps = lines.filter((line): line is GapLine => line.k === "gap");
    expect(gaps.map(({ why, missed }) => [why, missed])).toEqual([
      ["not deflate", 1],
      ["not deflate", 999],
      ["disk", 5],
    ]);
  });

  const mebi = Buffer.alloc(1024 * 1024, 0x61);

  test("from 4 MiB on it asks for a pause, and says when it is over", async () => {
    const disk = new FakeDisk();
    disk.hold();
    const recorder = Recorder.onDisk(disk, recorderOptions());
    const told: boolean[] = [];
    recorder.on("pressure", (isOn) => told.push(isOn));
    for (let n = 0; n < 3; n++) recorder.message({ direction: "in", op: 1, payload: mebi });
    expect(recorder.behind).toBe(false);
    recorder.message({ direction: "in", op: 1, payload: mebi });
    expect(recorder.behind).toBe(true);
    expect(told).toEqual([true]);
    disk.release();
    await recorder.finish();
    expect(told).toEqual([true, false]);
    expect(recorder.counts).toMatchObject({ in: 4, missed: 0 });
  });

  test("who does not pause loses messages from 16 MiB on, and their number is told in their place", async () => {
    const disk = new FakeDisk();
    disk.hold();
    const recorder = Recorder.onDisk(disk, recorderOptions());
    for (let n = 0; n < 20; n++) recorder.message({ direction: "in", op: 1, payload: mebi });
    recorder.mark("behind the gap");
    disk.release();
    await recorder.finish();
    const { lines } = await readText(disk.bytes);
    expect(lines.map(({ k }) => k)).toEqual([...Array(16).fill("in"), "gap", "mark", "end"]);
    expect(lines[16]).toMatchObject({ why: "disk", missed: 4 });
    expect(recorder.counts).toMatchObject({ in: 16, missed: 4 });
  });

  test("where nothing can be paused it drops, and gaps account for every message", async () => {
    const disk = new FakeDisk();
    const recorder = Recorder.onDisk(disk, recorderOptions({ pausable: false }));
    const told: boolean[] = [];
    recorder.on("pressure", (isOn) => told.push(isOn));
    const sent = 40;
    for (let n = 0; n < sent; n++) {
      if (n % 10 === 0) disk.hold();
      recorder.message({ direction: "out", op: 2, payload: mebi });
      if (n % 10 === 9) {
        disk.release();
        await vi.waitFor(() => expect(recorder.counts.bytes).toBe(disk.bytes.length));
      }
    }
    await recorder.finish();
    const { lines } = await readText(disk.bytes);
    const kept = lines.filter(({ k }) => k === "out").length;
    const gaps = lines.filter(({ k }) => k === "gap") as GapLine[];
    const missed = gaps.reduce((sum, gap) => sum + gap.missed!, 0);
    expect(missed).toBeGreaterThan(0);
    expect(kept + missed).toBe(sent);
    expect(recorder.counts).toMatchObject({ out: kept, missed });
    expect(told).toEqual([]);
  });

  test("one message may be larger than all that may be pending", async () => {
    const disk = new FakeDisk();
    const recorder = Recorder.onDisk(disk, recorderOptions({ pausable: false }));
    const payload = Buffer.alloc(20 * 1024 * 1024, 0x62);
    recorder.message({ direction: "in", op: 2, payload });
    await recorder.finish();
    expect(recorder.counts).toMatchObject({ in: 1, missed: 0 });
  });
});

describe("a full disk", () => {
  test("is said at once, the session goes on, and what is missing is told when there is room", async () => {
    vi.useFakeTimers();
    const disk = new FakeDisk();
    let clock = 0;
    const recorder = Recorder.onDisk(disk, recorderOptions({ now: () => clock }));
    const told: unknown[] = [];
    recorder.on("trouble", (error) => told.push(error.message));
    recorder.on("recovered", (missed) => told.push(missed));
    recorder.on("pressure", (isOn) => told.push(isOn));
    recorder.message({ direction: "in", ...text("before") });
    await vi.advanceTimersByTimeAsync(0);
    const before = disk.text;
    disk.room = before.length + 10;
    const large = Buffer.alloc(1024 * 1024, 0x61);
    recorder.message({ direction: "in", op: 1, payload: large });
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([expect.stringMatching(/cannot write .*: the disk is full/)]);
    expect(disk.text).toBe(before);
    expect(recorder.failed?.message).toBe(told[0]);
    for (let n = 0; n < 100; n++) recorder.message({ direction: "in", op: 1, payload: large });
    // Nobody is made to wait for a disk that may stay full.
    expect(recorder.behind).toBe(false);
    await vi.advanceTimersByTimeAsync(3000);
    clock = 5000;
    disk.room = Infinity;
    await vi.advanceTimersByTimeAsync(1000);
    const { missed } = recorder.counts;
    expect(missed).toBe(85);
    expect(told.slice(1)).toEqual([missed]);
    recorder.message({ direction: "in", ...text("after") });
    await recorder.finish();
    const { lines } = await readText(disk.bytes);
    const gap = lines.findIndex(({ k }) => k === "gap");
    expect(lines[gap]).toMatchObject({ why: "disk", missed, lasted: 5000 });
    expect(gap).toBe(1 + 16);
    expect(lines.slice(gap + 1)).toMatchObject([{ data: "after" }, { k: "end", in: 18 }]);
  });

  test("that stays full leaves whole lines, and counts what is lost", async () => {
    const disk = new FakeDisk();
    disk.room = 10_000;
    const recorder = Recorder.onDisk(disk, recorderOptions());
    let told = 0;
    recorder.on("trouble", () => told++);
    for (let n = 0; n < 1000; n++) recorder.message({ direction: "out", ...text(`message ${n}`) });
    recorder.message({ direction: "out", op: 9, payload: Buffer.alloc(0) });
    await recorder.finish();
    const { lines, torn } = await readText(disk.bytes);
    expect(torn).toBe(false);
    expect(told).toBe(1);
    const { out, missed } = recorder.counts;
    expect(lines).toHaveLength(out);
    expect(out).toBeGreaterThan(100);
    expect(missed).toBe(1001 - out);
    expect((lines.at(-1) as MessageLine).data).toBe(`message ${out - 1}`);
  });

  test("from the beginning", async () => {
    const disk = new FakeDisk();
    disk.room = 0;
    const recorder = Recorder.onDisk(disk, recorderOptions());
    recorder.message({ direction: "in", ...text("lost") });
    await recorder.finish();
    expect(recorder.counts).toEqual({ in: 0, out: 0, bytes: 0, missed: 1 });
    expect(recorder.failed).toBeDefined();
  });
});
