/** Owns the worker's process: its pipe to the coordinator, its signals and its clocks. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "./worker.js";
import type { ToWorker } from "./messages.js";

/** Resident memory in bytes, as it was last known. */
let resident = 0;

setFlagsFromString("--expose-gc");
/** Node has it in new contexts from then on. */
const sweep = runInNewContext("gc") as () => void;

const worker = new Worker(
  {
    sweep,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    busy: () => performance.eventLoopUtilization().active,
    rss: () => {
      try {
        resident = process.memoryUsage.rss();
      } catch {
        // It is read from a file: with no descriptor free, which the run is to tell, it stands as it was.
      }
      return resident;
    },
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  },
  (message) => {
    process.send?.(message, () => {
      // The channel keeps the process alive; after its last word a worker has nothing to wait for.
      if (message.type === "done" || message.type === "failed") process.disconnect?.();
    });
  },
);

process.on("message", (message: ToWorker) => worker.receive(message));
// Ctrl-C reaches the whole process group, but it is the coordinator who decides when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// Without a coordinator nobody hears the figures: no load is made that nobody watches.
process.on("disconnect", () => process.exit());
