/** Owns reading a file piece by piece into the same memory. */
import { type FileHandle, open } from "node:fs/promises";
import { refusedFile } from "./file-refusal.js";

/** All lines of a piece are held at once: the fewer they are, the fewer of them outlive their use. */
const pieceLength = 64 * 1024;

/**
 * The bytes of a file in order. A piece is good until the next one is asked for.
 * @throws WsctlError WSCTL_EUSAGE for a file that cannot be read
 */
export async function* piecesOf(path: string): AsyncGenerator<Buffer, void, void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const memory = Buffer.allocUnsafeSlow(pieceLength);
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, pieceLength, null);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw refusedFile("read", path, cause);
  } finally {
    await file?.close();
  }
}
