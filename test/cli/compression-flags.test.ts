/** Shows what the compression flags offer, and what they refuse. */
import { Command } from "@commander-js/extra-typings";
import { describe, expect, test } from "vitest";
import { compressionOffer, refuseCompression } from "../../src/cli/compression-flags.js";
import { withConnectionOptions } from "../../src/cli/connection-options.js";
import type { CompressionOffer } from "../../src/session/session-options.js";
import { wsctl } from "./fake-host.js";

function flagsOf(args: readonly string[]) {
  const command = withConnectionOptions(new Command("x").exitOverride());
  command.parse(args, { from: "user" });
  return command.opts();
}

function offerOf(usually: boolean, ...args: string[]): CompressionOffer | undefined {
  return compressionOffer(flagsOf(args), usually);
}

test("whether it is offered is the command's choice, unless it is told", () => {
  const usual = { clientMaxWindowBits: true };
  expect([offerOf(true), offerOf(false)]).toEqual([usual, undefined]);
  expect([offerOf(false, "--compress"), offerOf(true, "--no-compress")]).toEqual([
    usual,
    undefined,
  ]);
});

test.each<[string, CompressionOffer]>([
  ["client_max_window_bits=10", { clientMaxWindowBits: 10 }],
  ["client_max_window_bits", { clientMaxWindowBits: true }],
  [
    'Server-No-Context-Takeover; server_max_window_bits="15"',
    { serverNoContextTakeover: true, serverMaxWindowBits: 15 },
  ],
  ["client_no_context_takeover,", { clientNoContextTakeover: true }],
  ["", {}],
])("parameters %j", (text, offer) => {
  expect(offerOf(false, "--compress-params", text)).toEqual(offer);
});

describe("is refused:", () => {
  test.each([
    ["client_max_window_bits=7", /8 to 15/],
    ["server_max_window_bits", /8 to 15/],
    ["client_no_context_takeover=1", /takes no value/],
    ["client_max_window_bits; client_max_window_bits=9", /twice/],
    ["client_max_windowbits=9", /not a parameter/],
    ["__proto__", /not a parameter/],
  ])("%s", (text, message) => {
    expect(() => offerOf(true, "--compress-params", text)).toThrow(message);
  });

  test("parameters of what is not offered", () => {
    expect(() => offerOf(true, "--no-compress", "--compress-params", "")).toThrow(/exclude/);
  });

  test.each(["--compress", "--compress-params=client_max_window_bits"])(
    "%s by load, before anything is dialled",
    async (flag) => {
      const { code, stderr } = await wsctl(["load", "ws://127.0.0.1:1", flag]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/error: load does not compress .*\[WSCTL_EUSAGE\]/);
      expect(() => refuseCompression(flagsOf([flag]), "x")).toThrow(/x does not compress/);
    },
  );

  test("but to go without is what load does", () => {
    expect(() => refuseCompression(flagsOf(["--no-compress"]), "load")).not.toThrow();
  });
});
