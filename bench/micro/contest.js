/**
 * Owns a fair loop for small things: those that are compared are warmed up, then take turns in batches
 * of about equal length, and the median batch counts.
 */
import { note } from "../harness/progress.js";
import { spreadOf } from "../harness/statistics.js";

/**
 * One way to do something.
 * @typedef {object} Subject
 * @property {string} name
 * @property {(times: number) => unknown} run does it so many times; what it returns is looked at, so
 * that no compiler can leave it out
 * @property {number} [unit] it can only be done so many times at once; 1 unless told
 */

/** Several ways to do the same. @typedef {{ name: string, subjects: Subject[] }} Contest */

/** A batch takes so long, in ms. */
const batch = 20;
const warmUps = 5;

let sink;

/** How long that takes, in ms. */
function time(subject, times) {
  const begun = performance.now();
  sink = subject.run(times);
  return performance.now() - begun;
}

/** How many times fill a batch. */
function calibrate(subject) {
  const { unit = 1 } = subject;
  for (let units = 1; ; units *= 4) {
    const took = time(subject, units * unit);
    if (took > batch / 4) return Math.ceil((units * batch) / took) * unit;
  }
}

/**
 * @param {Contest} contest
 * @param {number} rounds
 * @returns {{ name: string, ns: import("../harness/statistics.js").Spread }[]} nanoseconds for each time
 */
export function hold({ name, subjects }, rounds) {
  note(`${name} …`);
  const times = new Map();
  for (const subject of subjects) {
    for (let i = 0; i < warmUps; i++) times.set(subject, calibrate(subject));
  }
  const ns = new Map(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const count = times.get(subject);
      ns.get(subject).push((time(subject, count) / count) * 1e6);
    }
  }
  if (sink === undefined) throw new Error(`${name} gave nothing`);
  return subjects.map((subject) => ({ name: subject.name, ns: spreadOf(ns.get(subject)) }));
}
