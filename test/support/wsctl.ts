/** Owns how tests run the real program: `bin/wsctl.js`, as built, in a process of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import {
  type Child,
  type ChildExit,
  type ChildOptions,
  exitWithin,
  type SignalWhen,
  startChild,
} from "./child.js";

const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));

/** Longer than any run of a test should take, and shorter than vitest's own limit of a test. */
const runTimeoutMs = 15_000;

/** Where the program keeps the history and settings of these tests, instead of the tester's own. */
const home = mkdtempSync(path.join(tmpdir(), "wsctl-home-"));

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What of the tester's environment would change the program's output, or where it connects to. */
const personal =
  /^(?:WSCTL_.*|VITEST.*|NODE_(?:ENV|OPTIONS)|CI|GITHUB_.*|(?:NO|FORCE)_COLOR|.*_PROXY)$/i;

/** Changes to the environment that make every machine's alike. */
function neutralEnv(): Record<string, string | undefined> {
  const taken = Object.keys(process.env).filter((name) => personal.test(name));
  return {
    ...Object.fromEntries(taken.map((name) => [name, undefined])),
    XDG_STATE_HOME: path.join(home, "state"),
    XDG_CONFIG_HOME: path.join(home, "config"),
    XDG_DATA_HOME: path.join(home, "data"),
  };
}

/** A run of the program from start to end. */
interface RunOptions extends ChildOptions {
  /** A signal to send once, when the program has written something. */
  readonly signalWhen?: SignalWhen | undefined;
  /** Milliseconds after which the run is killed and rejected; 15 seconds unless told. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Starts the program and returns at once. It is killed at the end of the test file, or of the block
 * with `await using`.
 */
export function startWsctl(args: readonly string[], options: ChildOptions = {}): Child {
  return startChild(process.execPath, [program, ...args], {
    ...options,
    env: { ...neutralEnv(), ...options.env },
  });
}

/** Runs the program to its end. */
export async function runWsctl(
  args: readonly string[],
  { signalWhen, timeoutMs = runTimeoutMs, ...options }: RunOptions = {},
): Promise<ChildExit> {
  const child = startWsctl(args, options);
  if (signalWhen !== undefined) child.signalWhen(signalWhen);
  return exitWithin(child, timeoutMs);
}
