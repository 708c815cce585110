/** Owns killing a recorder under load at a random moment, and what of its file has to hold then. */
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import type { MessageLine } from "../../src/recording/line.js";
import { payloadOf } from "../../src/recording/payload.js";
import { readRecording } from "../../src/recording/reader.js";
import { exitWithin, startChild } from "../support/child.js";

const program = fileURLToPath(new URL("flood-process.js", import.meta.url));

/** What became of one recorder. */
export interface Killed {
  /** Whether the last line was torn. */
  readonly torn: boolean;
  /** Whole messages. */
  readonly messages: number;
  /** Bytes whose write had returned, as the recorder knew, and those in the file. */
  readonly known: number;
  readonly bytes: number;
}

async function byteBefore(path: string, position: number): Promise<number | undefined> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, position - 1);
    return bytesRead === 1 ? buffer[0] : undefined;
  } finally {
    await file.close();
  }
}

/**
 * Kills it with SIGKILL that many milliseconds after so many writes have returned, and reads the file.
 * @throws Error when a line is malformed, one is missing, or what was written is not there
 */
export async function killRecorder(
  path: string,
  fsync: string,
  { writes, after }: { readonly writes: number; readonly after: number },
): Promise<Killed> {
  const child = startChild(process.execPath, [program, path, fsync]);
  for (let left = writes; left > 0; left--) {
    if ((await child.nextLine()) === undefined) throw new Error((await child.exit).stderr);
  }
  await delay(after);
  child.kill("SIGKILL");
  const { stdout, signal, stderr } = await exitWithin(child, 10_000);
  if (signal !== "SIGKILL") throw new Error(`it ended by itself: ${stderr}`);
  // The last line of its own output may be torn as well.
  const known = Number(stdout.slice(0, stdout.lastIndexOf("\n")).split("\n").at(-1));
  if ((await byteBefore(path, known)) !== 0x0a) throw new Error(`no line ends at ${known}`);
  const recorded = readRecording(path);
  let messages = 0;
  let bytes = 0;
  for await (const { line, raw } of recorded) {
    bytes += Buffer.byteLength(raw) + 1;
    if (line.k !== "in" && line.k !== "out") throw new Error(`no message: ${raw.slice(0, 200)}`);
    const number = Number.parseInt(payloadOf(line as MessageLine).toString("latin1"), 10);
    if (number !== messages) throw new Error(`message ${number} stands where ${messages} should`);
    messages++;
  }
  if (bytes + 200 < known) throw new Error(`${bytes} bytes are readable, ${known} were written`);
  return { torn: recorded.torn, messages, known, bytes };
}
