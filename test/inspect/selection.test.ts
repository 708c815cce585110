import { describe, expect, test } from "vitest";
import type { Check, Tier } from "../../src/inspect/check.js";
import { costOf, selected } from "../../src/inspect/selection.js";

function check(id: string, tier: Tier, cost: Check["cost"] = { handshakes: 1 }): Check {
  const rule = { id, title: id, severity: "low", source: "x", why: "w", fix: "f" } as const;
  return { rule, tier, needs: "open", cost, run: async () => [] };
}

const all = [
  check("HS-01", "default"),
  check("HS-05", "default", { handshakes: 2 }),
  check("TLS-1", "default"),
  check("FP", "default"),
  check("FP-2", "active"),
  check("OR-1", "origins", { handshakes: 3, connections: 2 }),
  check("AU-1", "security", { handshakes: 4, bytes: 100 }),
  check("RL-3", "active", { handshakes: 50, connections: 50, bytes: 5 }),
];

function ids(choice: {
  tiers?: readonly Tier[];
  only?: readonly string[];
  skip?: readonly string[];
}): string[] {
  const { tiers = ["default"], only = [], skip = [] } = choice;
  return selected(all, { tiers: new Set(tiers), only, skip }).map(({ rule }) => rule.id);
}

describe("what is chosen", () => {
  test.each<[string, Parameters<typeof ids>[0], string[]]>([
    ["by tier", {}, ["HS-01", "HS-05", "TLS-1", "FP"]],
    ["by tiers", { tiers: ["origins", "security"] }, ["OR-1", "AU-1"]],
    ["by an id, whatever its tier", { only: ["RL-3"] }, ["RL-3"]],
    ["in the order of the catalogue", { only: ["OR-1", "HS-05"] }, ["HS-05", "OR-1"]],
    ["by family, in any case", { only: ["hs", "Tls"] }, ["HS-01", "HS-05", "TLS-1"]],
    ["by an id that a family has as well: that check alone", { only: ["fp"] }, ["FP"]],
    ["by a beginning", { only: ["FP*"] }, ["FP", "FP-2"]],
    ["by a beginning within a family", { only: ["hs-0*", "r*"] }, ["HS-01", "HS-05", "RL-3"]],
    ["less one that a family is called by", { only: ["FP*"], skip: ["FP"] }, ["FP-2"]],
    ["less some", { skip: ["hs-05", "TLS", "FP"] }, ["HS-01"]],
    ["skipped rather than chosen", { only: ["HS"], skip: ["HS-01"] }, ["HS-05"]],
    ["nothing", { tiers: [] }, []],
  ])("%s", (_what, choice, chosen) => {
    expect(ids(choice)).toEqual(chosen);
  });

  test.each([
    ["HS-50", /did you mean HS-0[15]\?/],
    ["TSL", /did you mean TLS\?/],
    ["H", /wsctl inspect --list/],
    ["", /wsctl inspect --list/],
    ["HS-0", /wsctl inspect --list/],
    ["*", /wsctl inspect --list/],
    ["ZZ*", /wsctl inspect --list/],
    ["H*S", /wsctl inspect --list/],
  ])("an unknown id is refused: %s", (selector, hint) => {
    for (const choice of [{ only: [selector] }, { skip: [selector] }]) {
      expect(() => ids(choice)).toThrow(
        expect.objectContaining({ code: "WSCTL_EUSAGE", hint: expect.stringMatching(hint) }),
      );
    }
  });
});

describe("a choice that leaves nothing is refused, and says what was left out", () => {
  test.each<[string, Parameters<typeof ids>[0], string]>([
    ["one", { only: ["HS-05"], skip: ["hs"] }, "HS-05 left out by --skip hs"],
    [
      "a tier",
      { skip: ["HS", "TLS-1", "F*"] },
      "HS-01, HS-05, TLS-1, FP left out by --skip HS, TLS-1, F*",
    ],
    ["a family", { only: ["TLS", "OR"], skip: ["OR", "TLS"] }, "TLS-1, OR-1 left out"],
  ])("%s", (_what, choice, message) => {
    expect(() => ids(choice)).toThrow(
      expect.objectContaining({
        code: "WSCTL_EUSAGE",
        message: expect.stringContaining(message),
        hint: expect.stringContaining("--only"),
      }),
    );
  });

  test("many are not all named", () => {
    const many = Array.from({ length: 30 }, (_, i) => check(`XX-${i}`, "default"));
    const choose = () => selected(many, { tiers: new Set(["default"]), only: [], skip: ["XX"] });
    expect(choose).toThrow(/XX-7 and 22 more left out by --skip XX$/);
  });
});

test("costs add up; connections at once do not", () => {
  expect(costOf(all)).toEqual({ handshakes: 63, connections: 50, bytes: 105 });
  expect(costOf([])).toEqual({ handshakes: 0, connections: 1, bytes: 0 });
});
