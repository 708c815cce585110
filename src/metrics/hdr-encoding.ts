/**
 * Owns writing counts as an HDR histogram, V2, compressed, in base64: what {@link Trend.decode}
 * reads. The library's own way from a recorder's counts to that takes 1.1 ms a distribution, during
 * which nothing is sent or received; this takes about a tenth of it.
 */
import { deflateSync } from "node:zlib";
import { bucketCount, highestMicros, significantDigits } from "./layout.js";

const cookie = 0x1c849313;
const compressedCookie = 0x1c849314;
const headerSize = 40;
const compressedHeaderSize = 8;
/** A count, or a run of zeros, takes no more: 33 bits, seven to a byte. */
const longestWord = 5;

/** One serves all: it is empty again when the encoder returns. */
const scratch = Buffer.alloc(headerSize + bucketCount * longestWord);
scratch.writeInt32BE(cookie, 0);
scratch.writeInt32BE(1, 8);
scratch.writeInt32BE(significantDigits, 12);
scratch.writeBigInt64BE(1n, 16);
scratch.writeBigInt64BE(BigInt(highestMicros), 24);
scratch.writeBigInt64BE(1n, 32);

/**
 * The histogram of these counts.
 * @param counts by the buckets of the layout; below `low` and above `high` there are none
 */
export function encodeCounts(counts: Uint32Array, low: number, high: number): string {
  let at = headerSize;
  let zeros = low;
  for (let bucket = low; bucket <= high; bucket++) {
    const count = counts[bucket]!;
    if (count === 0) {
      zeros++;
      continue;
    }
    if (zeros > 0) at = writeWord(at, zeros === 1 ? 0 : 2 * zeros - 1);
    zeros = 0;
    at = writeWord(at, 2 * count);
  }
  scratch.writeInt32BE(at - headerSize, 4);
  // The fastest level: it takes half the time of the default, and the text is some 5 % longer.
  const deflated = deflateSync(scratch.subarray(0, at), { level: 1 });
  const encoded = Buffer.allocUnsafe(compressedHeaderSize + deflated.length);
  encoded.writeInt32BE(compressedCookie, 0);
  encoded.writeInt32BE(deflated.length, 4);
  deflated.copy(encoded, compressedHeaderSize);
  return encoded.toString("base64");
}

/** A whole number, seven bits to a byte, the lowest first; runs of zeros are odd, counts are even. */
function writeWord(from: number, word: number): number {
  let at = from;
  let rest = word;
  while (rest >= 0x80) {
    scratch[at++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  scratch[at++] = rest;
  return at;
}
