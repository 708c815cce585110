/** Owns which row of a feeder a user carries: it follows from the user's global index alone. */
import { Random, seedOf } from "../base/random.js";
import type { PlanFeeder } from "./flow-plan.js";

/** The row, from 0, of the user of that global index. */
export function rowOf(
  { name, order, rows }: Pick<PlanFeeder, "name" | "order" | "rows">,
  seed: number,
  index: number,
): number {
  // A unique feeder has a row for every user: that is held when the scenario is compiled.
  if (order !== "random") return index % rows;
  return new Random(seedOf(seed, "row", name, index)).int(0, rows - 1);
}
