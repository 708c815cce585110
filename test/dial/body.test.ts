/** Shows that bodies are read by length, in chunks or to the close, bounded, whatever is broken. */
import { describe, expect, test } from "vitest";
import { BodyReader } from "../../src/dial/body.js";
import { ResponseHeadReader } from "../../src/frame/http-head.js";

/** Reads a response's body, in one piece or byte by byte. */
function read(response: string, step: number, method = "GET", limit = 100) {
  const bytes = Buffer.from(response, "latin1");
  const head = new ResponseHeadReader().push(bytes);
  const reader = new BodyReader(head!.response, method, limit);
  for (let at = head!.end; at < bytes.length; at += step) {
    reader.push(bytes, at, Math.min(bytes.length, at + step));
  }
  return { body: reader.bytes.toString("latin1"), done: reader.done };
}

const chunked = "HTTP/1.1 403 X\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";

describe.each([1, 2, 7, 1000])("in pieces of %i bytes", (step) => {
  test.each([
    ["by length", "HTTP/1.1 403 X\r\nContent-Length: 3\r\n\r\nabcdef", "abc", true],
    ["by length, cut short", "HTTP/1.1 403 X\r\nContent-Length: 9\r\n\r\nabc", "abc", false],
    ["of no length", "HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\nabc", "", true],
    ["to the close", "HTTP/1.1 403 X\r\n\r\nabc", "abc", false],
    ["with a length that is none", "HTTP/1.1 403 X\r\nContent-Length: -1\r\n\r\nabc", "abc", false],
    [
      "with two lengths",
      "HTTP/1.1 403 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc",
      "abc",
      false,
    ],
    ["in chunks", `${chunked}3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n`, "abc0123456789", true],
    ["in chunks with bare LF", `${chunked}1\na\n1\nb\n0\n\n`, "ab", true],
    ["in chunks without an end", `${chunked}3\r\nabc\r\n`, "abc", false],
    ["in chunks of no size", `${chunked}1\r\na\r\nxyz\r\nb`, "a", true],
    ["in chunks of a negative size", `${chunked}-1\r\na`, "", true],
    ["in chunks of a huge size", `${chunked}ffffffffffff\r\nab`, "ab", false],
    ["in chunks with an endless size", `${chunked}${"0".repeat(3000)}`, "", true],
    ["longer than wanted", `HTTP/1.1 403 X\r\n\r\n${"x".repeat(300)}`, "x".repeat(100), true],
    ["that cannot be", "HTTP/1.1 204 X\r\nContent-Length: 3\r\n\r\nabc", "", true],
  ])("%s", (_what, response, body, done) => {
    expect(read(response, step)).toEqual({ body, done });
  });
});

test("an answer to HEAD has none", () => {
  expect(read("HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\nabc", 1, "HEAD").body).toBe("");
});
