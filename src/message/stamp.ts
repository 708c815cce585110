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

/** So far into a message stamps with a damaged beginning are looked for. */
const farthest = 16 * 1024;

/**
 * Whether a message in which {@link readStamp} found nothing holds a stamp of whose first four
 * characters one was changed: with the right one its checksum is good, which says for certain what it was.
 */
export function holdsDamagedStamp(bytes: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(end - stampLength, start + farthest);
  for (let at = start; at <= last; at++) {
    const same =
      Number(bytes[at] === w) +
      Number(bytes[at + 1] === s) +
      Number(bytes[at + 2] === one) +
      Number(bytes[at + 3] === tilde);
    if (same !== 3) continue;
    const crc = crc32(bytes, at + runAt, at + crcAt, afterPrefix);
    if (crc === readWord(bytes, at + crcAt)) return true;
  }
  return false;
}

/** Reads the stamp that begins at `at`; false when it is not a whole and good one. */
function readAt(bytes: Uint8Array, at: number, end: number, into: Stamp): boolean {
  if (at + stampLength > end) return false;
  const crc = readWord(bytes, at + crcAt);
  if (crc !== crc32(bytes, at, at + crcAt)) return false;
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
