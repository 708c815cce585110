/** Owns the transport of one machine: each worker is a child process, messages go over its pipe. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { safeLine } from "../base/safe-text.js";
import type { PacerName } from "../scenario/plan.js";
import type { FromWorker, ToWorker } from "./messages.js";
import type { Transport, WorkerEvents, WorkerHandle } from "./transport.js";

/** So much of a worker's stderr is kept, to say why it was lost. */
const keptStderr = 4096;

/**
 * V8 compiles and collects in threads of its own, four unless told. A worker is one of as many as there
 * are cores: four would take turns with its event loop, and with the other workers, and do no more.
 */
const helpers = 1;

/**
 * A loop that never rests makes garbage in every turn. V8's young space grows by what survives, which
 * here is next to nothing: it stays so small that it is collected 40 times a second for 0.25 ms, and
 * that is the 99th percentile of the lag. So it is given its full size, of so many MiB, from the start.
 */
const restlessYoungSpace = 16;

/** What workers run, and how. */
export interface WorkerProgram {
  /** The script; the one beside this file unless told. */
  readonly entry?: string;
  /** Flags for Node, such as this process's own. */
  readonly execArgv?: readonly string[];
  /** What the run's messages are paced by, where somebody chose it. */
  readonly pacer?: PacerName | undefined;
}

/** Workers as child processes. */
export class IpcTransport implements Transport {
  readonly #entry: string;
  readonly #execArgv: string[];

  constructor({ entry, execArgv = [], pacer }: WorkerProgram = {}) {
    this.#entry = entry ?? fileURLToPath(new URL("./worker-process.js", import.meta.url));
    const roomy = pacer === "spin" ? [`--min-semi-space-size=${restlessYoungSpace}`] : [];
    this.#execArgv = [`--v8-pool-size=${helpers}`, ...roomy, ...execArgv];
  }

  launch(_index: number, events: WorkerEvents): WorkerHandle {
    const child = fork(this.#entry, [], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: this.#execArgv,
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
