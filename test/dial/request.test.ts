/** Shows that the usual request is a browser's, and that the user has the last word. */
import { describe, expect, test } from "vitest";
import { serialiseRequest } from "../../src/frame/http-head.js";
import { headerValue } from "../../src/frame/upgrade.js";
import { buildRequest, PreparedRequest, type RequestOptions } from "../../src/dial/request.js";
import { parseTarget } from "../../src/dial/target.js";

const target = parseTarget("ws://u:p@a:81/x?y");

function headersOf(options: RequestOptions): string[] {
  return buildRequest(target, { key: "k", ...options }).headers.map((pair) => pair.join(": "));
}

describe("the usual request", () => {
  test("has its headers in the order of browsers", () => {
    const request = buildRequest(target, {
      key: "k",
      origin: "http://o",
      subprotocols: ["a", "b"],
      extensions: "permessage-deflate",
      cookie: "c=d",
    });
    expect(request).toEqual({
      method: "GET",
      target: "/x?y",
      headers: [
        ["Host", "a:81"],
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Key", "k"],
        ["Sec-WebSocket-Version", "13"],
        ["Origin", "http://o"],
        ["Sec-WebSocket-Protocol", "a, b"],
        ["Sec-WebSocket-Extensions", "permessage-deflate"],
        ["Authorization", `Basic ${btoa("u:p")}`],
        ["Cookie", "c=d"],
      ],
    });
  });

  test("has a new key each time, and the authorization that was asked for", () => {
    const first = buildRequest(parseTarget("ws://a"), { authorization: "Bearer x" }).headers;
    const second = buildRequest(parseTarget("ws://a")).headers;
    expect(first[3]?.[1]).not.toBe(second[3]?.[1]);
    expect(first.at(-1)).toEqual(["Authorization", "Bearer x"]);
    expect(second).toHaveLength(5);
  });

  test("refuses a subprotocol that is not a token", () => {
    expect(() => headersOf({ subprotocols: ["a", "Bearer eyJ"] })).toThrow(/"Bearer eyJ"/);
  });
});

describe("the user's headers", () => {
  test("replace the usual ones in place, in the user's case, duplicates kept", () => {
    const lines = headersOf({
      origin: "http://o",
      headers: [
        ["X-1", "a"],
        ["hOST", "evil"],
        ["upgrade", "foo"],
        ["x-1", "b"],
        ["Host", "twice"],
        ["origin", ""],
      ],
    });
    expect(lines).toEqual([
      "hOST: evil",
      "Host: twice",
      "upgrade: foo",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: k",
      "Sec-WebSocket-Version: 13",
      "origin: ",
      `Authorization: Basic ${btoa("u:p")}`,
      "X-1: a",
      "x-1: b",
    ]);
  });
});

describe("a prepared request", () => {
  const keyOf = ({ headers }: { headers: readonly (readonly [string, string])[] }): string =>
    headerValue(headers, "Sec-WebSocket-Key")!;

  test("has a key of its own each time, in its headers as in its bytes", () => {
    const prepared = new PreparedRequest(target, {
      key: undefined,
      headers: [["X-Room", "lobby"]],
    });
    const requests = Array.from({ length: 100 }, () => prepared.next());
    expect(new Set(requests.map(keyOf)).size).toBe(100);
    for (const { method, target: path, headers, bytes } of requests) {
      const written = serialiseRequest({ method, target: path, headers });
      expect(bytes.toString("latin1")).toBe(written.bytes.toString("latin1"));
      expect(Buffer.from(headerValue(headers, "Sec-WebSocket-Key")!, "base64")).toHaveLength(16);
    }
  });

  test("says what an unprepared one does, but for the key", () => {
    const options = { origin: "http://o", subprotocols: ["a"], headers: [["a", "b"]] as const };
    const request = new PreparedRequest(target, options).next();
    const plain = buildRequest(target, { ...options, key: keyOf(request) });
    expect(request.headers).toEqual(plain.headers);
  });

  test("leaves a key alone that was given, by option or by header", () => {
    for (const options of [
      { key: "mine" },
      { headers: [["Sec-WebSocket-Key", "mine"]] as const },
    ]) {
      const prepared = new PreparedRequest(target, options);
      expect([keyOf(prepared.next()), keyOf(prepared.next())]).toEqual(["mine", "mine"]);
      // All its answers would be the same in their accept value too: there is nothing to know them by.
      expect(prepared.usual).toBeUndefined();
    }
  });
});
