/** Owns where a command writes: stdout as fast as its reader takes it, or a file that is whole or not there. */
import { randomUUID } from "node:crypto";
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { refusedFile } from "../../recording/file-refusal.js";
import type { Host, OutStream } from "../host.js";

/** Recordings are for their owner's eyes. */
const privateMode = 0o600;

/** Writes are gathered into pieces of so many characters. */
const pieceLength = 256 * 1024;

/** What pipes and devices say, which keep nothing. */
const cannotSync: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOTSUP"]);

/** How to write. */
export interface WriteOptions {
  /** Whether a file that is there may be replaced. */
  readonly replace: boolean;
  /** Ends the writing; what was written so far goes. */
  readonly signal: AbortSignal;
}

/** Whether that is what a writing ends with on the signal. */
export function isInterruption(error: unknown): boolean {
  return error instanceof WsctlError && error.code === "WSCTL_EABORTED";
}

/** Waits until the reader of a stream has taken what was written. */
export async function put(stream: OutStream, text: string): Promise<void> {
  if (stream.write(text)) return;
  await new Promise<void>((resolve) => {
    stream.once("drain", resolve);
    stream.once("close", resolve);
  });
}

/**
 * Checks that the destination may be written, before anything is read.
 * @throws WsctlError WSCTL_EUSAGE
 */
export async function checkDestination(destination: string, replace: boolean): Promise<void> {
  if (destination === "-") return;
  const existing = await lstat(destination).catch(() => undefined);
  if (existing?.isDirectory()) throw refuse(destination, "it is a directory", "name a file in it");
  if (!existing || replace) return;
  // Of a link it is what it leads to that would be written over, or made in another place.
  const there = existing.isSymbolicLink()
    ? await stat(destination).catch(() => undefined)
    : existing;
  if (!there) {
    throw refuse(destination, "it is a link that leads nowhere", "name another file");
  }
  if (there.isDirectory()) throw refuse(destination, "it is a directory", "name a file in it");
  if (there.isFile()) {
    throw refuse(destination, "it is there already", "name another file, or give --force");
  }
}

/**
 * Writes the text: to stdout for `-`, otherwise beside the file, which it then becomes. What is no
 * plain file (a pipe, a device) is written where it is.
 * @throws WsctlError WSCTL_EUSAGE when it cannot be written, WSCTL_EABORTED on the signal
 */
export async function writeTo(
  host: Host,
  destination: string,
  text: AsyncIterable<string>,
  { replace, signal }: WriteOptions,
): Promise<void> {
  if (destination === "-") {
    await unless(signal, printed(host, text));
    return;
  }
  await checkDestination(destination, replace);
  const target = await realpath(destination).catch(() => destination);
  const existing = await stat(target).catch(() => undefined);
  if (existing && !existing.isFile()) {
    await unless(
      signal,
      written(destination, () => open(target, "w"), text),
    );
    return;
  }
  const beside = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}`);
  const mode = existing ? existing.mode & 0o777 : privateMode;
  try {
    await unless(
      signal,
      written(destination, () => open(beside, "wx", mode), text),
    );
    await rename(beside, target).catch((cause: unknown) => {
      throw refusedFile("write", destination, cause);
    });
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** What is waited for may never come, as from a terminal. */
async function unless(signal: AbortSignal, work: Promise<void>): Promise<void> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new WsctlError("WSCTL_EABORTED", "it was interrupted"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    // What comes of it after that is nobody's concern.
    work.catch(() => {});
  }
}

async function printed(host: Host, text: AsyncIterable<string>): Promise<void> {
  for await (const piece of gathered(text)) await put(host.stdout, piece);
}

async function written(
  name: string,
  opened: () => Promise<FileHandle>,
  text: AsyncIterable<string>,
): Promise<void> {
  const file = await opened().catch((cause: unknown) => {
    throw refusedFile("write", name, cause);
  });
  try {
    for await (const piece of gathered(text)) {
      await file.appendFile(piece).catch((cause: unknown) => {
        throw refusedFile("write", name, cause);
      });
    }
    // A disk that was promised the file may have lost it; a pipe has nothing to be kept.
    await file.sync().catch((cause: unknown) => {
      if (!cannotSync.has((cause as NodeJS.ErrnoException).code))
        throw refusedFile("write", name, cause);
    });
  } finally {
    await file.close();
  }
}

async function* gathered(text: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = "";
  for await (const more of text) {
    piece += more;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function refuse(file: string, why: string, hint?: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(file, 100)}: ${why}`, { hint });
}
