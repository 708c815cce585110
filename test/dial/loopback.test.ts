/** Shows what counts as this machine. */
import { expect, test } from "vitest";
import { isLoopback, isOnLoopback } from "../../src/dial/loopback.js";

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["[::1]", true],
  ["::1", true],
  ["10.0.0.1", false],
  ["localhost.example.com", false],
  ["127.0.0.1.example.com", false],
])("%s: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test("a socket file is on this machine", () => {
  expect(isOnLoopback(["ws+unix:///tmp/x.sock:/chat"])).toBe(true);
});

test("all targets have to be", () => {
  expect(isOnLoopback(["ws://127.0.0.1:1/", "wss://localhost/"])).toBe(true);
  expect(isOnLoopback(["ws://127.0.0.1:1/", "wss://example.com/"])).toBe(false);
  expect(isOnLoopback(["no url"])).toBe(false);
});
