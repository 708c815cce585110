import { describe, expect, test } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import {
  anonymousRequest,
  anonymousTarget,
  bareRequest,
  bareTarget,
  isCredential,
  secretParameters,
  withoutTokens,
} from "../../src/inspect/credentials.js";

describe("a target without credentials", () => {
  test.each([
    ["ws://h/chat?token=abc&room=1", "/chat?room=1"],
    ["ws://h/chat?token=abc", "/chat"],
    ["ws://h/chat?room=1?2&token=abc&x=?", "/chat?room=1?2&x=?"],
    ["ws://h/chat?tok%65n=abc&flag", "/chat?flag"],
    ["ws://h/chat?a=1;token=abc", "/chat?a=1"],
    ["ws://h/chat?a=1;token=abc;sub=abc&b=2", "/chat?a=1&b=2"],
    ["ws://h/chat?token=x;abc&b=2", "/chat?b=2"],
    ["ws://h/chat?token;abc=1", "/chat"],
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
});

test("credentials are found in the address", () => {
  expect(secretParameters(parseTarget("ws://h/?a=1&sig=2&access_token=3&code=4"))).toEqual([
    "sig",
    "access_token",
    "code",
  ]);
});

test("where others read along nothing goes but what every handshake says", () => {
  const token = "3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c";
  const request = {
    origin: "https://a.example",
    headers: [
      ["X-Tenant", "blue"],
      ["Host", "other"],
      ["User-Agent", "test"],
      ["Sec-WebSocket-Protocol", `access_token, ${token}`],
    ],
    subprotocols: ["access_token", token],
  } as const;
  const bare = bareRequest(request, false);
  expect(JSON.stringify(bare)).not.toMatch(/blue|3f9a/);
  expect(bare).toMatchObject({ origin: "https://a.example", subprotocols: ["access_token"] });
  expect(bare.headers?.map(([name]) => name)).toEqual([
    "Host",
    "User-Agent",
    "Sec-WebSocket-Protocol",
  ]);
  expect(JSON.stringify(bareRequest(request, true))).not.toContain("other");
  const target = bareTarget(parseTarget("wss://ann:pw@h/chat?room=7&s3cret&token=abc&b=2"));
  expect(target).toMatchObject({ path: "/chat?room=&b=", url: "wss://h/chat?room=&b=" });
  expect(JSON.stringify(target)).not.toMatch(/ann|pw|s3cret|abc/);
});

test("a header that the user keeps elsewhere is a credential", () => {
  const secretHeaders = new Set(["x-api"]);
  expect(isCredential(["X-Api", "a"], secretHeaders)).toBe(true);
  expect(isCredential(["X-Api", "a"])).toBe(false);
  expect(anonymousRequest({ headers: [["X-Api", "a"]] }, secretHeaders).headers).toEqual([]);
});

test.each([
  ["chat, token.abc", "chat"],
  ["token.abc", undefined],
  ["graphql-transport-ws", "graphql-transport-ws"],
  ["keyboard.v1", "keyboard.v1"],
])("%s without tokens is %s", (value, rest) => {
  expect(withoutTokens(value)).toBe(rest);
});

test.each([
  "sid",
  "SID",
  "user_sid",
  "connect.sid",
  "sess",
  "sessionid",
  "session_id",
  "JSESSIONID",
  "PHPSESSID",
  "auth",
  "ticket",
  "jwt",
  "key",
  "apikey",
  "sig",
  "signature",
  "code",
  "hmac",
])("the parameter %s is a credential", (name) => {
  expect(secretParameters(parseTarget(`ws://h/?a=1&${name}=x`))).toEqual([name]);
});

test.each([
  "id",
  "page",
  "v",
  "room",
  "side",
  "sidebar",
  "aside",
  "inside",
  "EIO",
  "transport",
  "q",
])("the parameter %s is none", (name) => {
  expect(secretParameters(parseTarget(`ws://h/?${name}=x`))).toEqual([]);
});
