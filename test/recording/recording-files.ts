/** Owns the files of these tests: a directory that is removed at the end, and what stands in a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import type { KnownLine, OtherLine } from "../../src/recording/line.js";
import { readRecording, type ReadOptions } from "../../src/recording/reader.js";
import type { RecorderOptions } from "../../src/recording/recorder-options.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-recording-"));
let number = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The path of a file that is not there. */
export function newPath(): string {
  return path.join(folder, `${++number}.wsrec`);
}

/** Options with nothing special in them. */
export function recorderOptions(more: Partial<RecorderOptions> = {}): RecorderOptions {
  return {
    path: newPath(),
    url: "ws://h/",
    tool: "wsctl/0.0.0",
    startedAt: new Date("2026-11-20T20:00:00.000Z"),
    now: () => performance.now(),
    fsync: "none",
    ...more,
  };
}

export const header =
  '{"wsrec":1,"url":"ws://h/","startedAt":"2026-11-20T20:00:00.000Z","tool":"t","redacted":[]}\n';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All that is read of a file's text, in pieces of that many bytes. */
export async function readText(
  text: string | Buffer,
  options: ReadOptions = {},
  size = 65_536,
): Promise<{ lines: (KnownLine | OtherLine)[]; raws: string[]; torn: boolean; rest: string[] }> {
  const recorded = readRecording(inPieces(Buffer.from(text), size), options);
  const lines: (KnownLine | OtherLine)[] = [];
  const raws: string[] = [];
  for await (const { line, raw, above } of recorded) {
    lines.push(line);
    raws.push(...above, raw);
  }
  return { lines, raws, torn: recorded.torn, rest: [...recorded.rest] };
}

/** The lines of a file. */
export async function readFileLines(file: string): Promise<(KnownLine | OtherLine)[]> {
  const lines: (KnownLine | OtherLine)[] = [];
  for await (const { line } of readRecording(file)) lines.push(line);
  return lines;
}
