/**
 * Owns how parts of a text of JSON are replaced so that it stays JSON: a number as a whole, an escape not
 * by half, and names of members only where they are no words.
 */
import type { Parts } from "./secret-search.js";

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Numbers of JSON are not much longer, in bytes. */
const longestNumber = 1000;

/** A part that is to be replaced. */
export interface Place {
  readonly from: number;
  readonly to: number;
  /** Whether what takes its place needs quotes of its own. */
  readonly isBare: boolean;
}

/** Whether the bytes are part of a word, such as a name for something is. */
function isWord(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const letter = bytes[at]! | 0x20;
    const isLetter = letter >= 0x61 && letter <= 0x7a;
    if (!isLetter && bytes[at] !== 0x5f && bytes[at] !== 0x2d) return false;
  }
  return true;
}

/** How many backslashes stand before that. */
function slashesBefore(bytes: Uint8Array, at: number, from: number): number {
  let count = 0;
  while (at - count > from && bytes[at - count - 1] === backslash) count++;
  return count;
}

function stringEnd(bytes: Uint8Array, begin: number): number {
  for (let at = begin + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at++;
    else if (bytes[at] === quote) return at + 1;
  }
  return bytes.length;
}

function isEndOfBare(byte: number): boolean {
  return (
    byte <= 0x20 ||
    byte === comma ||
    byte === colon ||
    byte === quote ||
    byte === openList ||
    byte === closeList ||
    byte === openObject ||
    byte === closeObject
  );
}

function bareEnd(bytes: Uint8Array, begin: number): number {
  let at = begin + 1;
  while (at < bytes.length && !isEndOfBare(bytes[at]!)) at++;
  return at;
}

function isNumber(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > longestNumber) return false;
  return /^-?\d[\d.eE+-]*$/.test(bytes.toString("latin1", from, to));
}

function isName(bytes: Uint8Array, end: number): boolean {
  let at = end;
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return bytes[at] === colon;
}

/** Goes over the text, along with the parts. */
class Fitting {
  readonly places: Place[] = [];
  readonly #bytes: Buffer;
  readonly #parts: Parts;
  readonly #sparesNames: boolean;
  #next = 0;

  constructor(bytes: Buffer, parts: Parts, sparesNames: boolean) {
    this.#bytes = bytes;
    this.#parts = parts;
    this.#sparesNames = sparesNames;
  }

  run(): void {
    const bytes = this.#bytes;
    let at = bytes.findIndex((byte) => byte === openList || byte === openObject);
    if (at < 0) at = bytes.length;
    this.#keepUntil(at);
    while (at < bytes.length && this.#next < this.#parts.length) {
      const byte = bytes[at]!;
      if (byte === quote) {
        const end = stringEnd(bytes, at);
        this.#within(at, end);
        at = end;
      } else if (isEndOfBare(byte)) at++;
      else {
        const end = bareEnd(bytes, at);
        this.#bare(at, end);
        at = end;
      }
      this.#keepUntil(at);
    }
    this.#keepUntil(Infinity);
  }

  /** Those that begin before that stay as they are. */
  #keepUntil(end: number): void {
    for (; this.#next < this.#parts.length; this.#next += 2) {
      const from = this.#parts[this.#next]!;
      if (from >= end) return;
      this.#add(from, this.#parts[this.#next + 1]!, false);
    }
  }

  /** The parts of a string. */
  #within(begin: number, end: number): void {
    const bytes = this.#bytes;
    let isMember: boolean | undefined;
    for (; this.#next < this.#parts.length; this.#next += 2) {
      let from = this.#parts[this.#next]!;
      let to = this.#parts[this.#next + 1]!;
      if (from >= end) return;
      if (from <= begin || to >= end) return this.#keepUntil(end);
      if (this.#sparesNames && isWord(bytes, from, to)) {
        isMember ??= isName(bytes, end);
        if (isMember) continue;
      }
      if (slashesBefore(bytes, from, begin) % 2 === 1) from--;
      if (slashesBefore(bytes, to, begin) % 2 === 1) to++;
      this.#add(from, to, false);
    }
  }

  #bare(begin: number, end: number): void {
    const from = this.#parts[this.#next];
    if (from === undefined || from >= end || !isNumber(this.#bytes, begin, end)) return;
    while (this.#parts[this.#next]! < end) {
      // What goes on behind the number stays as it is.
      if (this.#parts[this.#next + 1]! > end) return this.#keepUntil(end);
      this.#next += 2;
    }
    this.#add(begin, end, true);
  }

  #add(from: number, to: number, isBare: boolean): void {
    const begin = Math.max(from, this.places.at(-1)?.to ?? 0);
    if (begin < to) this.places.push({ from: begin, to, isBare });
  }
}

/**
 * The parts as they are to be replaced in a text that may be JSON, or hold some.
 * @param sparesNames whether words stay where they are names of members
 */
export function fitted(bytes: Buffer, parts: Parts, sparesNames: boolean): readonly Place[] {
  const fitting = new Fitting(bytes, parts, sparesNames);
  fitting.run();
  return fitting.places;
}
