/**
 * Owns undoing the escapes of JSON and of URLs in bytes, however deep and mixed they are: `\u002B`, `\/`,
 * `\\\"`, `%2B`, `%252b`. It is no decoder of either: what comes of it is to be compared with a secret
 * that went through the same. No backslash is left.
 */

const [backslash, percent, two, five] = [0x5c, 0x25, 0x32, 0x35];
const [letterU, letterX] = [0x75, 0x78];

function digit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Of more bytes it costs less to have them looked through natively. */
const fewBytes = 512;

/** Whether there may be anything to undo: mostly there is not. */
export function hasEscapes(source: Uint8Array): boolean {
  if (source.length > fewBytes) return source.includes(backslash) || source.includes(percent);
  for (let at = 0; at < source.length; at++) {
    if (source[at] === backslash || source[at] === percent) return true;
  }
  return false;
}

/** Goes over bytes, one character that may be escaped at a time. */
export class Unescaper {
  /** What was read last; the first {@link count} of it. */
  readonly bytes = new Uint8Array(4);
  count = 0;
  /** Where that began. */
  begin = 0;
  /** What is read next. */
  at = 0;
  readonly #source: Uint8Array;
  #backslash = -1;
  #percent = -1;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** Where from there on the first escape may stand; the length where there is none. */
  escapeFrom(at: number): number {
    if (this.#backslash < at) this.#backslash = this.#find(backslash, at);
    if (this.#percent < at) this.#percent = this.#find(percent, at);
    return Math.min(this.#backslash, this.#percent);
  }

  #find(byte: number, from: number): number {
    const at = this.#source.indexOf(byte, from);
    return at < 0 ? this.#source.length : at;
  }

  /**
   * Reads on; there has to be something.
   * @returns whether it was escaped
   */
  next(): boolean {
    const source = this.#source;
    const begin = this.at;
    let at = begin;
    while (source[at] === backslash) at++;
    this.begin = begin;
    this.at = at + 1;
    this.count = 0;
    if (at >= source.length) {
      this.at = source.length;
      return true;
    }
    const byte = source[at]!;
    if (at > begin && byte === letterU && this.#unicode(at + 1)) return true;
    if (at > begin && byte === letterX && this.#encoded(at + 1)) return true;
    if (byte === percent) {
      let digits = at + 1;
      // What was encoded twice.
      while (source[digits] === two && source[digits + 1] === five && this.#pair(digits + 2) >= 0) {
        digits += 2;
      }
      if (this.#encoded(digits)) return true;
    }
    this.#put(byte);
    return at > begin;
  }

  /** The number of so many hexadecimal digits; -1 where they are none. */
  #hex(from: number, digits: number): number {
    let number = 0;
    for (let at = from; at < from + digits; at++) {
      const value = digit(this.#source[at]);
      if (value < 0) return -1;
      number = number * 16 + value;
    }
    return number;
  }

  #pair(from: number): number {
    return this.#hex(from, 2);
  }

  #encoded(from: number): boolean {
    const byte = this.#pair(from);
    if (byte < 0) return false;
    this.at = from + 2;
    this.#put(byte);
    return true;
  }

  #unicode(from: number): boolean {
    let code = this.#hex(from, 4);
    if (code < 0) return false;
    this.at = from + 4;
    if (code >= 0xd800 && code < 0xdc00) {
      let low = this.at;
      while (this.#source[low] === backslash) low++;
      const half = low > this.at && this.#source[low] === letterU ? this.#hex(low + 1, 4) : -1;
      if (half >= 0xdc00 && half < 0xe000) {
        code = 0x1_0000 + ((code - 0xd800) << 10) + (half - 0xdc00);
        this.at = low + 5;
      }
    }
    if (code === backslash) return true;
    this.count = Buffer.from(String.fromCodePoint(code)).copy(this.bytes);
    return true;
  }

  #put(byte: number): void {
    if (byte !== backslash) this.bytes[this.count++] = byte;
  }
}

/** All of it without its escapes. */
export function unescaped(source: Uint8Array): Uint8Array {
  const reader = new Unescaper(source);
  const bytes: number[] = [];
  while (reader.at < source.length) {
    reader.next();
    for (let at = 0; at < reader.count; at++) bytes.push(reader.bytes[at]!);
  }
  return Uint8Array.from(bytes);
}
