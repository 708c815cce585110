/**
 * Owns what a client that is measured has to tell: how it is started for a given piece of work, and how
 * many messages it says it got back; and who of them can take part.
 */
import { note } from "./progress.js";

/**
 * What is to be done.
 * @typedef {object} Work
 * @property {string} url of the target
 * @property {string} [ca] path of its certificate, where it speaks TLS
 * @property {number} connections
 * @property {number} size of a message, in bytes
 * @property {number} inFlight requests unanswered on each connection
 * @property {number} lasts seconds of traffic that are needed
 * @property {string} folder an empty one, for files
 */

/**
 * How a process is started.
 * @typedef {object} Command
 * @property {string} file
 * @property {string[]} args
 * @property {Record<string, string>} [env]
 */

/**
 * One that takes part.
 * @typedef {object} Contender
 * @property {string} name
 * @property {number} [cores] how many it can keep busy; 1 unless told
 * @property {number} [slack] seconds that it takes to start, where it counts them as traffic
 * @property {() => Promise<string | undefined>} [absent] why it cannot take part
 * @property {(work: Work) => Command} command
 * @property {(folder: string, output: string) => number} received by its own count
 * @property {(folder: string, output: string) => object} [lag] how late it was, in cases of given rates
 */

/**
 * Who can take part, and why the others do not.
 * @param {Contender[]} contenders
 * @returns {Promise<{ present: Contender[], notes: string[] }>}
 */
export async function gather(contenders) {
  const present = [];
  const notes = [];
  for (const each of contenders) {
    const reason = await each.absent?.();
    if (reason === undefined) present.push(each);
    else notes.push(`SKIPPED ${each.name}: ${reason}`);
  }
  for (const text of notes) note(text);
  return { present, notes };
}
