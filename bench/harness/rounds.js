/**
 * Owns taking turns: every contender is measured once in every round, so that whatever else the machine
 * does falls on all, and only what belongs to the same round is compared.
 */
import { note } from "./progress.js";
import { spreadOf } from "./statistics.js";

/** Who fails that often in a case is left out of the rest of it. */
const mostFailures = 2;

/** Set once somebody wants it to end; what is under way is given up. */
export const stopping = new AbortController();

/**
 * @template T
 * @param {string} name of the case
 * @param {number} count of rounds
 * @param {{ name: string }[]} contenders
 * @param {(contender: any, round: number) => Promise<T>} measure
 * @param {(reading: T) => string} describe for the line that tells of it
 * @returns {Promise<{ readings: Map<string, (T | undefined)[]>, notes: string[] }>} by name, one for
 * each round; nothing where it failed
 */
export async function takeTurns(name, count, contenders, measure, describe) {
  const readings = new Map(contenders.map((each) => [each.name, []]));
  const notes = [];
  const failures = new Map();
  for (let round = 0; round < count; round++) {
    // Who goes first changes, so that a machine that slows down favours nobody.
    for (const each of round % 2 === 0 ? contenders : contenders.toReversed()) {
      if (stopping.signal.aborted || failures.get(each) === mostFailures) continue;
      const turn = `${name} ${round + 1}/${count} ${each.name}`;
      try {
        const reading = await measure(each, round);
        readings.get(each.name)[round] = reading;
        note(`${turn}: ${describe(reading)}`);
      } catch (error) {
        if (stopping.signal.aborted) continue;
        failures.set(each, (failures.get(each) ?? 0) + 1);
        notes.push(`FAILED in round ${round + 1}: ${error.message.split("\n", 1)[0]}`);
        note(`${turn}: FAILED: ${error.message}`);
      }
    }
  }
  return { readings, notes };
}

/** One figure of all rounds that gave it. */
export function figuresOf(readings, pick) {
  return spreadOf(readings.filter((each) => each !== undefined).map(pick));
}

/** What one has to the other, round by round: only rounds that have both. */
export function ratiosOf(above, below, pick) {
  const ratios = [];
  for (const [round, reading] of above.entries()) {
    const other = below[round];
    if (reading !== undefined && other !== undefined) ratios.push(pick(reading) / pick(other));
  }
  return spreadOf(ratios);
}
