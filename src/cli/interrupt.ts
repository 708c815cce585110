/** Owns Ctrl-C: the first ends the work in good order, the second leaves at once. */
import { ExitCode } from "./exit-codes.js";
import type { EndSignal, Host } from "./host.js";

/** Turns signals of the process into AbortSignals while a command runs. */
export class Interrupt {
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  readonly #undo: () => void;
  #first: EndSignal | undefined;

  /** @param notice called at the first signal */
  constructor(host: Host, notice: () => void) {
    this.#undo = host.onSignal((signal) => {
      if (this.#first) {
        this.#abort.abort();
        return;
      }
      this.#first = signal;
      notice();
      this.#stop.abort();
    });
  }

  /** Fires at the first signal: stop new work, drain, report. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Fires at the second: leave. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** 130 or 143 if a signal came. */
  get exitCode(): number | undefined {
    if (!this.#first) return undefined;
    return this.#first === "SIGINT" ? ExitCode.interrupted : ExitCode.terminated;
  }

  /** Gives the signals back to the process. */
  dispose(): void {
    this.#undo();
  }
}
