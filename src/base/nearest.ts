/** Owns the guess at what someone meant who mistyped a name. */

/** Names longer than this are not compared: the work grows with the product of the lengths. */
const longest = 64;

/** Letters of one name held against letters of another: more is not spent on one guess. */
const mostWork = 40_000;

/** How many letters must be put in, taken out, changed or swapped with a neighbour. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}

/**
 * The name of `names` that is most like `wanted` (case aside), or undefined when none is near
 * enough to be worth a guess: more than a third of its letters would have to change. Of very many
 * names only the first are looked at.
 */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  if (wanted.length > longest) return undefined;
  let best: string | undefined;
  let bestCost = Infinity;
  let work = 0;
  const small = wanted.toLowerCase();
  for (const name of names) {
    const most = Math.max(1, Math.ceil(name.length / 3));
    if (name.length > longest || Math.abs(name.length - wanted.length) > most) continue;
    work += (name.length + 1) * (wanted.length + 1);
    if (work > mostWork) break;
    const cost = distance(small, name.toLowerCase());
    if (cost < bestCost && cost <= most) {
      [best, bestCost] = [name, cost];
    }
  }
  return best;
}
