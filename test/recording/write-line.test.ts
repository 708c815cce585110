/** Shows that what is written is read again, whatever was said, and that lines stay lines. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLine } from "../../src/recording/parse-line.js";
import { payloadLength, payloadOf, plainWire } from "../../src/recording/payload.js";
import type { MessageLine } from "../../src/recording/line.js";
import { rewriteLine } from "../../src/recording/rewrite-line.js";
import { type MessageFacts, writeLine, writeMessage } from "../../src/recording/write-line.js";
import { readText, header } from "./recording-files.js";

function written(facts: MessageFacts, t = 1): { line: string; message: MessageLine } {
  const line = writeMessage(t, facts)!;
  return { line, message: parseLine(line) as MessageLine };
}

const hostile = [
  "",
  "\n",
  "\r\n\0\u001b[2J\u0085\u009b1m",
  "\u2028\u2029\u202e\u200f\ufeff",
  '}\n{"t":0,"k":"end","in":0,"out":0}\n',
  "# no comment",
  '"\\\u0000\u007f',
  "💥 žluťoučký",
  "</script>",
];

test.each(hostile)(
  "the text %j comes back, and the line is one line of harmless characters",
  (text) => {
    const payload = Buffer.from(text);
    const { line, message } = written({ direction: "in", op: 1, payload });
    expect(line.endsWith("}\n")).toBe(true);
    expect(line.slice(0, -1)).not.toMatch(
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      /[\0-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/,
    );
    expect(message.data).toBe(text);
    expect(payloadOf(message).equals(payload)).toBe(true);
    expect(payloadLength(message)).toBe(payload.length);
    for (const kind of ["mark", "close", "gap"] as const) {
      const other = writeLine(
        kind === "mark"
          ? { t: 1, k: kind, text }
          : kind === "gap"
            ? { t: 1, k: kind, why: text }
            : { t: 1, k: kind, by: "server", code: 1000, reason: text },
      );
      expect(other.indexOf("\n")).toBe(other.length - 1);
      expect(Object.values(parseLine(other))).toContain(text);
    }
  },
);

test.each<[string, number, number[]]>([
  ["text that is no UTF-8", 1, [0xed, 0xa0, 0x80]],
  ["text that is cut within a character", 1, [0xf0, 0x9f]],
  ["binary", 2, [0x61]],
  ["nothing, as binary", 2, []],
  ["a ping", 9, [0x61, 0x62]],
])("%s is kept as base64", (_what, op, bytes) => {
  const payload = Buffer.from(bytes);
  const { message } = written({ direction: "out", op, payload });
  expect(message.data).toBeUndefined();
  expect(message.b64).toBe(payload.toString("base64"));
  expect(message.op).toBe(op);
  expect(payloadOf(message).equals(payload)).toBe(true);
});

describe("what is told of the wire", () => {
  const payload = Buffer.from("abc");
  test.each<[Partial<MessageFacts>, string]>([
    [{}, ""],
    [{ wire: 5 }, ""],
    [{ wire: 9 }, ',"wire":9'],
    [{ direction: "out", wire: 9 }, ""],
    [{ frags: [3] }, ""],
    [{ frags: [1, 2], rsv1: true }, ',"frags":[1,2],"rsv1":true'],
    [{ rsv1: false }, ""],
  ])("%j", (facts, told) => {
    const { line } = written({ direction: "in", op: 1, payload, ...facts });
    expect(line.slice(line.indexOf('"abc"') + 5)).toBe(`${told}}\n`);
  });

  test("nothing beside a text that was redacted, of which it would tell how long its secret is", () => {
    const facts = { direction: "in" as const, payload, wire: 99, frags: [40, 50], rsv1: true };
    expect(writeMessage(1, { ...facts, op: 1 }, true)).toBe(
      '{"t":1,"k":"in","op":1,"data":"abc","rsv1":true,"redacted":true}\n',
    );
    expect(writeMessage(1, { ...facts, op: 2 }, true)).toContain('"wire":99,"frags":[40,50]');
  });

  test.each([0, 125, 126, 65_535, 65_536])("%i bytes", (length) => {
    const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(plainWire("in", length)).toBe(head + length);
    expect(plainWire("out", length)).toBe(head + 4 + length);
  });
});

test("whatever is said is read again", async () => {
  const message = fc.record({
    direction: fc.constantFrom("in" as const, "out" as const),
    op: fc.constantFrom(1, 2, 9, 10),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: "binary", maxLength: 100 }).map((text) => Buffer.from(text)),
    ),
    t: fc.double({ min: 0, max: 1e9, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message), async (messages) => {
      const text = messages.map(({ t, ...facts }) => writeMessage(t, facts)).join("");
      const { lines, torn } = await readText(header + text, {}, 50);
      expect(torn).toBe(false);
      const said = (lines as MessageLine[]).map((line) => [line.k, line.op, payloadOf(line)]);
      expect(said).toEqual(messages.map(({ direction, op, payload }) => [direction, op, payload]));
    }),
    { numRuns: 50 },
  );
});

test("a message of 64 MiB, and of characters that take six bytes each", () => {
  for (const [op, byte, mebi] of [
    [1, 0x61, 64],
    [1, 0x00, 41],
    [2, 0x00, 64],
  ] as const) {
    const payload = Buffer.alloc(mebi * 1024 * 1024, byte);
    const line = writeMessage(1, { direction: "in", op, payload })!;
    expect(line.length).toBeLessThan(256 * 1024 * 1024);
    expect(payloadOf(parseLine(line) as MessageLine).equals(payload)).toBe(true);
  }
});

test("what is too large to be read back is not written", () => {
  const payload = Buffer.alloc(200 * 1024 * 1024);
  expect(writeMessage(1, { direction: "in", op: 2, payload })).toBeUndefined();
});

describe("a line of a file that is changed", () => {
  const raw =
    ' { "t" : 1.50 , "k":"in", "__proto__": {"a":[1e999, 12345678901234567890]}, "op":1,\t"data":"x\\u0041", "n\\u0065w": 1e-7 } ';

  test("is the same without changes", () => {
    expect(rewriteLine(raw, {})).toBe(raw);
  });

  test("keeps the spelling of all else", () => {
    const changed = rewriteLine(raw, { data: "y\u2028", redacted: true, op: undefined });
    expect(changed).toBe(
      String.raw`{"t" : 1.50,"k":"in","__proto__": {"a":[1e999, 12345678901234567890]},"data":"y\u2028","n\u0065w": 1e-7,"redacted":true}`,
    );
  });

  test("knows names however they are spelt, and leaves one of several", () => {
    expect(rewriteLine('{"a":1,"\\u0061":2,"b":"}{,\\""}', { a: 3 })).toBe('{"a":3,"b":"}{,\\""}');
    expect(rewriteLine("{}", { a: 1 })).toBe('{"a":1}');
  });

  test("has the values that were given, whatever it was", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (before, changes) => {
          const after = JSON.parse(rewriteLine(JSON.stringify(before), changes)) as unknown;
          const wanted = new Map([...Object.entries(before), ...Object.entries(changes)]);
          expect(after).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(wanted))));
        },
      ),
      { numRuns: 200 },
    );
  });
});
