/**
 * Owns the processes that the benchmarks start: each leads a group of its own, so that what it started
 * in turn can be ended with it, and none outlives the run.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { placed } from "./cores.js";

const running = new Set();
const keptOutput = 64 * 1024;
/** So long the output of a process that has ended is waited for, in ms. */
const lastWords = 1000;

/** Sends a signal to a whole group; that nobody is left of it is no error. */
function signal(pid, name) {
  try {
    process.kill(-pid, name);
  } catch {
    // Gone already.
  }
}

/** Ends everything that was started and still runs. */
export function endChildren() {
  for (const child of running) child.end();
}

/** A process that was started. */
export class Child {
  /** What it has said last, on both streams. */
  output = "";
  /** The exit code, or the name of the signal that ended it; undefined while it runs. */
  ended = undefined;
  #process;

  /**
   * @param {{ file: string, args: string[], env?: Record<string, string>, ipc?: boolean }} command
   * @param {"target" | "clients" | "anywhere"} [side] whose cores it may run on
   */
  constructor(command, side = "anywhere") {
    const { file, args, env = {}, ipc = false } = placed(side, command);
    this.#process = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe", ...(ipc ? ["ipc"] : [])],
      env: { ...process.env, ...env },
      detached: true,
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output = (this.output + text).slice(-keptOutput);
      });
    }
    running.add(this);
    /** Settles when it is over, whatever way, and its last words are read. */
    this.over = new Promise((resolve) => {
      const end = (how) => {
        this.ended = how;
        running.delete(this);
        // What it left behind in its group goes with it.
        if (this.pid !== undefined) signal(this.pid, "SIGKILL");
        // Its output ends with it, unless a daemon of its making holds on to it.
        setTimeout(resolve, lastWords).unref();
      };
      this.#process.on("error", (error) => end(error.message));
      this.#process.on("exit", (code, name) => end(name ?? code));
      this.#process.on("close", () => resolve());
    });
  }

  get pid() {
    return this.#process.pid;
  }

  /** Over IPC. */
  send(message) {
    this.#process.send(message);
  }

  /** The next message over IPC. @throws when it ends before that */
  async message() {
    const gone = new AbortController();
    const next = once(this.#process, "message", { signal: gone.signal });
    const [message] = await Promise.race([next, this.over.then(() => [undefined])]);
    if (message !== undefined) return message;
    gone.abort();
    await next.catch(() => {});
    throw new Error(`a process ended (${this.ended}): ${this.output.trim()}`);
  }

  /** Ends it and everything it has started. */
  end() {
    if (this.ended === undefined && this.pid !== undefined) signal(this.pid, "SIGKILL");
  }
}
