/**
 * Owns how a secret is written when it is passed on, as bytes: itself, in base64, in another encoding.
 * The escapes of JSON and URLs are no forms of their own: they are undone before it is looked for.
 */
import { unescaped } from "./unescaper.js";

/** What is shorter is found by chance, in bytes. */
const shortest = 6;

/** What is longer is looked for piece by piece, so that a part of it is found too; a rest belongs to the
 * piece before it. */
const [piece, leastPiece] = [256, 32];

/**
 * What base64 makes of the bytes wherever they stand: of three bytes it makes four characters, so that
 * there are three ways to be in step. Characters that hold bits of a neighbour are left out.
 */
function* base64(bytes: Buffer): Generator<Buffer> {
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = before === 0 ? 0 : before + 1;
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    yield Buffer.from(text.slice(from, whole), "latin1");
  }
}

function* spellings(value: string): Generator<Buffer> {
  const bytes = Buffer.from(value, "utf8");
  yield bytes;
  yield* base64(bytes);
  if (!/[^\0-\u007f]/.test(value)) return;
  // UTF-8 that is taken for one character a byte, and the other way round.
  yield Buffer.from(bytes.toString("latin1"), "utf8");
  if (/[^\0-\u00ff]/.test(value)) return;
  const narrow = Buffer.from(value, "latin1");
  yield narrow;
  yield* base64(narrow);
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const to = bytes.length - from < piece + leastPiece ? bytes.length : from + piece;
    if (to - from >= shortest) yield bytes.subarray(from, to);
    from = to;
  }
}

/** The value in all its spellings, as pieces that follow each other. */
export function* formsOf(value: string): Generator<Uint8Array> {
  for (const spelling of spellings(value)) {
    yield* pieces(spelling);
    if (spelling.includes("\\") || spelling.includes("%")) yield* pieces(unescaped(spelling));
  }
}
