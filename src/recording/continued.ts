/** Owns opening a recording to go on with it: what it holds, and where its last whole line ends. */
import { constants, type FileHandle, open } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { claim, type LetGo } from "./alone.js";
import { type Disk, diskOf, newFile } from "./disk.js";
import { refusedFile } from "./file-refusal.js";
import type { RecordingHeader } from "./line.js";
import { readRecording } from "./reader.js";

/** A recording that is gone on with. */
export interface Continued {
  readonly disk: Disk;
  /** Of the whole lines, in bytes. */
  readonly length: number;
  /** Whether its last line lacks a line break. */
  readonly isOpenEnded: boolean;
  /** Undefined where there is not even a whole one, so that all is to begin anew. */
  readonly header: RecordingHeader | undefined;
  /** Of its last line, in ms. */
  readonly last: number;
  /** Data messages each way. */
  readonly in: number;
  readonly out: number;
}

const pieceLength = 64 * 1024;
const newline = 0x0a;

/** Every first line of ours begins so. */
const beginning = '{"wsrec":1,"url":"';

/** So much of a first line that has no end is looked at, in bytes. */
const longestTorn = 64 * 1024;

/** Where the last line break of the file ends; 0 where there is none. */
async function lastBreak(file: FileHandle, size: number): Promise<number> {
  const piece = Buffer.allocUnsafe(pieceLength);
  for (let end = size; end > 0;) {
    const begin = Math.max(0, end - pieceLength);
    const { bytesRead } = await file.read(piece, 0, end - begin, begin);
    const at = piece.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) return begin + at + 1;
    end = begin;
  }
  return 0;
}

/** Whether that is all that a crash, or a full disk, has left of our first line. */
async function isUnbegun(file: FileHandle, size: number): Promise<boolean> {
  if (size > longestTorn) return false;
  const piece = Buffer.alloc(size);
  await file.read(piece, 0, size, 0);
  const text = piece.toString("utf8");
  if (text.includes("\n") || !text.startsWith(beginning.slice(0, text.length))) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

/**
 * Reads what there is, cuts off a torn last line, and leaves the file open; undefined when there is no
 * such file.
 * @throws WsctlError WSCTL_EUSAGE for what is no recording, or cannot be written to
 */
async function continueFile(path: string): Promise<Continued | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDWR | constants.O_APPEND);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw refusedFile("write", path, cause);
  }
  let letGo: LetGo | undefined;
  try {
    if (!(await file.stat()).isFile()) {
      throw new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(path)}: it is no plain file`, {
        hint: "a recording goes on in the file that it began in",
      });
    }
    // Before it is looked at, its length too: what another is writing might be taken for a torn line,
    // and what another has just ended for a file with nothing in it.
    letGo = await claim(file, path);
    const disk = diskOf(file, letGo);
    if (await isUnbegun(file, (await file.stat()).size)) {
      await file.truncate(0);
      const none = { length: 0, isOpenEnded: false, header: undefined, last: 0, in: 0, out: 0 };
      return { disk, ...none };
    }
    await using recorded = readRecording(path);
    const header = await recorded.header;
    const counts = { in: 0, out: 0 };
    let last = 0;
    for await (const { line } of recorded) {
      last = Math.max(last, line.t);
      if ((line.k === "in" || line.k === "out") && Number(line["op"]) < 8) counts[line.k]++;
    }
    const { size } = await file.stat();
    const whole = await lastBreak(file, size);
    const length = recorded.torn ? whole : size;
    if (recorded.torn) await file.truncate(length);
    return { disk, length, isOpenEnded: length > whole, header, last, ...counts };
  } catch (error) {
    await file.close();
    letGo?.();
    throw error;
  }
}

/** So often is looked for a file that others make and take away again. */
const mostTries = 3;

async function newDisk(path: string, isAlone: boolean): Promise<Disk> {
  const file = await newFile(path);
  try {
    return diskOf(file, isAlone ? await claim(file, path) : () => {});
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The file of a recording: a new one, or one that is gone on with.
 * @param isAlone whether no other may write to it meanwhile
 * @throws WsctlError WSCTL_EUSAGE
 */
export async function fileFor(
  path: string,
  { append, isAlone }: { readonly append: boolean; readonly isAlone: boolean },
): Promise<Disk | Continued> {
  for (let tries = 1; ; tries++) {
    const former = append ? await continueFile(path) : undefined;
    if (former) return former;
    try {
      return await newDisk(path, isAlone);
    } catch (error) {
      // Somebody else has made it just now: then that one is gone on with, or refused.
      const { cause } = error as WsctlError;
      const isThere = (cause as NodeJS.ErrnoException | undefined)?.code === "EEXIST";
      if (!append || !isThere || tries === mostTries) throw error;
    }
  }
}
