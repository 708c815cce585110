/**
 * Owns the tokens of JSON (RFC 8259) as bytes: where each one ends, and whether it is one at all.
 * Nothing is decoded and nothing allocated.
 */

/** What is no token: no position is 0, since something begins before it. */
export const invalid = 0;

const [quote, backslash, minus, plus, point] = [0x22, 0x5c, 0x2d, 0x2b, 0x2e];

/** Of each byte within a string: 0 when it stands for itself and is ASCII. */
const special = new Uint8Array(256).fill(1, 0, 0x20).fill(1, 0x80);
special[quote] = 1;
special[backslash] = 1;

/** The position of the first byte that is no white space, or `end`. */
export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  // Most JSON on the wire has none.
  return from < end && bytes[from]! <= 0x20 ? skipSpaces(bytes, from, end) : from;
}

function skipSpaces(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

/**
 * Whether the string that {@link skipString} went over last holds an escape, so that its bytes are
 * not its text; and whether it holds bytes that are not ASCII, UTF-8 or not.
 */
export let wasEscaped = false;
export let wasWide = false;

/**
 * The position of a string's closing quote, or {@link invalid}.
 * @param from after its opening quote
 */
export function skipString(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && special[bytes[at]!] === 0) at++;
  wasEscaped = false;
  wasWide = false;
  if (at < end && bytes[at] === quote) return at;
  return skipRest(bytes, at, end);
}

/** The same, of a string that is not plain. */
function skipRest(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (special[byte] === 0) continue;
    if (byte === quote) return at;
    if (byte < 0x20) return invalid;
    if (byte === backslash) {
      wasEscaped = true;
      const length = escapeLength(bytes, at + 1, end);
      if (length === 0) return invalid;
      at += length;
    } else wasWide = true;
  }
  return invalid;
}

/** How long what follows a backslash is; 0 when that is no escape. */
function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return 0;
  const byte = bytes[at]!;
  if (byte !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0;
  if (end - at < 5) return 0;
  for (let digit = 1; digit <= 4; digit++) if (!isHex(bytes[at + digit]!)) return 0;
  return 5;
}

/** The position after a number that begins at `from`, or {@link invalid}. */
export function skipNumber(bytes: Uint8Array, from: number, end: number): number {
  let at = bytes[from] === minus ? from + 1 : from;
  const whole = at;
  at = skipDigits(bytes, at, end);
  // There is at least one digit, and none follows a leading zero.
  if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return invalid;
  if (at < end && bytes[at] === point) {
    const fraction = at + 1;
    at = skipDigits(bytes, fraction, end);
    if (at === fraction) return invalid;
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++;
    if (at < end && (bytes[at] === plus || bytes[at] === minus)) at++;
    const exponent = at;
    at = skipDigits(bytes, exponent, end);
    if (at === exponent) return invalid;
  }
  return at;
}

/** The position after these ASCII bytes, which stand at `from`, or {@link invalid}. */
export function skipLiteral(
  bytes: Uint8Array,
  from: number,
  end: number,
  literal: Uint8Array,
): number {
  const after = from + literal.length;
  return after <= end && holds(bytes, from, literal) ? after : invalid;
}

/** Whether these bytes stand at `from`; they must not reach beyond the end. */
export function holds(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}

function skipDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(bytes[at]!)) at++;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
