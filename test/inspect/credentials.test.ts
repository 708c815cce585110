import { describe, expect, test } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import {
  anonymousRequest,
  anonymousTarget,
  credentialsOf,
  secretParameters,
} from "../../src/inspect/credentials.js";

describe("a target without credentials", () => {
  test.each([
    ["ws://h/chat?token=abc&room=1", "/chat?room=1"],
    ["ws://h/chat?token=abc", "/chat"],
    ["ws://h/chat?room=1?2&token=abc&x=?", "/chat?room=1?2&x=?"],
    ["ws://h/chat?tok%65n=abc&flag", "/chat?flag"],
    ["ws://h/chat", "/chat"],
    ["ws://ann:secret@h/chat?a=1", "/chat?a=1"],
    ["ws+unix:/run/app.sock:/chat?token=abc", "/chat"],
  ])("%s asks for %s", (url, path) => {
    const target = anonymousTarget(parseTarget(url));
    expect(target.path).toBe(path);
    expect(target.authorization).toBeUndefined();
    expect(target.url.endsWith(path)).toBe(true);
    expect(`${target.url} ${target.href}`).not.toMatch(/abc|ann|secret/);
  });
});

test("a request without credentials keeps the rest, in order", () => {
  const request = {
    cookie: "sid=1",
    authorization: "Bearer x",
    origin: "https://a.example",
    headers: [
      ["X-Trace", "1"],
      ["x-api-key", "k"],
      ["COOKIE", "a=b"],
      ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ],
    subprotocols: ["chat", "token.abc"],
  } as const;
  expect(anonymousRequest(request)).toEqual({
    cookie: undefined,
    authorization: undefined,
    origin: "https://a.example",
    headers: [
      ["X-Trace", "1"],
      ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ],
    subprotocols: ["chat"],
  });
  expect(credentialsOf(parseTarget("ws://h/"), request)).toEqual([
    "cookie",
    "header",
    "subprotocol",
  ]);
  expect(credentialsOf(parseTarget("ws://h/"), anonymousRequest(request))).toEqual([]);
});

test("credentials are found in the address", () => {
  expect(credentialsOf(parseTarget("ws://ann:x@h/?jwt=1"))).toEqual(["header", "query"]);
  expect(secretParameters(parseTarget("ws://h/?a=1&sig=2&access_token=3&code=4"))).toEqual([
    "sig",
    "access_token",
    "code",
  ]);
});
