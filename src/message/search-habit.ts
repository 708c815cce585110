/**
 * Owns the choice between searching a message's bytes and parsing it: to search once costs less than
 * to parse, to search for every rule costs more. How many will ask is not known before they have; it
 * is guessed from the message before, which mostly was looked at in the same way.
 *
 * A wrong guess costs time, and changes no answer.
 */

/** Up to so many bytes, so many searches cost less than parsing: as measured, to be on the safe side. */
const [small, medium] = [128, 1024];

/** How many searches the message before, and the one that is looked at, were worth. */
let former = 0;
let present = 0;

/**
 * Whether the bytes of a message are to be searched, and not parsed.
 * @param nth the how manieth search of this message it is, from 1
 * @param length of the message in bytes
 */
export function isWorthSearching(nth: number, length: number): boolean {
  if (nth === 1) {
    former = present;
    present = 1;
  } else if (nth > present) present = nth;
  let most = 1;
  if (length <= small) most = 3;
  else if (length <= medium) most = 2;
  return nth <= most && former <= most;
}

/** Someone wants the message as JSON: such messages are parsed anyway. */
export function wantsParsing(): void {
  present = Infinity;
}
