/** Shows that lines that steps say are bounded by the second, and that none is left out unmentioned. */
import { expect, test } from "vitest";
import { LogLines } from "../../../src/load/flow/log-lines.js";

test("what is left out is told before the next line, or at the end", () => {
  const told: string[] = [];
  const log = new LogLines((line) => told.push(line));
  for (let n = 0; n < 130; n++) log.say(`first ${n}`, 10);
  log.say("second", 1010);
  for (let n = 0; n < 100; n++) log.say(`third ${n}`, 1020);
  log.end();
  log.end();
  expect(told.slice(99, 102)).toEqual([
    "first 99",
    "second (30 lines before this one left out)",
    "third 0",
  ]);
  expect(told.slice(-2)).toEqual(["third 98", "1 line more left out"]);
});

test("nothing is told at the end when nothing was left out, or nobody listens", () => {
  const told: string[] = [];
  const log = new LogLines((line) => told.push(line));
  log.say("a", 10);
  log.end();
  expect(told).toEqual(["a"]);
  const silent = new LogLines(undefined);
  expect(() => {
    silent.say("a", 10);
    silent.end();
  }).not.toThrow();
});
