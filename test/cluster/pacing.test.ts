/** Shows which pacer a run gets, and that it is told why. */
import { expect, test } from "vitest";
import { pacedBy, pacerOf, pacingFor } from "../../src/cluster/pacing.js";
import { planOf } from "../scenario/flags.js";

test("the ticker, where a core is to spare", () => {
  const none = { pacer: "timer", because: "no core to spare for ticker" };
  const apart = { workers: 1, cores: 2, loopback: false };
  expect(pacingFor(undefined, apart)).toEqual({ pacer: "ticker" });
  expect(pacingFor(undefined, { ...apart, workers: 2 })).toEqual(none);
});

test("a server on the same machine wants a core of its own", () => {
  const none = { pacer: "timer", because: "no core to spare for ticker" };
  const beside = { workers: 1, cores: 2, loopback: true };
  expect(pacingFor(undefined, beside)).toEqual(none);
  expect(pacingFor(undefined, { ...beside, cores: 3 })).toEqual({ pacer: "ticker" });
});

test("what was asked for, whatever there is", () => {
  expect(pacingFor("ticker", { workers: 4, cores: 1, loopback: true })).toEqual({
    pacer: "ticker",
  });
  expect(pacingFor("spin", { workers: 1, cores: 8, loopback: false })).toEqual({ pacer: "spin" });
});

test("a plan is paced only where it has a rate", () => {
  const rate = planOf({ rate: "10" });
  const closed = planOf({});
  expect(pacerOf(rate)).toBeUndefined();
  expect(pacerOf(pacedBy(rate, "spin"))).toBe("spin");
  expect(pacedBy(closed, "spin")).toBe(closed);
  expect(pacerOf(closed)).toBeUndefined();
});
