/** Shows whose CPU a worker is judged by: its event loop's, and not that of threads beside it. */
import { expect, test } from "vitest";
import { SelfWatch } from "../../src/load/self-watch.js";

/** A process that has used `cpu` of a core since it began, and whose loop was at work for `busy` of the time. */
function watchOf(cpu: number, busy?: number): SelfWatch {
  const zero = performance.now();
  const elapsed = (): number => performance.now() - zero;
  return new SelfWatch({
    cpu: () => elapsed() * cpu,
    rss: () => 1,
    monotonic: () => performance.now(),
    ...(busy === undefined ? {} : { busy: () => elapsed() * busy }),
  });
}

async function judged(watch: SelfWatch): Promise<number> {
  watch.begin();
  const end = performance.now() + 20;
  while (performance.now() < end) await new Promise(setImmediate);
  watch.end();
  return watch.health().cpu;
}

test("a thread that helps does not make a worker busy", async () => {
  expect(await judged(watchOf(1.1, 0.6))).toBeCloseTo(0.6, 1);
});

test("a loop that others keep from the core has used no more CPU than it had", async () => {
  expect(await judged(watchOf(0.4, 1))).toBeCloseTo(0.4, 1);
});

test("where the loop is not known, CPU alone counts", async () => {
  expect(await judged(watchOf(0.97))).toBeCloseTo(0.97, 1);
});
