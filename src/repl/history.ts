/** Owns the lines typed before: going back and forth in them, searching them, keeping them in a file. */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { isSecretLine } from "./secret-text.js";

const mostLines = 1000;

/** Characters of a line that is kept in the file. */
const longestLine = 8192;

/** Bytes of the file. */
const mostBytes = 4 * 1024 * 1024;

/** A line with breaks in it stands there as a JSON string. */
function written(line: string): string {
  return /^"|[\n\r]/.test(line) ? JSON.stringify(line) : line;
}

function read(line: string): string {
  if (!line.startsWith('"')) return line;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "string" ? value : line;
  } catch {
    return line;
  }
}

/** What a file holds. */
interface Kept {
  /** The newest last. */
  readonly lines: string[];
  /** Bytes of the whole file. */
  readonly size: number;
}

function keptIn(file: string): Kept {
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(0, size - mostBytes);
    const bytes = Buffer.alloc(size - from);
    const length = readSync(descriptor, bytes, 0, bytes.length, from);
    const lines = bytes.toString("utf8", 0, length).split("\n");
    if (from > 0) lines.shift();
    return { lines: lines.filter((line) => line !== "").map(read), size };
  } finally {
    closeSync(descriptor);
  }
}

/** The newest lines, half as many as may be, in number and in bytes. */
function newest(lines: readonly string[]): string {
  const kept = lines.slice(-mostLines / 2).map((line) => `${written(line)}\n`);
  let size = 0;
  const from = kept.findLastIndex((line) => (size += Buffer.byteLength(line)) > mostBytes / 2);
  return kept.slice(from + 1).join("");
}

/** Keeps a file within its bounds, and gives what it holds then. */
function trimmed(file: string): Kept {
  const kept = keptIn(file);
  if (kept.lines.length <= mostLines && kept.size <= mostBytes) return kept;
  const text = newest(kept.lines);
  // In one step, for another prompt may be reading it.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, file);
  return { lines: kept.lines.slice(-mostLines / 2), size: Buffer.byteLength(text) };
}

/** The lines of this and earlier sessions, the newest last. */
export class History {
  readonly #file: string | undefined;
  #lines: string[] = [];
  /** Bytes of the file, as far as this prompt knows. */
  #size = 0;
  /** The place in the lines while going through them; their number is the line being typed. */
  #at = 0;
  #typed = "";

  /** Reads the file if there is one; a file that cannot be read or written is done without. */
  constructor(file: string | undefined) {
    this.#file = file;
    if (file === undefined) return;
    try {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      const { lines, size } = trimmed(file);
      this.#lines = lines;
      this.#size = size;
      chmodSync(file, 0o600);
    } catch {
      // There is none yet, or it cannot be had.
    }
    this.#at = this.#lines.length;
  }

  /** Notes a line; one that seems to carry a secret is not written down. */
  add(line: string): void {
    if (line.trim() !== "" && line !== this.#lines.at(-1)) {
      this.#lines.push(line);
      if (this.#lines.length > mostLines) this.#lines.shift();
      this.#keep(line);
    }
    this.#at = this.#lines.length;
  }

  /** The line before or after; undefined when there is none. `current` is what stands there now. */
  move(by: -1 | 1, current: string): string | undefined {
    const to = this.#at + by;
    if (to < 0 || to > this.#lines.length) return undefined;
    if (this.#at === this.#lines.length) this.#typed = current;
    this.#at = to;
    return this.#lines[to] ?? this.#typed;
  }

  /**
   * The newest line older than `before` that holds the words; undefined when none does.
   * @param before as `at` of what was found last
   */
  search(words: string, before = this.#lines.length): { line: string; at: number } | undefined {
    for (let at = before - 1; at >= 0; at--) {
      const line = this.#lines[at]!;
      if (line.includes(words)) return { line, at };
    }
    return undefined;
  }

  /** The newest line that begins so, and goes on. */
  completion(start: string): string | undefined {
    return this.#lines.findLast((line) => line.length > start.length && line.startsWith(start));
  }

  #keep(line: string): void {
    if (this.#file === undefined || line.length > longestLine || isSecretLine(line)) return;
    const text = `${written(line)}\n`;
    try {
      appendFileSync(this.#file, text, { mode: 0o600 });
      this.#size += Buffer.byteLength(text);
      if (this.#size > mostBytes) this.#size = trimmed(this.#file).size;
    } catch {
      // A disk that is full does not stop anyone from typing.
    }
  }
}
