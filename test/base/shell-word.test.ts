import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "../../src/base/shell-word.js";

test("what needs no quotes has none", () => {
  expect(shellWord("https://h:1/a,b=c@d%20+e-f_g")).toBe("https://h:1/a,b=c@d%20+e-f_g");
  expect(shellWord("")).toBe("''");
  expect(shellWord("it's")).toBe("'it'\\''s'");
});

test("a shell reads each word as it was", () => {
  const words = fc.sample(fc.string({ unit: "binary-ascii", maxLength: 30 }), 40).map((word) =>
    // No argument can hold it.
    word.replaceAll("\0", ""),
  );
  const script = `printf '%s\\0' ${words.map(shellWord).join(" ")}`;
  const read = execFileSync("bash", ["-c", script], { encoding: "latin1" });
  expect(read.split("\0").slice(0, -1)).toEqual(words);
});

test("control characters never stand in it", () => {
  expect(shellWord("a\r\nb\u001b[2J")).toBe(String.raw`$'a\x0d\x0ab\x1b[2J'`);
});

test.each([
  ["=ls", "'=ls'"],
  ["é\n", String.raw`$'\xc3\xa9\x0a'`],
  ["a\u202eb", String.raw`$'a\xe2\x80\xaeb'`],
  ["\u{1f600}\u0007", String.raw`$'\xf0\x9f\x98\x80\x07'`],
  ["é", "'é'"],
])("%j is %s", (word, written) => {
  expect(shellWord(word)).toBe(written);
});

test("what is hidden is read by a shell as UTF-8", () => {
  const words = ["é\n\u{1f600}", "\u202e=x", "=ls", "a'\\\u2066b", "\u00a0\u0085"];
  const read = execFileSync("bash", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`]);
  expect(read.toString().split("\0").slice(0, -1)).toEqual(words);
});
