/** Shows how a line that is too long for the page goes on: under its text. */
import { stripVTControlCharacters } from "node:util";
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { wrapped } from "../../src/report/wrapped.js";

const words = "one two three four five six seven eight";

describe("a line that is too long", () => {
  test.each([
    ["has room", words, 60, [words]],
    ["begins with its text", words, 20, ["one two three four", "five six seven eight"]],
    ["is set in", `   ${words}`, 20, ["   one two three", "   four five six", "   seven eight"]],
    ["has a mark", `✓ ${words}`, 20, ["✓ one two three four", "  five six seven", "  eight"]],
    [
      "has a word in front",
      `BAD  ${words}`,
      20,
      ["BAD  one two three", "     four five six", "     seven eight"],
    ],
    [
      "has too much in front",
      `a very long name  ${words}`,
      20,
      ["a very long name", "one two three four", "five six seven eight"],
    ],
  ])("%s", (_, line, width, expected) => {
    expect(wrapped(line, width).map((one) => one.trimEnd())).toEqual(expected);
  });

  test("keeps its colours, and to the page", () => {
    const chalk = new Chalk({ level: 3 });
    const line = `${chalk.red("BAD")}  ${chalk.bold(words)}`;
    const lines = wrapped(line, 20);
    expect(lines.map((one) => stripVTControlCharacters(one))).toEqual(
      wrapped(stripVTControlCharacters(line), 20),
    );
    expect(lines[1]).toContain("\u001b[1m");
  });
});
