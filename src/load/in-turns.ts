/** Owns doing something to very many without holding up everything else. */

/** In one turn of the event loop it is at it for so long, in ms: what is due meanwhile is late by no more. */
const perTurn = 1;

/**
 * Does it to some in each turn of the event loop: to ten thousands at once it would hold up messages,
 * snapshots and replies for a second, and for many where other programs want the core as well.
 */
export async function inTurns<T>(all: Iterable<T>, act: (one: T) => void): Promise<void> {
  let until = performance.now() + perTurn;
  for (const one of all) {
    act(one);
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    until = performance.now() + perTurn;
  }
}
