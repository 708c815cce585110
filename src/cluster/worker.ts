/** Owns the worker's side of a run: it follows the coordinator's messages and drives the engine. */
import { WsctlError, messageOf } from "../base/errors.js";
import { failureOf } from "../load/dialler.js";
import { Engine } from "../load/engine.js";
import type { Trace } from "../load/flow/trace.js";
import type { ProcessProbe } from "../load/self-watch.js";
import type { Snapshot } from "../metrics/snapshot.js";
import type { FromWorker, ToWorker } from "./messages.js";

/** One worker; give it each message that comes. */
export class Worker {
  readonly #probe: ProcessProbe;
  readonly #send: (message: FromWorker) => void;
  readonly #trace: Trace | undefined;
  #engine: Engine | undefined;
  #start: (at: number | undefined) => void = () => {};

  /**
   * @param send must deliver in order
   * @param trace hears of everything that virtual users do
   */
  constructor(probe: ProcessProbe, send: (message: FromWorker) => void, trace?: Trace) {
    this.#probe = probe;
    this.#send = send;
    this.#trace = trace;
  }

  /** Takes a message of the coordinator. */
  receive(message: ToWorker): void {
    switch (message.type) {
      case "plan":
        this.#play(message).catch((error: unknown) => this.#fail(error));
        break;
      case "start":
        this.#start(message.at);
        break;
      case "confirm":
        this.#engine?.confirm(message.barrier, message.round, message.ask);
        break;
      case "release":
        this.#engine?.release(message.barrier, message.round);
        break;
      case "stop":
        this.#engine?.stop();
        this.#start(undefined);
        break;
    }
  }

  async #play({ plan, shard, run, epoch }: ToWorker & { type: "plan" }): Promise<void> {
    const started = new Promise<number | undefined>((resolve) => (this.#start = resolve));
    const emit = (snapshot: Snapshot): void => this.#send({ type: "snapshot", snapshot });
    const engine = new Engine(plan, shard, run, this.#probe, emit, {
      trace: this.#trace,
      log: (line) => this.#send({ type: "log", line }),
      barrier: (state) => this.#send({ type: "barrier", ...state }),
      fanout: (batch) => this.#send({ type: "fanout", batch }),
    });
    this.#engine = engine;
    const opened = await engine.open(epoch);
    this.#send({ type: "opened", opened });
    const at = await started;
    if (at !== undefined) await engine.run(at);
    await engine.close();
    this.#send({ type: "done", finished: engine.finish() });
  }

  #fail(error: unknown): void {
    const known =
      error instanceof WsctlError ? error : new WsctlError("WSCTL_EWORKER", messageOf(error));
    this.#send({ type: "failed", failure: failureOf(known) });
  }
}
