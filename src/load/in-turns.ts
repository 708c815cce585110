/** Owns doing something to very many without holding up everything else. */

/** In one turn of the event loop it is done to so many. */
const perTurn = 200;

/**
 * Does it to some in each turn of the event loop: to ten thousands at once it would hold up
 * snapshots and replies for a second, and for many where other programs want the core as well.
 */
export async function inTurns<T>(all: Iterable<T>, act: (one: T) => void): Promise<void> {
  let done = 0;
  for (const one of all) {
    act(one);
    if (++done % perTurn === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
