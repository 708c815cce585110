/** Shows what the first bytes in a tunnel are taken for, however they come. */
import { describe, expect, test } from "vitest";
import { FirstWords } from "../../src/proxy/first-words.js";

describe.each([
  ["GET / HTTP/1.1\r\nHost: x\r\n", "http"],
  ["OPTIONS * HTTP/1.0\n", "http"],
  ["EHLO x\r\n", "other"],
  ["PING \r\n", "other"],
  ["SET a b\r\n", "other"],
  ["SSH-2.0-x\r\n", "other"],
  ["PRI * HTTP/2.0\r\n\r\n", "other"],
  ["GET / HTTP/1.1 and more\r\n", "other"],
  ["\u0016\u0003\u0001", "tls"],
  ["\u0016\u0004", "other"],
  ["\u0000", "other"],
])("%j", (said, kind) => {
  test.each([
    ["at once", said.length],
    ["byte by byte", 1],
  ])(`is ${kind}, %s`, (_how, size) => {
    const words = new FirstWords();
    const bytes = Buffer.from(said, "latin1");
    let found: string | undefined;
    for (let at = 0; at < bytes.length && found === undefined; at += size) {
      found = words.take(bytes.subarray(at, at + size));
    }
    // A single byte is taken for what most begin with.
    expect(found).toBe(said.startsWith("\u0016\u0004") && size === 1 ? "tls" : kind);
  });
});

test("a line that does not end is nobody's, and what has not ended is not known", () => {
  const words = new FirstWords();
  expect(words.take(Buffer.from("GET /"))).toBeUndefined();
  expect(words.take(Buffer.alloc(65_536, "a"))).toBe("other");
  expect(words.bytes).toHaveLength(65_541);
});
