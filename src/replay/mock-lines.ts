/**
 * Owns where the lines of a recording begin in its file, so that one that is too large for the memory
 * can be read again from any of them.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { RecordingHeader } from "../recording/line.js";

const lineFeed = 0x0a;
const pieceLength = 64 * 1024;

/** Hands on the bytes of a file, and knows where each line begins that was not asked for yet. */
export class LineOffsets {
  readonly #path: string;
  /** Of line `#first`, and of those that follow it. */
  #starts: number[] = [0];
  #first = 1;

  constructor(path: string) {
    this.#path = path;
  }

  /** All bytes of the file. */
  async *bytes(): AsyncGenerator<Buffer> {
    let before = 0;
    for await (const bytes of piecesFrom(this.#path, 0)) {
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
        this.#starts.push(before + at + 1);
      }
      before += bytes.length;
      yield bytes;
    }
  }

  /** Where a line begins, in bytes; asked in rising order. @param number from 1 */
  startOf(number: number): number {
    const skipped = number - this.#first;
    // Only now and then: cutting off the front of a long list costs its length.
    if (skipped > 4096) {
      this.#starts = this.#starts.slice(skipped);
      this.#first = number;
    }
    return this.#starts[number - this.#first] ?? 0;
  }
}

/** The bytes of a recording that has that header, and then what stands in the file from `start` on. */
export async function* bytesFrom(
  path: string,
  header: RecordingHeader,
  start: number,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(header)}\n`);
  yield* piecesFrom(path, start);
}

/** The bytes from `start` on, all in the same memory: each piece is good until the next one is asked for. */
async function* piecesFrom(path: string, start: number): AsyncGenerator<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const memory = Buffer.allocUnsafeSlow(pieceLength);
    for (let at = start; ;) {
      const { bytesRead } = await file.read(memory, 0, pieceLength, at);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file?.close();
  }
}
