/** Owns the list of cases: a new one is an object in a file of this folder and a line here. */
import { dialCase } from "./dial.js";
import { rateCases } from "./rates.js";
import { soakCase } from "./soak.js";
import { throughputCases } from "./throughput.js";

/**
 * What the user asked for.
 * @typedef {{ rounds: number, seconds: number, warmUp: number }} Options seconds of each window and
 * before it
 */

/**
 * @typedef {object} Case
 * @property {string} name as `--only` has it
 * @property {string} title
 * @property {(options: Options) => Promise<import("../harness/result.js").Result>} run
 */

/** All cases, in the order in which they run. @type {Case[]} */
export const cases = [...throughputCases, ...rateCases, dialCase, soakCase];
