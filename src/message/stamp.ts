/**
 * Owns the correlation stamp: 43 characters within a message that say who sent it, the how
 * manieth it is and when, so that whoever receives it can measure, and can tell a changed message
 * from a foreign one.
 *
 * ```
 * ws1~ rrrrrrr sssssss nnnnnnn ttttttttttt ccccccc      (without the spaces)
 *      run     sender  seq     microseconds CRC-32 of all that precedes it
 * ```
 * Digits are base 32, `0-9a-v`, fixed width, most significant first: five bits each, so that
 * nothing needs a division, and nothing needs escaping in JSON, XML or a URL. The prefix shares no
 * character but the 1 and the s with the digits, so that no stamp holds another one's beginning.
 */

/** Its length, in characters and bytes. */
export const stampLength = 43;

const digits = Buffer.from("0123456789abcdefghijklmnopqrstuv", "latin1");
/** Value of each byte as a digit; 255 for bytes that are none. */
const values = new Uint8Array(256).fill(255);
for (const [value, byte] of digits.entries()) values[byte] = value;

const [w, s, one, tilde] = [0x77, 0x73, 0x31, 0x7e];
const runAt = 4;
const senderAt = 11;
const sequenceAt = 18;
const microsAt = 25;
const crcAt = 36;

/** What a stamp says. Filled anew by each {@link readStamp}, so that reading allocates nothing. */
export class Stamp {
  /** The run's number, 0 to 2^32 − 1: stamps of another run are not ours. */
  run = 0;
  /** Global index of the connection that sent it, 0 to 2^32 − 1. */
  sender = 0;
  /** Sequence of the message on that connection, 0 to 2^32 − 1. */
  sequence = 0;
  /** When it was sent: microseconds of the machine's monotonic clock, 0 to 2^53 − 1. */
  micros = 0;
}

/**
 * The CRC-32 of ISO 3309, as zlib computes it. By table: for 36 bytes one call into zlib
 * costs more (155 ns) than writing a whole stamp does (145 ns), and wants a Buffer of its own.
 */
