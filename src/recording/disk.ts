/** Owns the file under a recording: made new, or opened to be continued. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { LetGo } from "./alone.js";
import { refusedFile } from "./file-refusal.js";

/** What a recording is written to; each promise rejects with the system's error. */
export interface Disk {
  /**
   * Writes the bytes from `from` on at that position, which is the end of the file.
   * @returns how many of them it took, which may be fewer
   */
  write(bytes: Buffer, from: number, position: number): Promise<number>;
  /** How long the file is, in bytes, whoever has written to it. */
  size(): Promise<number>;
  /** Cuts the file off. */
  truncate(length: number): Promise<void>;
  /** Returns when everything written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Nobody else is to read what may be confidential. */
const ownerOnly = 0o600;

/**
 * A file as a disk.
 * @param file opened to be appended to: what another has written there meanwhile is not written over
 * @param letGo called when it is closed
 */
export function diskOf(file: FileHandle, letGo: LetGo): Disk {
  return {
    write: async (bytes, from) =>
      (await file.write(bytes, from, bytes.length - from, null)).bytesWritten,
    size: async () => (await file.stat()).size,
    truncate: async (length) => file.truncate(length),
    sync: async () => file.datasync(),
    close: () => file.close().finally(letGo),
  };
}

/**
 * Makes a file that was not there.
 * @throws WsctlError WSCTL_EUSAGE
 */
export async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "ax", ownerOnly);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
      throw refusedFile("write", path, cause);
    }
    const there = await stat(path).catch(() => undefined);
    const [why, hint] =
      there?.isDirectory() === true
        ? ["it is a directory", "name a file in it"]
        : there?.isFile() === false
          ? ["it is no plain file", "a recording is kept in a file of its own: name a new one"]
          : ["it is there already", "recordings are never written over: take another name"];
    throw new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(path)}: ${why}`, { cause, hint });
  }
}
