/** Shows that no text from the other side reaches a terminal as anything but text. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safeLine, safeText } from "../../src/base/safe-text.js";

/** Every code unit that a terminal or a bidi algorithm would obey; newline and tab are allowed. */
const controls = [
  ...range(0x00, 0x08),
  ...range(0x0b, 0x1f),
  ...range(0x7f, 0x9f),
  0x061c,
  0x200e,
  0x200f,
  ...range(0x202a, 0x202e),
  ...range(0x2066, 0x2069),
];
const forbidden = new Set(controls);

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function controlsIn(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).filter((code) =>
    forbidden.has(code),
  );
}

/** Whether no half of a surrogate pair stands alone: that is what UTF-8 cannot carry. */
function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

/** Text that is full of what must not get through. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...controls).map((code) => String.fromCharCode(code)),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom("\n", "\t", "\u001b[2J", "\u001b]52;c;AAAA\u0007", "\ud800", "\udfff", "é"),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

describe("safeText", () => {
  test.each(controls.map((code) => [code.toString(16).padStart(4, "0"), code] as const))(
    "U+%s is shown, not obeyed",
    (_hex, code) => {
      const safe = safeText(`a${String.fromCharCode(code)}b`);
      expect(controlsIn(safe)).toEqual([]);
      expect(safe).toMatch(/^a.+b$/);
    },
  );

  test.each([
    ["\u001b[31mred\u001b[0m", "␛[31mred␛[0m"],
    ["bell\u0007", "bell␇"],
    ["\r", "␍"],
    ["\u007f", "␡"],
    ["\u009b2J", "\\u009b2J"],
    ["user\u202etxt.exe", "user\\u202etxt.exe"],
    ["line\u2028line", "line\\u2028line"],
    ["half \ud83d", "half \\ud83d"],
    ["half \ude00", "half \\ude00"],
    ["twice \ud83d\ud83d\ude00", "twice \\ud83d😀"],
  ])("%j becomes %j", (text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  test.each(["", "plain", "tab\tand\nnewline", "Grüße, 世界, 😀, العربية", "~ ", "§¶"])(
    "%j stays as it is",
    (text) => {
      expect(safeText(text)).toBe(text);
    },
  );

  test("never lets a control character through, whatever comes", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const safe = safeText(text);
        expect(controlsIn(safe)).toEqual([]);
        expect(isWellFormed(safe)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test("leaves what it made, and clean text, alone", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const safe = safeText(text);
        expect(safeText(safe)).toBe(safe);
      }),
      { numRuns: 200 },
    );
  });
});

describe("safeLine", () => {
  test("puts everything on one line", () => {
    expect(safeLine("a\nb\tc")).toBe("a⏎b c");
    expect(safeLine("a\r\nb")).not.toMatch(/[\r\n]/);
  });

  test("says when it cut", () => {
    expect(safeLine("x".repeat(200))).toBe("x".repeat(200));
    expect(safeLine("x".repeat(201))).toBe(`${"x".repeat(199)}…`);
    expect(safeLine("abcdef", 3)).toBe("ab…");
  });

  test("is never longer than the limit, never more than one line, never harmful", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const line = safeLine(text, limit);
        expect(line.length).toBeLessThanOrEqual(limit);
        expect(line).not.toMatch(/[\n\t]/);
        expect(controlsIn(line)).toEqual([]);
        expect(isWellFormed(line)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test("does not work through a megabyte to show its beginning", () => {
    expect(safeLine("\u001b".repeat(1_000_000), 10)).toBe(`${"␛".repeat(9)}…`);
  });
});
