/** Shows that what cannot be recorded is said before anything is dialled, and makes no file. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { wsctl } from "./fake-host.js";

const file = "/nonexistent-for-tests/x.wsrec";

test.each<[string, string[], RegExp]>([
  ["no file", [], /where to record to is not said[^]*-o chat\.wsrec/],
  ["stdout", ["-o", "-"], /needs a file[^]*--json/],
  ["a folder that is not there", ["-o", file], /no such[^]*hint: make the directory first/],
  ["a device", ["-o", "/dev/null"], /no plain file[^]*hint: a recording is kept in a file/],
  ["no time", ["-o", file, "-d", "0s"], /--duration/],
  ["too much time", ["-o", file, "-d", "1000h"], /--duration/],
  ["no duration", ["-o", file, "-d", "long"], /--duration: "long"/],
  ["no such promise", ["-o", file, "--fsync", "twice"], /none, 1s, each/],
  ["no pattern", ["-o", file, "--redact", "$["], /\$\[/],
  ["neither path nor expression", ["-o", file, "--redact", "password"], /not a pattern/],
])("a mistake is exit 2: %s", async (_what, flags, said) => {
  const { code, stdout, stderr } = await wsctl(["record", "ws://127.0.0.1:1/", ...flags]);
  expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(said)]);
  expect(existsSync(file)).toBe(false);
});
