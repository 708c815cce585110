/**
 * Owns UTF-8 validation, incremental and whole (RFC 3629; RFC 6455 §8.1). The state between two
 * pieces of text is one number: how many continuation bytes are missing, and the range that the
 * next byte has to lie in. The range is what rules out overlong forms, surrogates and everything
 * above U+10FFFF at the first byte that is wrong (Unicode, table 3-7).
 */

import { isUtf8 } from "node:buffer";

/** The state between two characters: where validation starts, and where a text may end. */
export const utf8Accept = 0;

/** The state after a byte that can not be part of UTF-8; no later byte changes it. */
export const utf8Reject = -1;

// Below this many bytes a loop beats the call into native code and the view that it needs.
const nativeFrom = 96;

/** `missing` continuation bytes to come, the first of them between `low` and `high`. */
function expecting(missing: number, low: number, high: number): number {
  return (missing << 16) | (low << 8) | high;
}

const oneMore = expecting(1, 0x80, 0xbf);
const twoMore = expecting(2, 0x80, 0xbf);
const threeMore = expecting(3, 0x80, 0xbf);

/** The state after the first byte of a character. */
function afterLead(byte: number): number {
  if (byte < 0x80) return utf8Accept;
  if (byte < 0xc2) return utf8Reject; // a continuation byte, or an overlong form of ASCII
  if (byte < 0xe0) return oneMore;
  if (byte === 0xe0) return expecting(2, 0xa0, 0xbf); // less would be overlong
  if (byte === 0xed) return expecting(2, 0x80, 0x9f); // more would be a surrogate
  if (byte < 0xf0) return twoMore;
  if (byte === 0xf0) return expecting(3, 0x90, 0xbf); // less would be overlong
  if (byte < 0xf4) return threeMore;
  if (byte === 0xf4) return expecting(3, 0x80, 0x8f); // more would pass U+10FFFF
  return utf8Reject;
}

function afterContinuation(state: number, byte: number): number {
  if (byte < ((state >>> 8) & 0xff) || byte > (state & 0xff)) return utf8Reject;
  const missing = (state >>> 16) - 1;
  return missing === 0 ? utf8Accept : expecting(missing, 0x80, 0xbf);
}

function walk(from: number, buf: Uint8Array, start: number, end: number): number {
  let state = from;
  for (let at = start; at < end; at++) {
    const byte = buf[at]!;
    if (state !== utf8Accept) {
      state = afterContinuation(state, byte);
      if (state === utf8Reject) return utf8Reject;
    } else if (byte >= 0x80) {
      state = afterLead(byte);
      if (state === utf8Reject) return utf8Reject;
    }
  }
  return state;
}

/** Where the last character of `buf[start, end)` begins, if it is cut off there; else `end`. */
function wholeCharactersEnd(buf: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = buf[at]!;
    if (byte >= 0xc0) {
      const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return at + size > end ? at : end;
    }
    if (byte < 0x80) return end;
  }
  return end;
}

/**
 * The state after `buf[start, end)`, given the state before it. {@link utf8Reject} comes as soon
 * as any byte can not be continued to valid UTF-8; a text is complete only where the state is
 * {@link utf8Accept}.
 *
 * @param state {@link utf8Accept} at the start of a text, then what the last call returned
 */
export function utf8Step(state: number, buf: Uint8Array, start: number, end: number): number {
  if (state === utf8Reject) return utf8Reject;
  if (end - start < nativeFrom) return walk(state, buf, start, end);
  // The character that the last piece left open ends within three bytes; what follows up to the
  // one that this piece leaves open stands by itself, and native code checks it.
  let at = start;
  let now = state;
  while (now > utf8Accept) {
    now = afterContinuation(now, buf[at]!);
    at++;
  }
  if (now === utf8Reject) return utf8Reject;
  const cut = wholeCharactersEnd(buf, at, end);
  if (!isUtf8(buf.subarray(at, cut))) return utf8Reject;
  return walk(utf8Accept, buf, cut, end);
}

/** Whether `buf[start, end)` is valid UTF-8 by itself. */
export function isValidUtf8(buf: Uint8Array, start: number, end: number): boolean {
  if (end - start >= nativeFrom) return isUtf8(buf.subarray(start, end));
  let at = start;
  while (at < end && buf[at]! < 0x80) at++;
  return at === end || walk(utf8Accept, buf, at, end) === utf8Accept;
}

/**
 * The index of the first byte in `buf[start, end)` that can not be continued to valid UTF-8, or
 * `end`. Walks byte by byte: for error messages.
 *
 * @param state the state before `start`
 */
export function utf8FaultAt(state: number, buf: Uint8Array, start: number, end: number): number {
  let now = state;
  for (let at = start; at < end; at++) {
    now = walk(now, buf, at, at + 1);
    if (now === utf8Reject) return at;
  }
  return end;
}
