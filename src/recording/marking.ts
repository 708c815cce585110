/** Owns what a payload looks like where something of it was taken out. */
import { redacted } from "../base/secret-name.js";
import { fitted, type Place } from "./json-fit.js";
import type { Parts } from "./secret-search.js";

const mark = Buffer.from(redacted);
const quotedMark = Buffer.from(`"${redacted}"`);
const asterisk = 0x2a;

/** How something is marked. */
export interface Marking {
  /** Whether lengths stay, as in MessagePack, so that what is around it can still be read. */
  readonly isBinary: boolean;
  /** Whether it is valid UTF-8, and is to stay so. */
  readonly isUtf8: boolean;
  /** Whether words stay where they are names of JSON. */
  readonly sparesNames: boolean;
}

function isWithinCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function toCharacters(bytes: Buffer, { from, to, isBare }: Place): Place {
  let [begin, end] = [from, to];
  while (begin > 0 && isWithinCharacter(bytes[begin])) begin--;
  while (isWithinCharacter(bytes[end])) end++;
  return { from: begin, to: end, isBare };
}

/** The bytes with marks in the place of the parts. */
export function marked(
  bytes: Buffer,
  parts: Parts,
  { isBinary, isUtf8, sparesNames }: Marking,
): Buffer {
  if (parts.length === 0) return bytes;
  if (isBinary) {
    const shown = Buffer.from(bytes);
    for (let at = 0; at < parts.length; at += 2) shown.fill(asterisk, parts[at], parts[at + 1]);
    return shown;
  }
  const pieces: Buffer[] = [];
  let done = 0;
  for (const found of fitted(bytes, parts, sparesNames)) {
    const { from, to, isBare } = isUtf8 ? toCharacters(bytes, found) : found;
    if (to <= done) continue;
    pieces.push(bytes.subarray(done, Math.max(done, from)), isBare ? quotedMark : mark);
    done = to;
  }
  return Buffer.concat([...pieces, bytes.subarray(done)]);
}
