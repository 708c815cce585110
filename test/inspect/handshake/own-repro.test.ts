import { expect, test } from "vitest";
import type { DialOptions } from "../../../src/dial/dial.js";
import { parseTarget } from "../../../src/dial/target.js";
import type { Tier } from "../../../src/inspect/check.js";
import { authorized, reproOf } from "../../../src/inspect/handshake/own-repro.js";

const detours: DialOptions["detours"] = [];

test.each<[string, Tier, boolean]>([
  ["ws://example.com/", "active", true],
  ["ws://example.com/", "intrusive", true],
  ["ws://example.com/", "default", false],
  ["ws://127.0.0.1:1/", "active", false],
  ["ws+unix:/run/app.sock:/", "active", false],
])("to show again what is at %s, in the tier %s, takes a word: %s", (url, tier, isNeeded) => {
  const target = parseTarget(url);
  const command = reproOf("RL-1", target);
  const whole = isNeeded ? `${command} --i-am-authorized example.com` : command;
  expect(authorized(command, tier, target, { detours })).toBe(whole);
});

test("another command takes none", () => {
  const target = parseTarget("ws://example.com/");
  expect(authorized("curl http://example.com/", "active", target, {})).toBe(
    "curl http://example.com/",
  );
});
