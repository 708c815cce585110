/** Owns what a hostile server says: everything that a terminal might obey, the same from the same seed. */
import type { Random } from "../../src/base/random.js";

/** What must never reach a terminal: C0 but newline and tab, DEL, C1, bidi controls and separators. */
export const obeyed =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

const bidi = [0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff];
const ends = ["\u0007", "\u001b\\", "\u009c", ""];

/** Each makes one thing of a kind. */
const kinds: readonly ((random: Random) => string)[] = [
  // Control sequences: moves, erasures, colours, modes, reports that a terminal types back.
  (random) =>
    `${pick(random, ["\u001b[", "\u009b"])}${pick(random, ["", "?", ">", "1;"])}` +
    `${random.int(0, 2100)}${String.fromCharCode(random.int(0x40, 0x7e))}`,
  // Operating system commands: title, clipboard, links.
  (random) =>
    `${pick(random, ["\u001b]", "\u009d"])}${pick(random, ["0;owned", "52;c;cHduZWQ=", "8;;http://evil.example"])}${pick(random, ends)}`,
  // Device control, application commands, privacy messages.
  (random) => `${pick(random, ["\u001bP", "\u0090", "\u001b_", "\u001b^"])}q${pick(random, ends)}`,
  // A single escape: reset, other character sets, keypad modes.
  (random) => `\u001b${String.fromCharCode(random.int(0x20, 0x7e))}`,
  (random) => String.fromCharCode(random.int(0, 0x1f)),
  (random) => String.fromCharCode(random.int(0x7f, 0x9f)),
  (random) => String.fromCharCode(pick(random, bidi)),
  () => "\r\n\u001b[A\r\u001b[K● 127.0.0.1 ❯ rm -rf /",
  (random) =>
    pick(random, ["plain", "żółć", "漢字", "👩‍👩‍👧", "e\u0301\u0301\u0301", "{{ x }}", '"', "\\"]),
];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.int(0, from.length - 1)]!;
}

/** One string of mixed kinds. */
export function hostileString(random: Random): string {
  let text = "";
  for (let left = random.int(1, 4); left > 0; left--) {
    text += kinds[random.int(0, kinds.length - 1)]!(random);
  }
  return text;
}

/** The same as bytes that are not UTF-8: cut, overlong, stray, and bytes as they come. */
export function hostileBytes(random: Random): Buffer {
  const bytes = Buffer.from(hostileString(random), random.int(0, 1) === 0 ? "utf8" : "latin1");
  const wrong = [[0xc0, 0x9b], [0xff], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0x9b, 0x41]];
  return Buffer.concat([bytes, Buffer.from(pick(random, wrong))]);
}
