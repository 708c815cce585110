/** Shows how many are in a circle at any moment, whatever has been forgotten of it. */
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { Steps } from "../../src/cluster/fanout-steps.js";
import { Hall, settle } from "./fanout-hall.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("what is forgotten up to a moment is not missing after it", () => {
  const move = fc.tuple(fc.nat(100), fc.constantFrom(1, -1));
  fc.assert(
    fc.property(fc.array(move), fc.array(fc.nat(100)), (moves, moments) => {
      const [steps, folded] = [new Steps(), new Steps()];
      steps.add(moves.flat());
      folded.add(moves.flat());
      for (const moment of moments.toSorted((a, b) => a - b)) {
        folded.fold(moment);
        folded.fold(moment - 1);
        expect(folded.at(moment)).toBe(steps.at(moment));
      }
    }),
    { numRuns: 50 },
  );
});

test("while nobody speaks, who comes and goes is forgotten all the same", () => {
  const fold = vi.spyOn(Steps.prototype, "fold");
  const hall = new Hall({ users: 4, audiences: ["all"], workers: 1 });
  hall.ledger.begin(0);
  for (let at = 0; at < 20_000; at += 500) {
    hall.open(0, at);
    hall.end(0, at + 250);
    hall.beat(at + 250);
  }
  const through = Math.max(...fold.mock.calls.map(([moment]) => moment)) / 1000;
  expect(through).toBeGreaterThan(20_000 - 2 * settle - 2000);
});