const crcTable = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array, start: number, end: number, before = 0xffffffff): number {
  let crc = before;
  for (let at = start; at < end; at++) crc = crcTable[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** What the checksum has come to after the four characters that every stamp begins with. */
const afterPrefix = ~crc32(Uint8Array.of(w, s, one, tilde), 0, 4) >>> 0;

/** Writes 32 bits as 7 digits. */
function writeWord(into: Uint8Array, at: number, word: number): void {
  for (let digit = 6, rest = word; digit >= 0; digit--, rest >>>= 5) {
    into[at + digit] = digits[rest & 31]!;
  }
}

/** Reads 7 digits; NaN when they are no digits or more than 32 bits. */
function readWord(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let digit = 0; digit < 7; digit++) {
    const value = values[bytes[at + digit]!]!;
    if (value > 31 || (digit === 0 && value > 3)) return NaN;
    word = (word << 5) | value;
  }
  return word >>> 0;
}

/**
 * Writes a stamp of {@link stampLength} bytes into a buffer that has room for it.
 * @param run 0 to 2^32 − 1
 * @param sender 0 to 2^32 − 1
 * @param sequence 0 to 2^32 − 1
 * @param micros whole microseconds of the machine's monotonic clock, 0 to 2^53 − 1
 */
export function writeStamp(
  into: Uint8Array,
  offset: number,
  run: number,
  sender: number,
  sequence: number,
  micros: number,
): void {
  into[offset] = w;
  into[offset + 1] = s;
  into[offset + 2] = one;
  into[offset + 3] = tilde;
  writeWord(into, offset + runAt, run);
  writeWord(into, offset + senderAt, sender);
  writeWord(into, offset + sequenceAt, sequence);
  // Eleven digits: the upper 23 of 53 bits in five, the lower 30 in six.
  const low = micros % 0x4000_0000;
  const high = (micros - low) / 0x4000_0000;
  for (let digit = 4, rest = high; digit >= 0; digit--, rest >>>= 5) {
    into[offset + microsAt + digit] = digits[rest & 31]!;
  }
  for (let digit = 10, rest = low; digit >= 5; digit--, rest >>>= 5) {
    into[offset + microsAt + digit] = digits[rest & 31]!;
  }
  writeWord(into, offset + crcAt, crc32(into, offset, offset + crcAt));
}

/** What {@link readStamp} found. */
export type StampState = "ok" | "corrupt" | "absent";

/**
 * Looks for a stamp between `start` and `end`. The first good one counts; `corrupt` means that
 * there is none but something begins like one: bytes were changed or are missing.
 * @param into filled when the answer is `ok`, undefined otherwise what it holds
 */
export function readStamp(bytes: Uint8Array, start: number, end: number, into: Stamp): StampState {
  let state: StampState = "absent";
  let at = start;
  while (at + 4 <= end) {
    // From the prefix's last character backwards: most steps skip four bytes.
    const last = bytes[at + 3];
    if (last !== tilde) at += last === one ? 1 : last === s ? 2 : last === w ? 3 : 4;
    else if (bytes[at] !== w || bytes[at + 1] !== s || bytes[at + 2] !== one) at += 4;
    else if (readAt(bytes, at, end, into)) return "ok";
    else {
      state = "corrupt";
      at += 4;
    }
  }
  return state;
}

/** What is looked at in one message, at most: halves of beginnings, and checksums. A stranger may send many. */
const mostHalves = 256;
const mostChecksums = 16;

/** The two halves of what every stamp begins with: one changed character leaves one of them whole. */
const halves = [
  { bytes: Buffer.of(w, s), offset: 0 },
  { bytes: Buffer.of(one, tilde), offset: 2 },
] as const;

/**
 * Looks for a stamp of which one character was changed, whichever it is. Its checksum tells for certain
 * which one, and what it was: no two such changes have the same effect on it.
 * @param into filled with what the stamp said when the answer is true
 * @returns false where there is none, or where it stands behind too much that looks like one
 */
export function mendStamp(bytes: Buffer, start: number, end: number, into: Stamp): boolean {
  const message = bytes.subarray(start, end);
  let checksums = mostChecksums;
  for (const { bytes: half, offset } of halves) {
    let found = message.indexOf(half);
    for (let left = mostHalves; found >= 0 && left > 0; left--) {
      const at = found - offset;
      if (at >= 0 && at + stampLength <= message.length) {
        const same = sameInPrefix(message, at);
        // A whole beginning is found by its first half.
        if (same === 3 || (same === 4 && offset === 0)) {
          if (mendAt(message, at, same === 4, into)) return true;
          if (--checksums === 0) return false;
        }
      }
      found = message.indexOf(half, found + 1);
    }
  }
  return false;
}

/** How many of the four characters that a stamp begins with stand there. */
function sameInPrefix(bytes: Uint8Array, at: number): number {
  return (
    Number(bytes[at] === w) +
    Number(bytes[at + 1] === s) +
    Number(bytes[at + 2] === one) +
    Number(bytes[at + 3] === tilde)
  );
}

/** By what a changed byte adds to the checksum: where it stands, in bits 8 and up, and the bits that changed. */
let changes: Map<number, number> | undefined = undefined;

function knownChanges(): Map<number, number> {
  const known = new Map<number, number>();
  for (let at = runAt; at < crcAt; at++) {
    for (let bits = 1; bits < 256; bits++) {
      let crc = crcTable[bits]!;
      for (let rest = at + 1; rest < crcAt; rest++) crc = crcTable[crc & 0xff]! ^ (crc >>> 8);
      known.set(crc >>> 0, (at << 8) | bits);
    }
  }
  return known;
}

/** Reads the stamp that begins at `at`, of which one character is wrong; false when it is none. */
function mendAt(bytes: Uint8Array, at: number, isBegun: boolean, into: Stamp): boolean {
  const crc = crc32(bytes, at + runAt, at + crcAt, afterPrefix);
  const said = readWord(bytes, at + crcAt);
  const mended = Uint8Array.prototype.slice.call(bytes, at, at + stampLength);
  if (!isBegun) {
    if (crc !== said) return false;
    mended.set([w, s, one, tilde]);
    return readAt(mended, 0, stampLength, into);
  }
  writeWord(mended, crcAt, crc);
  let wrong = 0;
  for (let each = crcAt; each < stampLength; each++) {
    if (mended[each] !== bytes[at + each]) wrong++;
  }
  if (wrong > 1) {
    const change = (changes ??= knownChanges()).get((crc ^ said) >>> 0);
    if (change === undefined || Number.isNaN(said)) return false;
    mended[change >> 8]! ^= change & 0xff;
    writeWord(mended, crcAt, said);
  }
  return readAt(mended, 0, stampLength, into);
}

/** Reads the stamp that begins at `at`; false when it is not a whole and good one. */
function readAt(bytes: Uint8Array, at: number, end: number, into: Stamp): boolean {
  if (at + stampLength > end) return false;
  const crc = readWord(bytes, at + crcAt);
  if (Number.isNaN(crc) || crc !== crc32(bytes, at, at + crcAt)) return false;
  into.run = readWord(bytes, at + runAt);
  into.sender = readWord(bytes, at + senderAt);
  into.sequence = readWord(bytes, at + sequenceAt);
  let micros = 0;
  for (let digit = 0; digit < 11; digit++) {
    const value = values[bytes[at + microsAt + digit]!]!;
    if (value > 31) return false;
    micros = micros * 32 + value;
  }
  into.micros = micros;
  // A stranger can make a good CRC of bad digits: nothing but numbers gets out of here.
  return (
    into.run >= 0 && into.sender >= 0 && into.sequence >= 0 && micros <= Number.MAX_SAFE_INTEGER
  );
}
