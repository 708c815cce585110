/** Shows that a recording is looked at when it is one's own, and not a moment before. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type * as alone from "../../src/recording/alone.js";
import { Recorder } from "../../src/recording/recorder.js";
import { recorderOptions } from "./recording-files.js";

let beforeItIsOurs = (): void => {};

vi.mock("../../src/recording/alone.js", async (original) => {
  const { claim } = await original<typeof alone>();
  return {
    claim: (file: FileHandle, name: string) => {
      beforeItIsOurs();
      return claim(file, name);
    },
  };
});

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-continued-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what another has written until it let go is kept", async () => {
  const file = path.join(folder, "a.wsrec");
  const done = path.join(folder, "done.wsrec");
  const other = await Recorder.open(recorderOptions({ path: done }));
  other.mark("precious");
  await other.finish();
  const whole = readFileSync(done, "utf8");
  // At first it has nothing in it; by the time that it is ours it is whole.
  writeFileSync(file, "");
  beforeItIsOurs = () => writeFileSync(file, whole);
  const again = await Recorder.open(recorderOptions({ path: file, append: true }));
  beforeItIsOurs = () => {};
  again.mark("more");
  await again.finish();
  const text = readFileSync(file, "utf8");
  expect(text.startsWith(whole)).toBe(true);
  expect(text).toMatch(/"more"\}\n\{[^\n]*"end"[^\n]*\}\n$/);
});
