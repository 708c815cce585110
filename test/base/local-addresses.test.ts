/** Shows which addresses blocks and ranges come to, and what is said of those that cannot be read. */
import fc from "fast-check";
import { isIP } from "node:net";
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { firstLocalAddress, localAddresses } from "../../src/base/local-addresses.js";

test.each<[string, string[], string[]]>([
  ["an address", ["127.0.0.2"], ["127.0.0.2"]],
  ["none", [], []],
  [
    "a block, without those of network and broadcast",
    ["127.0.0.0/29"],
    [1, 2, 3, 4, 5, 6].map((last) => `127.0.0.${last}`),
  ],
  ["a block named by an address within", ["127.0.0.5/30"], ["127.0.0.5", "127.0.0.6"]],
  ["a block of two", ["10.0.0.4/31"], ["10.0.0.4", "10.0.0.5"]],
  ["a block of one", ["10.0.0.4/32"], ["10.0.0.4"]],
  [
    "a range, both ends included",
    ["127.0.0.255-127.0.1.1"],
    ["127.0.0.255", "127.0.1.0", "127.0.1.1"],
  ],
  ["a range of one, with spaces", [" 127.0.0.9 - 127.0.0.9 "], ["127.0.0.9"]],
  ["a block of IPv6, all of it", ["fd00::/126"], ["fd00::", "fd00::1", "fd00::2", "fd00::3"]],
  [
    "a range of IPv6",
    ["fd00::fffe-fd00::1:1"],
    ["fd00::fffe", "fd00::ffff", "fd00::1:0", "fd00::1:1"],
  ],
  ["a dotted tail", ["::ffff:10.0.0.1/128"], ["::ffff:a00:1"]],
  ["an address with a zone", ["fe80::1%eth0"], ["fe80::1%eth0"]],
  [
    "all mixed, each once, in order",
    ["127.0.0.3", "127.0.0.0/30", "FD00::1", "127.0.0.2-127.0.0.3", "fd00:0::1"],
    ["127.0.0.3", "127.0.0.1", "127.0.0.2", "fd00::1"],
  ],
])("%s", (_what, written, addresses) => {
  expect(localAddresses(written)).toEqual(addresses);
});

describe("refused with an example", () => {
  test.each<[string, RegExp]>([
    ["here", /"here" is not a local address.*127\.0\.0\.0\/28/],
    ["", /"" is not a local address/],
    ["127.0.0.0/33", /0 to 32/],
    ["127.0.0.0/", /0 to 32/],
    ["127.0.0.0/1e1", /0 to 32/],
    ["fd00::/129", /0 to 128/],
    ["fe80::1%eth0/64", /is not a local address/],
    ["127.0.0.0/8/8", /is not a local address/],
    ["127.0.0.1-fd00::1", /is not a local address/],
    ["127.0.0.1-", /is not a local address/],
    ["127.0.0.1-20", /is not a local address.*127\.0\.0\.1-127\.0\.0\.20/],
    ["1-2-3", /is not a local address/],
    ["127.0.0.9-127.0.0.1", /write 127\.0\.0\.1-127\.0\.0\.9/],
    ["127.0.0.0/8", /16.777.214 addresses; at most 65.536.*127\.0\.0\.0\/28/],
    ["::/0", /more addresses; at most/],
    ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", /at most/],
  ])("%s", (written, told) => {
    const error = refusal([written]);
    expect(`${error.message} ${error.hint}`).toMatch(told);
    expect(() => firstLocalAddress(written)).toThrow(WsctlError);
  });

  test("too many together, though each is few enough", () => {
    expect(localAddresses(["10.0.0.0/16"])).toHaveLength(65_534);
    expect(localAddresses(["10.0.0.0/16", "10.1.0.0-10.1.0.1"])).toHaveLength(65_536);
    expect(refusal(["10.0.0.0/16", "10.1.0.0-10.1.0.2"]).message).toMatch(/65.537 addresses/);
  });
});

test("a range comes to as many addresses as lie between its ends, and each is one", () => {
  const v4 = (value: number): string => [24, 16, 8, 0].map((s) => (value >>> s) & 255).join(".");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 300 }), fc.nat(250), (from, more) => {
      const all = localAddresses([`${v4(from)}-${v4(from + more)}`]);
      expect(all).toHaveLength(more + 1);
      expect(all.every((address) => isIP(address) === 4)).toBe(true);
      expect([all[0], all.at(-1)]).toEqual([v4(from), v4(from + more)]);
    }),
    { numRuns: 50 },
  );
});

test("the first is known without the rest", () => {
  expect(["127.0.0.0/28", "127.0.0.7-127.0.0.9", "::1"].map(firstLocalAddress)).toEqual([
    "127.0.0.1",
    "127.0.0.7",
    "::1",
  ]);
});

function refusal(written: readonly string[]): WsctlError {
  try {
    localAddresses(written);
  } catch (error) {
    if (error instanceof WsctlError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
