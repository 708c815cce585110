/** Owns several recordings that are read together: one after the other, or merged by when it was. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { refusedFile } from "../../recording/file-refusal.js";
import type { Host } from "../host.js";
import { openSource, type Source, type SourceLine, type SourceOptions } from "./source.js";

/** One of the recordings. */
interface Part {
  /** From 1, as they were named. */
  readonly number: number;
  /** The file. */
  readonly name: string;
  readonly source: Source;
  /** Ms from the beginning of the first one that is merged to that of this one; else 0. */
  readonly after: number;
}

/** A recording begins, or the next of its lines. */
export interface PartLine {
  readonly part: Part;
  /** Undefined where it begins. */
  readonly at: SourceLine | undefined;
}

/** How they are read. */
interface PartsOptions extends SourceOptions {
  /** Whether the lines of all stand in the order of their times. */
  readonly merge: boolean;
  /** Told of what is to be known, unsafe for a terminal as it is. */
  readonly notes: (notes: readonly string[]) => void;
}

/** Merged ones are open at once. */
const mostMerged = 200;

/**
 * The files that are meant: of a directory the recordings in it, by name, those of nothing left out.
 * @throws WsctlError WSCTL_EUSAGE for a directory without recordings
 */
export async function recordingsAt(names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of names) {
    const isFolder = name !== "-" && (await stat(name).catch(() => undefined))?.isDirectory();
    if (isFolder !== true) files.push(name);
    else files.push(...(await recordingsIn(name)));
  }
  return files;
}

async function recordingsIn(folder: string): Promise<string[]> {
  const all = await readdir(folder).catch((cause: unknown) => {
    throw refusedFile("read", folder, cause);
  });
  const names = all.filter((name) => name.endsWith(".wsrec")).toSorted();
  const files = names.map((name) => path.join(folder, name));
  const are = await Promise.all(files.map(isRecording));
  const found = files.filter((_, index) => are[index]!);
  if (found.length > 0) return found;
  const shown = safeLine(folder, 200);
  const [what, hint] =
    names.length > 0
      ? [
          `the recordings in ${shown} are empty`,
          "nothing was written to them yet, or it could not be: is the disk full?",
        ]
      : [
          `there is no recording in ${shown}`,
          "of a directory, the files that end with .wsrec are read",
        ];
  throw new WsctlError("WSCTL_EUSAGE", what, { hint });
}

/** Whether it is a file in which something stands. */
async function isRecording(file: string): Promise<boolean> {
  try {
    const there = await stat(file);
    // A connection of a proxy that has said nothing yet has an empty one.
    return there.isFile() && there.size > 0;
  } catch (cause) {
    // It is gone since the directory was read, or it is a link to what is.
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw refusedFile("read", file, cause);
  }
}

/**
 * What is in those files. What is open is closed when the reading ends, however it ends.
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read, or is too much to be merged
 */
export function partsOf(
  host: Host,
  files: readonly string[],
  options: PartsOptions,
): AsyncGenerator<PartLine, undefined> {
  return options.merge ? merged(host, files, options) : inTurn(host, files, options);
}

async function* inTurn(
  host: Host,
  files: readonly string[],
  options: PartsOptions,
): AsyncGenerator<PartLine, undefined> {
  for (const [index, name] of files.entries()) {
    const source = await openSource(host, name, options);
    const part: Part = { number: index + 1, name, source, after: 0 };
    try {
      yield { part, at: undefined };
      for await (const at of source.lines) yield { part, at };
    } finally {
      await source.close();
      options.notes(source.notes());
    }
  }
}

async function* merged(
  host: Host,
  files: readonly string[],
  options: PartsOptions,
): AsyncGenerator<PartLine, undefined> {
  if (files.length > mostMerged) {
    throw new WsctlError("WSCTL_EUSAGE", `${files.length} recordings are too many to be merged`, {
      hint: `name ${mostMerged} of them at most, or leave --merge out`,
    });
  }
  const sources: Source[] = [];
  try {
    for (const name of files) sources.push(await openSource(host, name, options));
    const begun = sources.map(({ header }) => Date.parse(header.startedAt));
    const first = Math.min(...begun);
    const parts = sources.map((source, index): Part => {
      return { number: index + 1, name: files[index]!, source, after: begun[index]! - first };
    });
    for (const part of parts) yield { part, at: undefined };
    yield* inOrder(parts);
  } finally {
    for (const source of sources) {
      await source.close();
      options.notes(source.notes());
    }
  }
}

/** The line that was first of those that are next; at the same moment, that of the first recording. */
async function* inOrder(parts: readonly Part[]): AsyncGenerator<PartLine, undefined> {
  const lines = parts.map(({ source }) => source.lines[Symbol.asyncIterator]());
  const next = await Promise.all(lines.map((each) => each.next()));
  for (;;) {
    let best: number | undefined;
    let earliest = Infinity;
    for (const [index, { done, value }] of next.entries()) {
      if (done === true) continue;
      const time = parts[index]!.after + value.line.t;
      if (best !== undefined && time >= earliest) continue;
      [best, earliest] = [index, time];
    }
    if (best === undefined) return;
    yield { part: parts[best]!, at: next[best]!.value as SourceLine };
    next[best] = await lines[best]!.next();
  }
}
