/** Shows how many connections are closed: some at a time, and patiently while they do end. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fleet } from "../../src/load/fleet.js";
import type { Link } from "../../src/load/link.js";
import { Ledger } from "../../src/load/ledger.js";
import { Meter } from "../../src/load/meter.js";
import { Rig } from "../../src/load/rig.js";
import { planOf } from "../scenario/flags.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A fleet of `count` whose connections end as `whenClosed` has it, or when they are reset. */
function fleetOf(count: number, whenClosed: (position: number, end: () => void) => void) {
  const rig = new Rig(planOf({ connections: String(count) }), new Meter(0), () => {});
  const fleet = new Fleet(count, rig);
  const seen = { closed: 0, reset: 0 };
  rig.meter.open = count;
  for (let position = 0; position < count; position++) {
    const link = {
      open: true,
      backedUp: false,
      ledger: new Ledger(),
      expected: 0,
      answered: 0,
      timedOut: 0,
    };
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      rig.meter.open--;
      fleet.ended(made);
    };
    const close = (): void => {
      link.open = false;
      seen.closed++;
      whenClosed(position, end);
    };
    const destroy = (): void => {
      if (!isOver) seen.reset++;
      end();
    };
    const made = Object.assign(link, { close, destroy }) as unknown as Link;
    fleet.links[position] = made;
  }
  return { fleet, seen, rig };
}

test("many are closed in several turns of the event loop", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const { fleet, seen } = fleetOf(1000, (_, end) => {
    now += 0.01;
    setTimeout(end, 10);
  });
  const closing = fleet.close(2000);
  // A millisecond's worth.
  expect(seen.closed).toBeLessThanOrEqual(101);
  await vi.advanceTimersByTimeAsync(100);
  clock.mockRestore();
  await closing;
  expect(seen).toEqual({ closed: 1000, reset: 0 });
});

test("as long as some end, none is reset, though all together take longer than the grace", async () => {
  const ends: (() => void)[] = [];
  const { fleet, seen } = fleetOf(5000, (_, end) => void ends.push(end));
  for (let turn = 1; turn <= 10; turn++) {
    setTimeout(() => {
      for (const end of ends.slice((turn - 1) * 500, turn * 500)) end();
    }, turn * 500);
  }
  const closing = fleet.close(2000);
  await vi.advanceTimersByTimeAsync(6000);
  await closing;
  expect(seen).toEqual({ closed: 5000, reset: 0 });
});

test("when none has ended for the grace, the rest is reset", async () => {
  const { fleet, seen, rig } = fleetOf(100, (position, end) => {
    if (position < 50) setTimeout(end, 100);
  });
  const closing = fleet.close(2000);
  await vi.advanceTimersByTimeAsync(4500);
  await closing;
  expect([seen, rig.meter.open]).toEqual([{ closed: 100, reset: 50 }, 0]);
});

test("who lets them go one by one is not waited for without end", async () => {
  const { fleet, seen } = fleetOf(100, (position, end) => void setTimeout(end, position * 1900));
  const closing = fleet.close(2000);
  await vi.advanceTimersByTimeAsync(10_000);
  await closing;
  expect(seen.reset).toBeGreaterThan(90);
});
