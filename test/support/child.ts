/**
 * Owns the child processes that tests start: their output line by line, their end, and that none
 * outlives the test file that started it, whatever the file does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { afterAll } from "vitest";

/** How a child process ended: exactly one of `code` and `signal` is null. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything it wrote, as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

/** A signal that is sent once, as soon as the child has written something. */
export interface SignalWhen {
  /** Looked for in all of stdout so far, and in all of stderr so far. */
  readonly pattern: RegExp;
  readonly signal: NodeJS.Signals;
}

/** How to start a child process. */
export interface ChildOptions {
  /** Written to its stdin, which is then closed; without it stdin is closed at once. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Its working directory; this process's own when not given. */
  readonly cwd?: string | undefined;
}

/** A child process under way. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when it has ended and its output is read to the end; rejects if it cannot start. */
  readonly exit: Promise<ChildExit>;
  /** What it has written so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /**
   * The next line of its stdout, without the line break; undefined after the last one. Calls are
   * answered in order.
   *
   * @param timeoutMs - after how many milliseconds to reject, 10 seconds unless told
   */
  nextLine(timeoutMs?: number): Promise<string | undefined>;
  /** Sends it a signal, SIGTERM unless told; false when it has ended already. */
  kill(signal?: NodeJS.Signals): boolean;
  /** Sends the signal when it is time, at most once. */
  signalWhen(when: SignalWhen): void;
}

const lineTimeoutMs = 10_000;
const started = new Set<ChildProcess>();

/** Kills a child and, as each leads a process group of its own, all that it started. */
function killGroup(child: ChildProcess): void {
  started.delete(child);
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function killAll(): void {
  for (const child of started) killGroup(child);
}

// Vitest loads this module anew for each test file, so the hook belongs to the file that imports it.
afterAll(killAll);
process.on("exit", killAll);

/** Starts a program with the arguments given, without a shell. */
export function startChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Child {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  started.add(child);
  const output = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
    notify();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
    notify();
  });
  // A child that ends without reading its stdin is no failure of the test.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin);

  let ended = false;
  const exit = new Promise<ChildExit>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...output }));
  }).finally(() => {
    ended = true;
    notify();
  });
  // Who cares for the end awaits `exit`; who does not is not punished for it.
  exit.catch(() => {});

  let read = 0;
  const takeLine = (): string | undefined => {
    const end = output.stdout.indexOf("\n", read);
    if (end === -1 && !(ended && read < output.stdout.length)) return undefined;
    const line = output.stdout.slice(read, end === -1 ? undefined : end);
    read = end === -1 ? output.stdout.length : end + 1;
    return line;
  };
  const waitForLine = async (timeoutMs: number): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        watchers.delete(look);
        settle();
      };
      const look = (): void => {
        const line = takeLine();
        if (line !== undefined || ended) finish(() => resolve(line));
      };
      const timer = setTimeout(() => {
        const message = `no further line of ${command} within ${timeoutMs} ms`;
        finish(() => reject(new Error(`${message}\n${describeOutput(output)}`)));
      }, timeoutMs);
      watchers.add(look);
      look();
    });
  let turn: Promise<unknown> = Promise.resolve();

  return {
    pid: child.pid ?? -1,
    exit,
    output,
    nextLine: async (timeoutMs = lineTimeoutMs) => {
      const line = turn.then(async () => waitForLine(timeoutMs));
      turn = line.catch(() => {});
      return line;
    },
    kill: (signal = "SIGTERM") => child.kill(signal),
    signalWhen: ({ pattern, signal }) => {
      const look = (): void => {
        if (output.stdout.search(pattern) === -1 && output.stderr.search(pattern) === -1) return;
        watchers.delete(look);
        child.kill(signal);
      };
      watchers.add(look);
      look();
    },
    [Symbol.asyncDispose]: async () => {
      killGroup(child);
      await exit.catch(() => {});
    },
  };
}

/**
 * Waits for the end of a child; kills it and what it started when that takes too long.
 *
 * @param timeoutMs - milliseconds until then
 * @throws Error with all that the child has written, when time runs out
 */
export async function exitWithin(child: Child, timeoutMs: number): Promise<ChildExit> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, timeoutMs, "late");
  });
  const first = await Promise.race([child.exit, late]).finally(() => clearTimeout(timer));
  if (first !== "late") return first;
  await child[Symbol.asyncDispose]();
  throw new Error(`the child did not end within ${timeoutMs} ms\n${describeOutput(child.output)}`);
}

function describeOutput({ stdout, stderr }: Child["output"]): string {
  return `stdout: ${JSON.stringify(stdout)}\nstderr: ${JSON.stringify(stderr)}`;
}
