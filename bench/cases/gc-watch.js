/**
 * Owns the watch over garbage collection from inside a process that is measured: loaded into it by
 * NODE_OPTIONS, it writes its longest pause when the process ends.
 *
 *     NODE_OPTIONS=--import=file:///…/gc-watch.js WSCTL_BENCH_GC=FOLDER node …
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { PerformanceObserver } from "node:perf_hooks";

const folder = process.env["WSCTL_BENCH_GC"];
const seen = { entry: process.argv[1], longest: 0, pauses: 0, total: 0 };

function take(entries) {
  for (const { duration } of entries) {
    seen.longest = Math.max(seen.longest, duration);
    seen.total += duration;
    seen.pauses++;
  }
}

const observer = new PerformanceObserver((list) => take(list.getEntries()));
observer.observe({ entryTypes: ["gc"] });

process.on("exit", () => {
  take(observer.takeRecords());
  if (folder) writeFileSync(path.join(folder, `gc-${process.pid}.json`), JSON.stringify(seen));
});
