/** Holds the catalogue against the list of what clients get wrong, and the manual against the catalogue. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { faultKinds } from "../../src/faults/fault-kinds.js";
import type { FaultKind } from "../../src/faults/fault.js";
import { setOf } from "./rig.js";

const bytes = [
  ["latency", "latency=100ms±20ms"],
  ["bandwidth"],
  ["slow-close"],
  ["timeout"],
  ["reset"],
  ["slicer"],
  ["limit-data"],
  ["down"],
].flat();

const websocket = [
  ["accept-wrong", "accept-missing", "accept-static"],
  ["upgrade-200", "upgrade-301", "upgrade-401", "upgrade-426", "upgrade-503=30s"],
  ["never-101", "slow-101", "drip-headers"],
  ["glued-frame"],
  ["unasked-subprotocol", "unasked-extension"],
  ["masked-frame", "rsv", "bad-opcode", "long-length"],
  ["bad-utf8", "split-utf8"],
  ["fragment-drip", "empty-fragments"],
  ["bomb"],
  ["deflate-context-break"],
  ["no-pong", "late-pong", "wrong-pong"],
  ["blackhole-after"],
  ["flap"],
  [
    "close-1001",
    "close-1008",
    "close-1011",
    "close-1012",
    "close-1013",
    "close-4000",
    "close-4999",
  ],
  ["close-no-echo", "close-no-fin", "rst"],
  ["data-after-close"],
  ["idle-kill", "lifetime-kill"],
  ["dup", "drop", "reorder", "delay", "corrupt"],
  ["slow-consumer"],
  ["swap-backend"],
  ["stall"],
].flat();

describe("the catalogue has", () => {
  test.each([...bytes, ...websocket])("%s", (spec) => {
    expect(setOf([`${spec},p=0`]).list()).toHaveLength(1);
  });

  test("nothing that is not asked for here", () => {
    const asked = new Set([...bytes, ...websocket].map((spec) => spec.replace(/=.*/, "")));
    const stems = [...faultKinds.keys()].map((name) => name.replace(/[A-Z]+$/, ""));
    const unknown = stems.filter((stem) => ![...asked].some((name) => name.startsWith(stem)));
    expect(unknown).toEqual([]);
  });

  test.each(["p=50%", "at=3s", "every=5s", "at=1s,every=5s", "for=2s", "at=1s,for=2s", "count=2"])(
    "no fault that does not know %s",
    (schedule) => {
      const specs = [...faultKinds].map(([name, { numbers }]) =>
        name.replace(/[A-Z]+$/, String(numbers?.examples[0])),
      );
      expect(setOf(specs.map((spec) => `${spec},${schedule}`)).list()).toHaveLength(specs.length);
    },
  );
});

/** A line of the table in the manual. */
function row([name, kind]: readonly [string, FaultKind]): string {
  const { summary, reveals, value } = kind;
  const usual = value?.default === undefined ? "" : ` (${value.default})`;
  return `| \`${name}\` | ${summary} | ${value ? value.what + usual : ""} | ${reveals} |`;
}

test("the manual's table is the catalogue, in its order", () => {
  const manual = readFileSync(new URL("../../docs/serve.md", import.meta.url), "utf8");
  const [, table = ""] = manual.split("| fault | what it does |");
  const rows = table
    .split("\n\n", 1)[0]!
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  expect(rows).toEqual([...faultKinds].map(row));
});
