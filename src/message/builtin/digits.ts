/** Owns writing numbers over numbers, without making a string of them. */

const powersOfTen = Array.from({ length: 17 }, (_, exponent) => 10 ** exponent);

/**
 * Writes a whole number not below zero, in decimal.
 * @returns false when it does not have `width` digits; then nothing was written
 */
export function writeDigits(into: Buffer, at: number, width: number, number: number): boolean {
  if (number >= powersOfTen[width]!) return false;
  if (width > 1 && number < powersOfTen[width - 1]!) return false;
  for (let place = width - 1, rest = number; place >= 0; place--) {
    const digit = rest % 10;
    into[at + place] = 0x30 + digit;
    rest = (rest - digit) / 10;
  }
  return true;
}
