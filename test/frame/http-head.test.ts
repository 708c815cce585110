/** Shows that heads go out byte for byte, come in however they are cut, and never hang or explode. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import {
  type HeadLimits,
  type ResponseHead,
  ResponseHeadReader,
  serialiseRequest,
} from "../../src/frame/http-head.js";
import type { Header } from "../../src/frame/upgrade.js";

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function read(text: string, limits?: HeadLimits): ResponseHead | undefined {
  return new ResponseHeadReader(limits).push(latin1(text));
}

/** The error of reading that text in one piece. */
function errorOf(run: () => unknown): WsctlError {
  try {
    run();
  } catch (error) {
    if (error instanceof WsctlError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const switching =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Two:  a b \r\nx-two: c\r\n\r\n";

describe("a request head", () => {
  test("keeps order, case, duplicates and white space", () => {
    const headers: Header[] = [
      ["hOsT", "a:1"],
      ["X", "1"],
      ["x", " 2 "],
      ["X", "1"],
      ["Empty", ""],
    ];
    const request = serialiseRequest({ method: "GET", target: "/a?b=c", headers });
    expect(request.bytes.toString("latin1")).toBe(
      "GET /a?b=c HTTP/1.1\r\nhOsT: a:1\r\nX: 1\r\nx:  2 \r\nX: 1\r\nEmpty: \r\n\r\n",
    );
    expect(request).toMatchObject({ method: "GET", target: "/a?b=c", headers });
  });

  test("is one byte a character, and of the version asked for", () => {
    const { bytes } = serialiseRequest({
      method: "POST",
      target: "/",
      headers: [["X", "\u00e9\u00ff\t"]],
      httpVersion: "1.0",
    });
    expect(bytes).toEqual(latin1("POST / HTTP/1.0\r\nX: \u00e9\u00ff\t\r\n\r\n"));
  });

  test.each<[string, string, string, Header[]]>([
    ["a method with a space", "GET /", "/", []],
    ["no method", "", "/", []],
    ["a target with a space", "GET", "/a b", []],
    ["a target with a line break", "GET", "/\r\nX: y", []],
    ["an empty target", "GET", "", []],
    ["a name with a line break", "GET", "/", [["X\r\nY", "z"]]],
    ["a name with a colon", "GET", "/", [["X: y", "z"]]],
    ["an empty name", "GET", "/", [["", "z"]]],
    ["a value with CR", "GET", "/", [["X", "a\rb"]]],
    ["a value with LF", "GET", "/", [["X", "a\nb"]]],
    ["a value with NUL", "GET", "/", [["X", "a\0b"]]],
    ["a value beyond latin1", "GET", "/", [["X", "€"]]],
  ])("refuses %s", (_what, method, target, headers) => {
    const error = errorOf(() => serialiseRequest({ method, target, headers }));
    expect(error.code).toBe("WSCTL_EUSAGE");
    // oxlint-disable-next-line no-control-regex -- the message must not carry the injection on
    expect(error.message).not.toMatch(/[\0\r\n]/);
  });
});

describe("a response head", () => {
  test("is read with its bytes and where it ended", () => {
    const head = read(`${switching}\x81\x02hi`);
    expect(head).toEqual({
      end: switching.length,
      response: {
        httpVersion: "1.1",
        status: 101,
        reason: "Switching Protocols",
        headers: [
          ["Upgrade", "websocket"],
          ["X-Two", "a b"],
          ["x-two", "c"],
        ],
        bytes: latin1(switching),
      },
    });
  });

  test("may be cut anywhere", () => {
    for (let cut = 1; cut < switching.length; cut++) {
      const reader = new ResponseHeadReader();
      expect(reader.push(latin1(switching.slice(0, cut)))).toBeUndefined();
      expect(reader.received.length).toBe(cut);
      const head = reader.push(latin1(`..${switching.slice(cut)}rest`), 2);
      expect(head?.end).toBe(2 + switching.length - cut);
      expect(head?.response.bytes).toEqual(latin1(switching));
    }
  });

  test("does not keep the memory it was read from", () => {
    const chunk = latin1(switching);
    const head = new ResponseHeadReader().push(chunk);
    chunk.fill(0);
    expect(head?.response.bytes).toEqual(latin1(switching));
  });

  test("may come byte by byte, up to the limit", () => {
    const long = `HTTP/1.1 200 OK\r\nX: ${"y".repeat(65_000)}\r\n\r\n`;
    const reader = new ResponseHeadReader();
    const bytes = latin1(long);
    let head: ResponseHead | undefined;
    for (let at = 0; at < bytes.length; at++) head = reader.push(bytes, at, at + 1);
    expect(head?.response.headers[0]?.[1]).toHaveLength(65_000);
  });

  test.each([
    ["bare LF", "HTTP/1.1 101 X\nA: b\n\n", [["A", "b"]]],
    ["mixed line ends", "HTTP/1.1 101 X\r\nA: b\n\r\n", [["A", "b"]]],
    ["no reason", "HTTP/1.1 101\r\n\r\n", []],
    ["an empty reason", "HTTP/1.1 101 \r\n\r\n", []],
    ["a folded line", "HTTP/1.1 101 X\r\nA: b\r\n \t c \r\n\r\n", [["A", "b c"]]],
    ["latin1", "HTTP/1.1 101 X\r\nA: \xe9\r\n\r\n", [["A", "\xe9"]]],
    ["no space after the colon", "HTTP/1.1 101 X\r\nA:b:c\r\n\r\n", [["A", "b:c"]]],
    ["names of Object's own", "HTTP/1.1 101 X\r\n__proto__: x\r\n\r\n", [["__proto__", "x"]]],
  ])("with %s is understood, and its bytes are kept", (_what, text, headers) => {
    const head = read(text);
    expect(head?.response).toMatchObject({ status: 101, headers });
    expect(head?.response.bytes).toEqual(latin1(text));
  });

  test.each([
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", /not HTTP/],
    ["the echo of a request", "GET / HTTP/1.1\r\n", /not HTTP/],
    ["an empty first line", "\r\nHTTP/1.1 101 X\r\n\r\n", /not HTTP/],
    ["HTTP/2", "\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64", /HTTP\/2/],
    ["a TLS alert", "\x15\x03\x01\0\x02\x02\x46", /TLS/],
    ["zeros", "\0\0\0\0\0\0\0\0\0\0", /not HTTP/],
    ["no status", "HTTP/1.1 Hello\r\n\r\n", /not a status line/],
    ["a status of four digits", "HTTP/1.1 1010 X\r\n\r\n", /not a status line/],
    ["a bare CR in a value", "HTTP/1.1 101 X\r\nA: b\rc\r\n\r\n", /bare CR/],
    ["a NUL in a value", "HTTP/1.1 101 X\r\nA: b\0c\r\n\r\n", /NUL/],
    ["a line without a colon", "HTTP/1.1 101 X\r\nhello\r\n\r\n", /no colon/],
    ["a space before the colon", "HTTP/1.1 101 X\r\nA : b\r\n\r\n", /start with a name/],
    ["an empty name", "HTTP/1.1 101 X\r\n: b\r\n\r\n", /start with a name/],
    ["a fold before any header", "HTTP/1.1 101 X\r\n b\r\n\r\n", /white space/],
  ])("with %s is refused by name", (_what, text, message) => {
    const error = errorOf(() => read(text));
    expect(error.code).toBe("WSCTL_EHANDSHAKE");
    expect(error.message).toMatch(message);
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect([error.message, ...error.where].join("")).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
  });

  test("is refused as soon as it cannot be HTTP, without waiting for a line", () => {
    const reader = new ResponseHeadReader();
    expect(reader.push(latin1("HT"))).toBeUndefined();
    expect(() => reader.push(latin1("M"))).toThrow(/not HTTP/);
    expect(new ResponseHeadReader().push(latin1("\x15"))).toBeUndefined();
  });

  test("is bounded in bytes and headers, to the very byte", () => {
    const filler = switching.length;
    expect(read(switching, { maxBytes: filler })?.end).toBe(filler);
    expect(() => read(switching, { maxBytes: filler - 1 })).toThrow(/larger than/);
    expect(read(switching, { maxHeaders: 3 })?.end).toBe(filler);
    expect(() => read(switching, { maxHeaders: 2 })).toThrow(/more than 2 headers/);
    const reader = new ResponseHeadReader();
    expect(() => {
      for (let sent = 0; sent < 100; sent++) {
        reader.push(latin1(sent === 0 ? "HTTP/1.1 200 OK\r\n" : `X: ${"y".repeat(1020)}\r\n`));
      }
    }).toThrow(/larger than 65536/);
  });

  test("is read in linear time when it is hostile", () => {
    for (const unit of [" ", "\t \t", "\n ", ":", "a"]) {
      const head = `HTTP/1.1 101 X\r\nA:${unit.repeat(60_000 / unit.length)}x\r\n\r\n`;
      expect(read(head)?.response.headers).toHaveLength(1);
    }
  });

  test("of any headers comes back as it was, however it is cut", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
    const value = fc.stringMatching(/^(?:[!-~\xa0-\xff](?:[ -~\xa0-\xff]{0,20}[!-~\xa0-\xff])?)?$/);
    const cuts = fc.array(fc.nat(200), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), cuts, (headers, sizes) => {
        const lines = headers.map(([key, text]) => `${key}: ${text}\r\n`).join("");
        const bytes = latin1(`HTTP/1.1 200 OK\r\n${lines}\r\nbody`);
        const reader = new ResponseHeadReader();
        let at = 0;
        let head: ResponseHead | undefined;
        for (const size of [...sizes, bytes.length]) {
          const end = Math.min(bytes.length, at + size);
          head = reader.push(bytes, at, end);
          if (head) break;
          at = end;
        }
        expect(head?.response.headers).toEqual(headers);
        expect(head?.end).toBe(bytes.length - 4);
      }),
      { numRuns: 100 },
    );
  });

  test("of random bytes is never more than an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        const bytes = Buffer.concat([latin1("HTTP/1.1 101 X\r\n"), noise, latin1("\r\n\r\n")]);
        try {
          expect(new ResponseHeadReader().push(bytes)?.response.status).toBe(101);
        } catch (error) {
          expect(error).toMatchObject({ code: "WSCTL_EHANDSHAKE" });
        }
      }),
      { numRuns: 200 },
    );
  });
});
