/** Owns the file under a recording: made new, or opened to be continued. */
import { type FileHandle, open } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { whyRefused } from "./file-refusal.js";

/** What a recording is written to; each promise rejects with the system's error. */
export interface Disk {
  /**
   * Writes the bytes from `from` on at that position of the file.
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

/** A file as a disk. */
export function diskOf(file: FileHandle): Disk {
  return {
    write: async (bytes, from, position) =>
      (await file.write(bytes, from, bytes.length - from, position)).bytesWritten,
    size: async () => (await file.stat()).size,
    truncate: async (length) => file.truncate(length),
    sync: async () => file.datasync(),
    close: async () => file.close(),
  };
}

/**
 * Makes a file that was not there.
 * @throws WsctlError WSCTL_EUSAGE
 */
export async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", ownerOnly);
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(path)}: ${whyRefused(cause)}`, {
      cause,
      ...(isThere ? { hint: "recordings are never written over: take another name" } : {}),
    });
  }
}
