/** Owns a worker without a process of its own: a dry run is no load, and its trace is wanted here. */
import { Worker } from "../../cluster/worker.js";
import type { Transport, WorkerEvents, WorkerHandle } from "../../cluster/transport.js";
import type { Trace } from "../../load/flow/trace.js";
import type { Host } from "../host.js";

/** The transport of workers within this process. */
export class HereTransport implements Transport {
  readonly #host: Host;
  readonly #trace: Trace;

  constructor(host: Host, trace: Trace) {
    this.#host = host;
    this.#trace = trace;
  }

  launch(_index: number, events: WorkerEvents): WorkerHandle {
    let isGone = false;
    const worker = new Worker(
      {
        cpu: () => {
          const { user, system } = process.cpuUsage();
          return (user + system) / 1000;
        },
        rss: () => process.memoryUsage.rss(),
        monotonic: () => this.#host.monotonic(),
      },
      (message) => {
        // A line of the log stands between those of the trace; all else is heard later, as over a pipe.
        if (message.type === "log") events.message(message);
        else setImmediate(() => isGone || events.message(message));
      },
      this.#trace,
    );
    return {
      send: (message) => setImmediate(() => isGone || worker.receive(message)),
      kill: () => {
        if (isGone) return;
        isGone = true;
        events.gone("ended");
      },
    };
  }
}
