/**
 * Owns sharding: which connections and which sends of the global plan a worker owns. The union over
 * N shards is the same for every N, because everything follows from global indices.
 */

/** A worker's part of a plan: connections from (inclusive) to (exclusive), by global index. */
export interface Shard {
  /** 0-based. */
  readonly index: number;
  readonly of: number;
  readonly from: number;
  readonly to: number;
}

/** Cuts `total` connections into `of` contiguous shards whose sizes differ by one at most. */
export function cut(total: number, of: number): Shard[] {
  return Array.from({ length: of }, (_, index) => ({
    index,
    of,
    from: Math.floor((index * total) / of),
    to: Math.floor(((index + 1) * total) / of),
  }));
}
