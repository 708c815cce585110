/** Owns what tests see of the machine's processes through /proc: whose child is whose, and who lives. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { vi } from "vitest";

/** Without /proc there is nothing to see: `describe.skipIf(!hasProc)`. */
export const hasProc = existsSync("/proc/self/stat");

/** One process. */
interface Process {
  readonly pid: number;
  readonly commandLine: string;
}

/** What the kernel says of a process, from its state on (proc_pid_stat(5)); none when it is gone. */
function fieldsOf(file: string): string[] {
  try {
    const text = readFileSync(file, "latin1");
    // The name stands in parentheses and may hold anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** The state and the parent of a process; undefined when there is none of that id. */
function statOf(pid: number): { state: string; parent: number } | undefined {
  const [state, parent] = fieldsOf(`/proc/${pid}/stat`);
  return state === undefined ? undefined : { state, parent: Number(parent) };
}

/** Of the kernel's clock for processes, in ms: USER_HZ is 100 on every Linux. */
const tick = 10;

/**
 * The CPU time that the main thread of a process has used by now, user and system, in ms; what other
 * threads do for it is left out. NaN when it is gone.
 */
export function mainCpuOf(pid: number): number {
  const fields = fieldsOf(`/proc/${pid}/task/${pid}/stat`);
  // utime and stime are fields 14 and 15; the state is the third.
  return (Number(fields[11]) + Number(fields[12])) * tick;
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Whether it runs; one that only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The living children of a process. */
function childrenOf(parent: number): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === parent && isAlive(pid))
    .map((pid) => ({ pid, commandLine: commandLineOf(pid) }));
}

/** The workers among the children of a load run, once there are `count` of them. */
export async function workersOf(parent: number, count: number): Promise<number[]> {
  return waitForChildren(parent, /worker-process/, count);
}

/** The embedded server among the children of a load run, once it is there. */
export async function embeddedServerOf(parent: number): Promise<number> {
  const [pid] = await waitForChildren(parent, / serve /, 1);
  return pid!;
}

async function waitForChildren(parent: number, like: RegExp, count: number): Promise<number[]> {
  return until(() => {
    const pids = childrenOf(parent)
      .filter(({ commandLine }) => like.test(commandLine))
      .map(({ pid }) => pid);
    if (pids.length !== count) throw new Error(`${pids.length} of ${count} children like ${like}`);
    return pids;
  });
}

/** Resolves when none of these processes lives any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  await until(() => {
    const left = pids.filter(isAlive);
    if (left.length > 0) throw new Error(`still there: ${left.map(commandLineOf).join(", ")}`);
  });
}

/** Tries again until `look` does not throw, for some seconds. */
export async function until<T>(look: () => T | Promise<T>, timeout = 15_000): Promise<T> {
  return vi.waitFor(look, { timeout, interval: 10 });
}
