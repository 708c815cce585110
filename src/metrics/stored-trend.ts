/**
 * Owns the question whether an encoded distribution from a file may be decoded: a few bytes can stand
 * for a histogram of any size, and nothing of it is to be unpacked before that is known.
 */
import { inflateSync } from "node:zlib";
import { highestMicros, bucketCount, significantDigits } from "./layout.js";
import { Trend } from "./trend.js";

/** Bytes that one count takes at most, and what stands before them. */
const largestCount = 9;
const headSize = 40;
const compressedHeadSize = 8;
const largest = headSize + bucketCount * largestCount;

/** What our own encoder writes: both cookies, and the layout of every trend. */
const compressedCookie = 0x1c849314;
const cookie = 0x1c849313;

/** The trend, or undefined when the text is none of ours. */
export function decodeStored(encoded: string): Trend | undefined {
  if (encoded.length > largest * 2 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const packed = Buffer.from(encoded, "base64");
  if (packed.length < compressedHeadSize || packed.readUInt32BE(0) !== compressedCookie) {
    return undefined;
  }
  try {
    const end = compressedHeadSize + packed.readUInt32BE(4);
    const bytes = inflateSync(packed.subarray(compressedHeadSize, end), {
      maxOutputLength: largest,
    });
    if (!isOurs(bytes)) return undefined;
    const trend = Trend.decode(encoded);
    return Number.isSafeInteger(trend.count) && trend.count >= 0 ? trend : undefined;
  } catch {
    return undefined;
  }
}

function isOurs(bytes: Buffer): boolean {
  return (
    bytes.length >= headSize &&
    bytes.readUInt32BE(0) === cookie &&
    bytes.readUInt32BE(4) === bytes.length - headSize &&
    bytes.readUInt32BE(12) === significantDigits &&
    bytes.readBigUInt64BE(16) === 1n &&
    bytes.readBigUInt64BE(24) === BigInt(highestMicros) &&
    bucketsIn(bytes.subarray(headSize)) <= bucketCount
  );
}

/**
 * How many buckets the counts cover: each is a ZigZag LEB128 number of 9 bytes at most, and a
 * negative one says how many empty buckets there are. Otherwise a few bytes could keep the decoder
 * busy for ever.
 */
function bucketsIn(counts: Buffer): number {
  let buckets = 0;
  for (let at = 0; at < counts.length;) {
    let value = 0;
    for (let length = 1; length <= largestCount; length++) {
      const byte = counts[at++] ?? 0;
      const isLast = byte < 0x80 || length === largestCount;
      value += (length === largestCount ? byte : byte & 0x7f) * 2 ** (7 * (length - 1));
      if (isLast) break;
    }
    buckets += value % 2 === 1 ? (value + 1) / 2 : 1;
  }
  return buckets;
}
