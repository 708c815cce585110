/**
 * Owns that a recording has one writer at a time. The claim is a name among the kernel's own (a socket
 * in Linux's abstract namespace) and no file: whatever becomes of a process, nothing of it stays. Where
 * the system has no such names, a second writer is told by the length of the file alone.
 */
import type { FileHandle } from "node:fs/promises";
import { createServer } from "node:net";
import { platform } from "node:os";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** Lets the file go. */
export type LetGo = () => void;

/**
 * Claims a file, however it is called.
 * @throws WsctlError WSCTL_EUSAGE when somebody else has it
 */
export async function claim(file: FileHandle, path: string): Promise<LetGo> {
  if (platform() !== "linux") return () => {};
  const { dev, ino } = await file.stat({ bigint: true });
  const claimed = await taken(`\0wsctl-recording-${dev}-${ino}`);
  if (claimed) return claimed;
  throw new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(path)}: it is being recorded to`, {
    hint: "wait until that recording has ended, or name another file",
  });
}

/** Undefined where it is another's; where the system minds the name itself, nobody's is kept out. */
function taken(name: string): Promise<LetGo | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code === "EADDRINUSE" ? undefined : () => {}),
    );
    server.listen({ path: name, exclusive: true }, () => {
      server.unref();
      resolve(() => void server.close());
    });
  });
}
