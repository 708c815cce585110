/** Shows which pacer a run gets, and that it is told why. */
import { expect, test } from "vitest";
import { pacedBy, pacerOf, pacingFor } from "../../src/cluster/pacing.js";
import { planOf } from "../scenario/flags.js";

test("the ticker, where a core is to spare", () => {
  expect(pacingFor(undefined, { workers: 1, cores: 2 })).toEqual({ pacer: "ticker" });
  expect(pacingFor(undefined, { workers: 2, cores: 2 })).toEqual({
    pacer: "timer",
    because: "no core to spare for ticker",
  });
});

test("what was asked for, whatever there is", () => {
  expect(pacingFor("ticker", { workers: 4, cores: 1 })).toEqual({ pacer: "ticker" });
  expect(pacingFor("spin", { workers: 1, cores: 8 })).toEqual({ pacer: "spin" });
});

test("a plan is paced only where it has a rate", () => {
  const rate = planOf({ rate: "10" });
  const closed = planOf({});
  expect(pacerOf(pacedBy(rate, "spin"))).toBe("spin");
  expect(pacedBy(closed, "spin")).toBe(closed);
  expect(pacerOf(closed)).toBeUndefined();
});
