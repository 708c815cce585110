/** Owns what is said while it goes on: lines on stderr, so that stdout holds nothing but results. */

/** Says one line. */
export function note(line) {
  process.stderr.write(`${line}\n`);
}
