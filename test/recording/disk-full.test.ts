/** Shows what a recorder does on a real disk that is full. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import type { GapLine } from "../../src/recording/line.js";
import { Recorder } from "../../src/recording/recorder.js";
import { readFileLines, recorderOptions } from "./recording-files.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-disk-full-"));

/** A disk of 1 MiB, where the machine lets us have one. */
function mountSmallDisk(): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "pipe" });
    return true;
  } catch {
    process.stderr.write("SKIPPED: a full disk; it takes root to mount a tmpfs\n");
    return false;
  }
}

const isMounted = mountSmallDisk();

afterAll(() => {
  if (isMounted) execFileSync("umount", ["-l", folder]);
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!isMounted)(
  "it is said at once, nothing earlier is lost, and it goes on later",
  async () => {
    const hog = path.join(folder, "hog");
    writeFileSync(hog, Buffer.alloc(512 * 1024));
    const options = recorderOptions({ path: path.join(folder, "a.wsrec") });
    const recorder = await Recorder.open(options);
    const trouble = new Promise<string>((resolve) => {
      recorder.once("trouble", ({ message }) => resolve(message));
    });
    const payload = Buffer.alloc(100 * 1024, 0x61);
    for (let n = 0; n < 10; n++) recorder.message({ direction: "in", op: 1, payload });
    expect(await trouble).toMatch(/cannot write .*a\.wsrec: the disk is full/);
    const early = await readFileLines(options.path);
    expect(early.every(({ k }) => k === "in")).toBe(true);
    expect(recorder.counts.bytes).toBe(statSync(options.path).size);
    // So many do not find room in memory either.
    for (let n = 0; n < 200; n++) recorder.message({ direction: "in", op: 1, payload });
    const { missed } = recorder.counts;
    expect(missed).toBeGreaterThan(0);
    // There is never room for all of them: what is left in the end is counted.
    unlinkSync(hog);
    await recorder.finish();
    const lines = await readFileLines(options.path);
    expect(lines.slice(0, early.length)).toEqual(early);
    expect(lines.length).toBe(recorder.counts.in);
    expect(recorder.counts.in + recorder.counts.missed).toBe(210);
    expect(recorder.failed?.message).toMatch("the disk is full");
  },
);

test.skipIf(!isMounted)("when there is room again, what was missed is told", async () => {
  const hog = path.join(folder, "hog");
  rmSync(path.join(folder, "a.wsrec"));
  writeFileSync(hog, Buffer.alloc(800 * 1024));
  const options = recorderOptions({ path: path.join(folder, "b.wsrec") });
  const recorder = await Recorder.open(options);
  const recovered = new Promise<number>((resolve) => recorder.once("recovered", resolve));
  const trouble = new Promise((resolve) => recorder.once("trouble", resolve));
  const payload = Buffer.alloc(60 * 1024, 0x61);
  for (let n = 0; n < 10; n++) recorder.message({ direction: "in", op: 1, payload });
  await trouble;
  unlinkSync(hog);
  expect(await recovered).toBe(0);
  recorder.mark("after");
  await recorder.finish();
  const lines = await readFileLines(options.path);
  expect(lines.map(({ k }) => k)).toEqual([...Array<string>(10).fill("in"), "mark", "end"]);
  expect(lines.filter((line): line is GapLine => line.k === "gap")).toEqual([]);
});
