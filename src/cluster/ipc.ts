/** Owns the transport of one machine: each worker is a child process, messages go over its pipe. */
import { fork, type ForkOptions } from "node:child_process";
import { fileURLToPath } from "node:url";
import { safeLine } from "../base/safe-text.js";
import type { FromWorker, ToWorker } from "./messages.js";
import type { Transport, WorkerEvents, WorkerHandle } from "./transport.js";

/** So much of a worker's stderr is kept, to say why it was lost. */
const keptStderr = 4096;

/** What workers run, and how. */
export interface WorkerProgram {
  /** The script; the one beside this file unless told. */
  readonly entry?: string;
  /** Flags for Node; those of this process unless told. */
  readonly execArgv?: readonly string[];
}

/** Workers as child processes. */
export class IpcTransport implements Transport {
  readonly #entry: string;
  readonly #flags: Pick<ForkOptions, "execArgv">;

  constructor({ entry, execArgv }: WorkerProgram = {}) {
    this.#entry = entry ?? fileURLToPath(new URL("./worker-process.js", import.meta.url));
    this.#flags = execArgv ? { execArgv: [...execArgv] } : {};
  }

  launch(_index: number, events: WorkerEvents): WorkerHandle {
    const child = fork(this.#entry, [], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      ...this.#flags,
    });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-keptStderr);
    });
    child.on("message", (message) => events.message(message as FromWorker));
    child.on("error", (error) => events.gone(error.message));
    // Its exit may be known before its last words are read; 'close' comes when all pipes are empty.
    child.on("close", (code, signal) => {
      const lines = stderr.trim().split("\n");
      // Node ends its report with its version; the line that names the error tells more.
      const told = safeLine(lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "");
      events.gone(`${signal ?? `exit code ${code}`}${told ? `: ${told}` : ""}`);
    });
    return {
      // A worker that is gone is reported by its end; a message to it has nowhere to go, and that it
      // failed is no news: the callback keeps it from being an 'error'.
      send: (message: ToWorker) => void (child.connected && child.send(message, () => {})),
      kill: () => void child.kill("SIGKILL"),
    };
  }
}
