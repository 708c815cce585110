/** Shows that every way to break the opening handshake is found, and nothing else is. */
import { describe, expect, test } from "vitest";
import { acceptFor, checkUpgrade, newKey } from "../../src/frame/handshake.js";
import { ResponseHeadReader, serialiseRequest } from "../../src/frame/http-head.js";
import type { Header } from "../../src/frame/upgrade.js";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const upgrade: Header = ["Upgrade", "websocket"];
const connection: Header = ["Connection", "Upgrade"];
const accepted: Header = ["Sec-WebSocket-Accept", accept];

function judge(answer: readonly Header[], asked: readonly Header[] = [], status = 101) {
  const request = serialiseRequest({
    method: "GET",
    target: "/",
    headers: [["Sec-WebSocket-Key", key], ...asked],
  });
  const lines = answer.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new ResponseHeadReader().push(Buffer.from(`HTTP/1.1 ${status} X\r\n${lines}\r\n`));
  return checkUpgrade(request, head!.response);
}

function kinds(answer: readonly Header[], asked?: readonly Header[], status?: number): string[] {
  return judge(answer, asked, status).map((problem) => problem.kind);
}

describe("the key", () => {
  test("is 16 bytes in base64, and new each time", () => {
    const keys = Array.from({ length: 1000 }, newKey);
    expect(new Set(keys).size).toBe(1000);
    expect(keys.filter((one) => Buffer.from(one, "base64").length !== 16)).toEqual([]);
  });

  test("has the accept value of the RFC's example", () => {
    expect(acceptFor(key)).toBe(accept);
  });
});

describe("a right answer", () => {
  test.each<[string, Header[], Header[]]>([
    ["plain", [upgrade, connection, accepted], []],
    ["in other case", [["UPGRADE", "WebSocket"], ["connection", "UPGRADE"], accepted], []],
    ["with a list", [upgrade, ["Connection", "keep-alive, upgrade"], accepted], []],
    ["with two fields", [upgrade, ["Connection", "close"], connection, accepted], []],
    [
      "with a subprotocol",
      [upgrade, connection, accepted, ["Sec-WebSocket-Protocol", "b"]],
      [["sec-websocket-protocol", "a, b"]],
    ],
    [
      "with extensions",
      [upgrade, connection, accepted, ["Sec-WebSocket-Extensions", 'b; x="1,2", a']],
      [
        ["Sec-WebSocket-Extensions", "a; p"],
        ["Sec-WebSocket-Extensions", "b"],
      ],
    ],
  ])("%s has no problems", (_what, answer, asked) => {
    expect(judge(answer, asked)).toEqual([]);
  });
});

describe("a wrong answer", () => {
  test.each<[string, string[], Header[], Header[]]>([
    ["Upgrade missing", ["upgrade"], [connection, accepted], []],
    ["Upgrade to something else", ["upgrade"], [["Upgrade", "h2c"], connection, accepted], []],
    ["Upgrade twice", ["upgrade"], [upgrade, upgrade, connection, accepted], []],
    ["Connection missing", ["connection"], [upgrade, accepted], []],
    ["Connection alike", ["connection"], [upgrade, ["Connection", "upgraded"], accepted], []],
    ["Accept missing", ["accept"], [upgrade, connection], []],
    ["Accept twice", ["accept"], [upgrade, connection, accepted, accepted], []],
    [
      "Accept in other case",
      ["accept"],
      [upgrade, connection, ["Sec-WebSocket-Accept", accept.toUpperCase()]],
      [],
    ],
    [
      "a key that came twice",
      ["accept"],
      [upgrade, connection, accepted],
      [["Sec-WebSocket-Key", key]],
    ],
    [
      "a subprotocol nobody asked for",
      ["subprotocol"],
      [upgrade, connection, accepted, ["Sec-WebSocket-Protocol", "a"]],
      [],
    ],
    [
      "several subprotocols in one",
      ["subprotocol"],
      [upgrade, connection, accepted, ["Sec-WebSocket-Protocol", "a, b"]],
      [["Sec-WebSocket-Protocol", "a, b"]],
    ],
    [
      "several subprotocols in two",
      ["subprotocol"],
      [
        upgrade,
        connection,
        accepted,
        ["Sec-WebSocket-Protocol", "a"],
        ["Sec-WebSocket-Protocol", "b"],
      ],
      [["Sec-WebSocket-Protocol", "a, b"]],
    ],
    [
      "an empty subprotocol",
      ["subprotocol"],
      [upgrade, connection, accepted, ["Sec-WebSocket-Protocol", ""]],
      [["Sec-WebSocket-Protocol", "a"]],
    ],
    [
      "an extension nobody asked for",
      ["extensions"],
      [upgrade, connection, accepted, ["Sec-WebSocket-Extensions", "permessage-deflate"]],
      [["Sec-WebSocket-Extensions", "x; y=permessage-deflate"]],
    ],
  ])("%s is found", (_what, found, answer, asked) => {
    expect(kinds(answer, asked)).toEqual(found);
  });

  test("has all its problems told, each with where the rule stands", () => {
    const problems = judge([], [], 200);
    expect(problems.map((problem) => problem.kind)).toEqual([
      "status",
      "upgrade",
      "connection",
      "accept",
    ]);
    for (const problem of problems) expect(problem.source).toMatch(/^RFC 6455 §4\.[12]/);
  });

  test("shows the right accept value beside the wrong one", () => {
    const [problem] = judge([upgrade, connection, ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9k"]]);
    expect(problem?.message).toContain('"s3pPLMBiTxaQ9k"');
    expect(problem?.message).toContain(`"${accept}"`);
  });

  test("cannot reach the terminal with what it says", () => {
    const [problem] = judge([["Upgrade", "\x1b[2J"], connection, accepted]);
    expect(problem?.message).toContain("␛[2J");
  });
});
