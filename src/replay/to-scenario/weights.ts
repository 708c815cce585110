/** Owns how the users of a load are shared among kinds of them, of which none may get nobody. */
import { scenarioShares } from "../../scenario/share-out.js";

/** What each kind gets. */
export interface Weights {
  /** How many users there have to be. */
  readonly connections: number;
  /** Of each kind; as they were recorded, where that leaves nobody out. */
  readonly weights: readonly number[];
  /** What its user should know, where they are not as they were wanted. */
  readonly note?: string;
}

/**
 * The weights with which each kind is somebody.
 * @param recorded connections of each kind, one at least; @param connections users that are wanted
 */
export function fairWeights(recorded: readonly number[], connections: number): Weights {
  const isFair = scenarioShares(recorded)
    .counts(connections)
    .every((count) => count > 0);
  if (connections === 0 || isFair) return { connections, weights: recorded };
  const kinds = recorded.length;
  const all = recorded.reduce((sum, count) => sum + count, 0);
  if (connections < kinds) {
    const note = `${kinds} kinds of users are more than ${connections} users: there are ${kinds}, one of each; made with -c ${all}, they are as they were recorded`;
    return { connections: kinds, weights: recorded.map(() => 1), note };
  }
  // One for each, and the others as they were recorded.
  const spare = scenarioShares(recorded).counts(connections - kinds);
  const note = `of ${kinds} kinds of users, some would get none of ${connections} users: their weights are raised; made with -c ${all}, they are as they were recorded`;
  return { connections, weights: spare.map((count) => count + 1), note };
}
