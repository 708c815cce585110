/** Shows that the delivery ledger counts exactly what was lost, doubled and reordered. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Stream, windowSize } from "../../../src/load/flow/delivery.js";

/** Lets a stream take all of them; counts what it says. */
function takeAll(sequences: readonly number[]) {
  const stream = new Stream(sequences[0]!, 0);
  const counts = { first: 1, next: 0, gap: 0, reordered: 0, duplicate: 0 };
  for (const sequence of sequences.slice(1)) counts[stream.take(sequence)]++;
  return { ...counts, lost: stream.finish() };
}

/** The same by keeping everything. */
function model(sequences: readonly number[]) {
  const seen = new Set<number>();
  const counts = { first: 1, next: 0, gap: 0, reordered: 0, duplicate: 0 };
  let highest = sequences[0]!;
  seen.add(highest);
  for (const sequence of sequences.slice(1)) {
    if (seen.has(sequence)) counts.duplicate++;
    else if (sequence < highest) counts.reordered++;
    else if (sequence === highest + 1) counts.next++;
    else counts.gap++;
    seen.add(sequence);
    highest = Math.max(highest, sequence);
  }
  let lost = 0;
  for (let each = sequences[0]! + 1; each < highest; each++) if (!seen.has(each)) lost++;
  return { ...counts, lost };
}

describe("one stream", () => {
  test("is exact as long as nothing comes later than the window", () => {
    const jumps = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 300 }) },
        { weight: 2, arbitrary: fc.integer({ min: -windowSize + 1, max: 0 }) },
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 2 ** 32 - 1e6 }), jumps, (first, steps) => {
        const sequences = [first];
        let highest = first;
        for (const step of steps) {
          sequences.push(highest + step);
          highest = Math.max(highest, highest + step);
        }
        expect(takeAll(sequences)).toEqual(model(sequences));
      }),
      { numRuns: 300 },
    );
  });

  test("a gap at the edge of the window is filled, one beyond it lost", () => {
    const upTo = (last: number) => Array.from({ length: last - 1 }, (_, i) => i + 2);
    expect(takeAll([0, ...upTo(windowSize), 1])).toMatchObject({ reordered: 1, lost: 0 });
    expect(takeAll([0, ...upTo(windowSize + 1), 1])).toMatchObject({ duplicate: 1, lost: 1 });
  });

  test("what was said before the receiver came is not lost", () => {
    expect(takeAll([1000, 1001, 998])).toMatchObject({ reordered: 1, lost: 0 });
  });
});
