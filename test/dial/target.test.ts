/** Shows what may be typed as an address, and that mistakes are told without telling secrets. */
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { hostPort, parseTarget } from "../../src/dial/target.js";

describe("an address", () => {
  test.each([
    ["ws://example.com", "ws://example.com/", false, "example.com", 80, "/", "example.com"],
    ["WSS://Example.COM/x", "wss://example.com/x", true, "example.com", 443, "/x", "example.com"],
    ["wss://a:443", "wss://a/", true, "a", 443, "/", "a"],
    ["ws://a:443/", "ws://a:443/", false, "a", 443, "/", "a:443"],
    ["http://a:81/b?c", "ws://a:81/b?c", false, "a", 81, "/b?c", "a:81"],
    ["https://a", "wss://a/", true, "a", 443, "/", "a"],
    ["localhost:8080", "ws://localhost:8080/", false, "localhost", 8080, "/", "localhost:8080"],
    ["127.0.0.1:9/x", "ws://127.0.0.1:9/x", false, "127.0.0.1", 9, "/x", "127.0.0.1:9"],
    [":8080", "ws://localhost:8080/", false, "localhost", 8080, "/", "localhost:8080"],
    [
      ":8080/a?b=c",
      "ws://localhost:8080/a?b=c",
      false,
      "localhost",
      8080,
      "/a?b=c",
      "localhost:8080",
    ],
    ["  ws://a/ ", "ws://a/", false, "a", 80, "/", "a"],
    ["ws://[::1]:9/", "ws://[::1]:9/", false, "::1", 9, "/", "[::1]:9"],
    ["[::1]:9", "ws://[::1]:9/", false, "::1", 9, "/", "[::1]:9"],
    ["ws://a?b", "ws://a/?b", false, "a", 80, "/?b", "a"],
    ["ws://a/%23", "ws://a/%23", false, "a", 80, "/%23", "a"],
  ])("%s is understood", (text, url, secure, host, port, path, authority) => {
    expect(parseTarget(text)).toEqual({
      url,
      href: url,
      secure,
      host,
      port,
      path,
      authority,
      authorization: undefined,
    });
  });

  test("may carry credentials, which leave the address", () => {
    const target = parseTarget("ws://me:p%40ss%C3%A9@a/x");
    expect(target.url).toBe("ws://a/x");
    expect(target.authorization).toBe(`Basic ${Buffer.from("me:p@ssé").toString("base64")}`);
    // For dialling again they are still there, and are read as the same.
    expect(target.href).toBe("ws://me:p%40ss%C3%A9@a/x");
    for (const text of ["ws://me:p%40ss%C3%A9@a/x", "wss://me@[::1]:9/?q", "http://me:@a/"]) {
      const { href } = parseTarget(text);
      expect(parseTarget(href)).toEqual(parseTarget(text));
    }
    expect(parseTarget("ws://me@a").authorization).toBe(`Basic ${btoa("me:")}`);
  });

  test.each([
    ["", /cannot be read/],
    ["ws://", /no host/],
    ["ws:///path", /no host/],
    ["ws://:80/", /no host/],
    ["ws://a:0", /port 0/],
    ["ws://a:65536", /ports end at 65535/],
    ["a:b", /cannot be read/],
    ["ftp://a", /"ftp" is not a scheme/],
    ["constructor://a", /not a scheme/],
    ["ws//127.0.0.1:80/", /"ws\/\/" is not how an address begins/],
    ["wss:/a/b", /"wss:\/" is not how an address begins/],
    ["ws://a/#b", /fragment/],
    ["ws://a/x#", /fragment/],
    ["ws://a/b c", /space or a control/],
    ["ws://a/b\tc", /space or a control/],
    ["ws://a/\r\nX:", /space or a control/],
    ["ws://u%zz:p@a/", /% that encodes nothing/],
    ["ws://[::1", /cannot be read/],
  ])("%j is refused", (text, message) => {
    expect(() => parseTarget(text)).toThrow(WsctlError);
    expect(() => parseTarget(text)).toThrow(message);
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
  });

  test("is refused without its password", () => {
    expect(() => parseTarget("ws://me:secret@a/#x")).toThrow(/^"ws:\/\/…@a\/#x"/);
  });
});

test("host and port stand together as people write them", () => {
  expect([hostPort("a", 80), hostPort("::1", 80)]).toEqual(["a:80", "[::1]:80"]);
});

test.each([
  "https://user:c4n4ry@h ost/?a=b",
  "user:c4n4ry@h ost/",
  "ws://user:c4n4ry/c4n4ry@h/#a",
  "ws://h ost/?token=c4n4ry",
  "ws://h/?a=1&code=c4n4ry#x",
  "ftp://h/?x=c4n4ry",
])("what is wrong with %s is told without its secrets", (text) => {
  expect(() => parseTarget(text)).toThrow(/is not a WebSocket address/);
  expect(() => parseTarget(text)).not.toThrow(/c4n4ry/);
});
