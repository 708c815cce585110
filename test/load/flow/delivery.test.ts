/** Shows that the delivery ledger counts exactly what was lost, doubled and reordered. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Stream, windowSize } from "../../../src/load/flow/delivery.js";

/** Lets a stream take all of them; counts what it says. */
function takeAll(sequences: readonly number[]) {
  const stream = new Stream(sequences[0]!, 0);
  const counts = { next: 0, gap: 0, reordered: 0, duplicate: 0, whole: 0 };
  for (const sequence of sequences.slice(1)) counts[stream.take(sequence, 0, 0)]++;
  stream.finish(0, 0);
  const { came, duplicate, reordered } = stream;
  expect({ came, duplicate, reordered }).toEqual({
    came: counts.next + counts.gap + counts.reordered,
    duplicate: counts.duplicate,
    reordered: counts.reordered,
  });
  return { ...counts, lost: stream.lost };
}

/** The same by keeping everything. */
function model(sequences: readonly number[]) {
  const seen = new Set<number>();
  const counts = { next: 0, gap: 0, reordered: 0, duplicate: 0, whole: 0 };
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

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: -windowSize + 1, max: 0 }) },
);
const begin = fc.integer({ min: 200, max: 2 ** 32 - 1e6 });

describe("one stream", () => {
  test("is exact as long as nothing comes later than the window", () => {
    fc.assert(
      fc.property(begin, fc.array(step, { maxLength: 300 }), (first, steps) => {
        const sequences = [first];
        let highest = first;
        for (const by of steps) {
          sequences.push(highest + by);
          highest = Math.max(highest, highest + by);
        }
        expect(takeAll(sequences)).toEqual(model(sequences));
      }),
      { numRuns: 300 },
    );
  });

  test("tells what was missed in the gap of a reconnect from what was lost while connected", () => {
    const cut = fc.tuple(step, fc.boolean());
    fc.assert(
      fc.property(begin, fc.array(cut, { maxLength: 200 }), (first, steps) => {
        const stream = new Stream(first, 1);
        const seen = new Set([first]);
        const gaps: { from: number; to: number; isAway: boolean }[] = [];
        let [highest, epoch, before] = [first, 1, 1];
        for (const [by, isCut] of steps) {
          if (isCut) epoch += 2;
          const sequence = highest + by;
          if (by > 1) gaps.push({ from: highest + 1, to: sequence - 1, isAway: epoch !== before });
          // What is late, or a copy, may have been sent again: it says nothing of what has been missed.
          if (by > 0) before = epoch;
          stream.take(sequence, epoch, 0);
          seen.add(sequence);
          highest = Math.max(highest, sequence);
        }
        stream.finish(epoch, 0);
        const missing = (isAway: boolean): number => {
          let sum = 0;
          for (const gap of gaps.filter((each) => each.isAway === isAway)) {
            for (let each = gap.from; each <= gap.to; each++) if (!seen.has(each)) sum++;
          }
          return sum;
        };
        expect(stream.missed).toBe(missing(true));
        expect(stream.lost - stream.missed).toBe(missing(false));
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

  test("a gap knows which of its numbers are lost, and when it was seen", () => {
    const stream = new Stream(10, 1);
    stream.take(16, 1, 5);
    stream.take(13, 1, 6);
    stream.take(17, 3, 7);
    stream.finish(3, 8);
    expect(stream).toMatchObject({ lost: 4, missed: 0 });
    expect(stream.losses).toMatchObject([{ firstLost: 11, lastLost: 15, lost: 4, at: 5 }]);
  });

  test("a late message after a reconnect leaves what follows it in the gap of that reconnect", () => {
    const stream = new Stream(8, 1);
    stream.take(10, 1, 0);
    expect(stream.take(9, 3, 1)).toBe("reordered");
    stream.take(15, 3, 2);
    stream.finish(3, 3);
    expect(stream).toMatchObject({ lost: 4, missed: 4 });
    expect(stream.losses).toMatchObject([{ firstLost: 11, lastLost: 14, isAway: true }]);
  });

  test("one that came damaged is not lost, and is delivered when it comes again whole", () => {
    const stream = new Stream(0, 1);
    expect(stream.takeDamaged(1, 1, 0)).toBe("next");
    expect(stream.takeDamaged(4, 1, 0)).toBe("gap");
    expect(stream.takeDamaged(4, 1, 0)).toBe("duplicate");
    expect(stream.takeDamaged(3, 1, 0)).toBe("reordered");
    expect(stream.take(4, 1, 0)).toBe("whole");
    expect(stream.take(4, 1, 0)).toBe("duplicate");
    for (let each = 5; each < 400; each++) expect(stream.take(each, 1, 0)).toBe("next");
    expect(stream.takeDamaged(3, 1, 0)).toBe("duplicate");
    stream.finish(1, 1);
    expect(stream).toMatchObject({ lost: 1, came: 396, duplicate: 4, reordered: 1 });
    expect(stream.losses).toMatchObject([{ firstLost: 2, lastLost: 2, lost: 1 }]);
  });

  test("a damaged one that nobody can name stands in the gap that follows at once, or in none", () => {
    const stream = new Stream(0, 1);
    // A copy of what then comes, or of what came.
    stream.takeNameless();
    stream.take(1, 1, 0);
    stream.take(4, 1, 0);
    stream.takeNameless();
    stream.takeNameless();
    stream.takeNameless();
    stream.take(7, 3, 0);
    stream.takeNameless();
    stream.finish(3, 0, 500);
    expect(stream).toMatchObject({ lost: 2 + 492, missed: 0 });
    expect(stream.losses).toMatchObject([
      { firstLost: 2, lastLost: 3 },
      { firstLost: 9, lastLost: 500, lost: 492 },
    ]);
  });

  test("what is known to have been sent and never came is missed by who was away", () => {
    const stream = new Stream(0, 1);
    stream.take(1, 1, 0);
    stream.finish(2, 9, 400);
    expect(stream).toMatchObject({ lost: 399, missed: 399 });
    expect(stream.losses).toMatchObject([{ firstLost: 2, lastLost: 400, lost: 399, at: 9 }]);
  });
});
