/** Owns how tests drive `wsctl connect`: its JSON lines, its memory, and a terminal to run it on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { exitWithin, startChild, type ChildExit } from "../support/child.js";

const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));

/** Runs a command on a terminal of its own. */
export const script = "/usr/bin/script";

/** One line of `--json`. */
export interface JsonEvent {
  readonly event: string;
  readonly time?: number;
  readonly [key: string]: unknown;
}

/** Every line of the output, each of them one object. */
export function eventsOf({ stdout }: { readonly stdout: string }): JsonEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JsonEvent);
}

/** A line of a shell that runs `wsctl connect`. */
export function shellLine(args: readonly string[]): string {
  const words = [process.execPath, program, "connect", ...args];
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Runs `wsctl connect` with 50,000 lines, for a reader that takes some; its exit code comes last. */
export async function intoHead(args: readonly string[], lines: number): Promise<ChildExit> {
  const line = `${shellLine(args)} | head -n ${lines}; echo "\${PIPESTATUS[0]}"`;
  const stdin = Array.from({ length: 50_000 }, (_, i) => `x ${i}\n`).join("");
  return exitWithin(startChild("bash", ["-c", line], { stdin }), 15_000);
}

/** Runs `wsctl connect` with a terminal as stdin and stdout; what it shows is in `stdout`. */
export async function onTerminal(args: readonly string[]): Promise<ChildExit> {
  return exitWithin(startChild(script, ["-qec", shellLine(args), "/dev/null"]), 15_000);
}

/** Types at the prompt, each thing once what comes before it is shown; what was shown is in `stdout`. */
export async function typed(
  args: readonly string[],
  steps: readonly (readonly [shown: RegExp, keys: string])[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChildExit> {
  const child = spawn(script, ["-qec", shellLine(args), "/dev/null"], {
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1", ...env },
  });
  let stdout = "";
  let next = 0;
  const look = (): void => {
    const step = steps[next];
    if (!step?.[0].test(stdout)) return;
    next++;
    child.stdin.write(step[1]);
    look();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    look();
  });
  const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  clearTimeout(late);
  return { code, signal, stdout, stderr: "" };
}

/** What became of a stream of bytes. */
export interface Streamed {
  readonly code: number | null;
  readonly bytes: number;
  readonly sent: string;
  readonly received: string;
  /** The most memory that was ever resident, in bytes. */
  readonly peak: number;
  readonly stderr: string;
}

/** The most memory of a living process that was ever resident, in bytes; 0 where /proc tells nothing. */
export function peakOf(pid: number): number {
  try {
    return (
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024
    );
  } catch {
    return 0;
  }
}

/** Pipes `size` bytes through `wsctl connect --binary` and back; digests stand for the bytes. */
export async function stream(args: readonly string[], size: number): Promise<Streamed> {
  const child = spawn(process.execPath, [program, "connect", "--binary", ...args]);
  const [sent, received] = [createHash("sha256"), createHash("sha256")];
  let bytes = 0;
  let peak = 0;
  let sampledAt = 0;
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    received.update(chunk);
    if (bytes - sampledAt < 4 * 1024 * 1024) return;
    sampledAt = bytes;
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => {});
  const closed = once(child, "close");
  const block = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < size; at += block.length) {
    // No two blocks are alike, so that none can take another's place.
    for (let word = 0; word < block.length; word += 4)
      block.writeUInt32LE((at + word * 7) >>> 0, word);
    const piece = Buffer.from(block.subarray(0, Math.min(block.length, size - at)));
    sent.update(piece);
    if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, "drain"), closed]);
  }
  peak = Math.max(peak, peakOf(child.pid ?? 0));
  child.stdin.end();
  const [code] = (await closed) as [number | null];
  return { code, bytes, sent: sent.digest("hex"), received: received.digest("hex"), peak, stderr };
}

/** Tells what was measured, for the record; only in long runs, whose figures mean something. */
export function record(text: string): void {
  if (process.env["WSCTL_LONG"]) process.stderr.write(`${text}\n`);
}

/** Bytes as MiB, for people. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
