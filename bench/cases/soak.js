/**
 * Owns the soak: a minute at full speed, the worker's memory all the while, and the longest pause that
 * its garbage collector took.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { measure } from "../harness/measure.js";
import { findIn, residentOf } from "../harness/processes.js";
import { figure } from "../harness/result.js";
import { stopping, takeTurns } from "../harness/rounds.js";
import { slopeOf, spreadOf } from "../harness/statistics.js";
import { Target } from "../harness/target.js";
import { wsctl } from "../peers/wsctl.js";

const name = "soak";
const title = "full speed, 100 connections, 20 bytes, ten in flight, one worker";
/** How much longer than the windows of other cases: 60 s unless told. */
const longer = 20;
/**
 * So many times as long it goes on before: at a million messages a second V8 takes a minute and a half
 * until the memory of what it compiled and threw away again is given back.
 */
const warming = 2;
const sampleEvery = 250;
const mib = 1024 ** 2;
const worker = "worker-process";

/** wsctl with the watch in all of its processes: in a run of its own, for the watch takes memory. */
const watched = {
  ...wsctl,
  name: "wsctl, watched",
  command: (work) => ({
    ...wsctl.command(work),
    env: {
      NODE_OPTIONS: `--import=${new URL("gc-watch.js", import.meta.url).href}`,
      WSCTL_BENCH_GC: work.folder,
    },
  }),
};

/** The worker's memory over time: minutes and MiB. */
async function watch(child, seconds) {
  const pid = findIn(child.pid, worker);
  const points = [];
  const begun = performance.now();
  for (;;) {
    const elapsed = performance.now() - begun;
    if (elapsed >= seconds * 1000 || stopping.signal.aborted) break;
    points.push({ x: elapsed / 60_000, y: residentOf(pid) / mib });
    await sleep(sampleEvery);
  }
  return { points };
}

/** What the watch in the worker wrote. */
function pausesIn(folder) {
  const found = readdirSync(folder)
    .filter((file) => /^gc-\d+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")))
    .find(({ entry }) => entry.includes(worker));
  if (!found) throw new Error("the worker did not tell of its garbage collection");
  return { gc: found };
}

/** @type {import("./cases.js").Case} */
export const soakCase = {
  name,
  title,
  run: async ({ seconds }) => {
    const times = { seconds: seconds * longer, warmUp: seconds * longer * warming };
    const target = await Target.start();
    try {
      const work = { connections: 100, size: 20, inFlight: 10 };
      const turn = (each) =>
        each === watched
          ? measure(each, target, work, times, { after: pausesIn })
          : measure(each, target, work, times, { during: (child) => watch(child, times.seconds) });
      const describe = ({ perSecond }) => `${figure(perSecond)} per second`;
      const { readings, notes } = await takeTurns(name, 1, [wsctl, watched], turn, describe);
      const [reading, paused] = [wsctl, watched].map((each) => readings.get(each.name)[0]);
      const rows = [];
      const checks = [];
      if (reading && paused) {
        const { points, perSecond } = reading;
        const { gc } = paused;
        rows.push([
          `${figure(times.seconds)} s`,
          figure(perSecond),
          `${figure(points[0].y)} MiB`,
          `${figure(points.at(-1).y)} MiB`,
          figure(gc.pauses),
          `${figure(gc.total)} ms`,
        ]);
        const measured = (value) => spreadOf([value]);
        checks.push(
          {
            what: "memory grows by",
            measured: measured(slopeOf(points)),
            atMost: 1,
            unit: " MiB/min",
          },
          { what: "longest GC pause", measured: measured(gc.longest), atMost: 20, unit: " ms" },
        );
      }
      const columns = ["for", "per second", "RSS before", "after", "GC pauses", "in all"];
      return { name, title, columns, rows, checks, notes };
    } finally {
      await target.stop();
    }
  },
};
