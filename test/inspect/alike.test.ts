import { expect, test } from "vitest";
import { type Against, merged } from "../../src/inspect/alike.js";

function against(name: string, more: Partial<Against> = {}): Against {
  const alike = (names: string) => `taken: ${names}`;
  return {
    case: name,
    verdict: "fail",
    message: `${name} was taken`,
    evidence: [`answer: ${name}!`, "sent: something"],
    alike,
    ...more,
  };
}

test("what is the same is said once, with all that it holds for", () => {
  const { alike: _alike, ...alone } = against("c", { severity: "low" });
  expect(merged([against("a"), against("c", { severity: "low" }), against("b")])).toEqual([
    {
      case: "a, b",
      cases: ["a", "b"],
      verdict: "fail",
      message: "taken: a, b",
      evidence: ["a: a!", "b: b!"],
    },
    alone,
  ]);
});

test("another verdict, message, reason or fix is another finding", () => {
  const other = { alike: (names: string) => `refused: ${names}` };
  const all = [
    against("a"),
    against("b", { verdict: "warn" }),
    against("c", other),
    against("d", { why: "w" }),
    against("e", { fix: "f" }),
  ];
  expect(merged(all).map(({ message }) => message)).toEqual(
    ["a", "b", "c", "d", "e"].map((name) => `${name} was taken`),
  );
});

test("what cannot be said of several stays apart", () => {
  const { alike: _alike, ...apart } = against("a");
  expect(merged([apart, apart])).toEqual([apart, apart]);
  expect(merged([])).toEqual([]);
});
