/** Owns finding what is done again and again in a flow, and writing it as a loop. */
import type { Entry } from "./flow.js";

/** Fewer turns than this are as well written out. */
const fewest = 3;
/** So many steps at most are taken together. */
const longest = 8;

/** The entries with runs of equal ones in loops. */
export function withLoops(entries: readonly Entry[]): Entry[] {
  const keys = entries.map(({ step }) => JSON.stringify(step));
  const written: Entry[] = [];
  for (let at = 0; at < entries.length;) {
    const { length, turns } = runAt(keys, at);
    if (turns < fewest) {
      written.push(entries[at]!);
      at++;
      continue;
    }
    const block = entries.slice(at, at + length);
    written.push({
      step: { loop: { count: turns, flow: block.map(({ step }) => step) } },
      notes: [`${turns} times the same`, ...new Set(block.flatMap(({ notes }) => notes))],
    });
    at += length * turns;
  }
  return written;
}

/** The run that begins there: of those that cover most, the one with the shortest block. */
function runAt(keys: readonly string[], at: number): { length: number; turns: number } {
  let best = { length: 1, turns: 1 };
  for (let length = 1; length <= longest && at + length * fewest <= keys.length; length++) {
    let turns = 1;
    while (isAgain(keys, at, at + length * turns, length)) turns++;
    if (turns >= fewest && turns * length > best.turns * best.length) best = { length, turns };
  }
  return best;
}

function isAgain(keys: readonly string[], first: number, second: number, length: number): boolean {
  if (second + length > keys.length) return false;
  for (let index = 0; index < length; index++) {
    if (keys[first + index] !== keys[second + index]) return false;
  }
  return true;
}
