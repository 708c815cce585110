/** Owns the contests of time: ten thousand users with an alarm each. */
import { Random, seedOf } from "../../dist/base/random.js";
import { TimerWheel } from "../../dist/load/flow/timer-wheel.js";
import { AlarmHeap } from "./heap.js";

const users = 10_000;
const mask = 65_535;
const random = new Random(seedOf("timers"));
/** Alarms are so far ahead, in ms. */
const ahead = Float64Array.from({ length: mask + 1 }, () => 1 + random.float() * 1000);
const ids = Uint32Array.from({ length: mask + 1 }, () => random.int(0, users - 1));

function newWheel() {
  const wheel = new TimerWheel(0);
  for (let id = 0; id < users; id++) wheel.set(id, ahead[id]);
  return wheel;
}

function newHeap() {
  const heap = new AlarmHeap(users, Infinity);
  for (let id = 0; id < users; id++) heap.set(id, ahead[id]);
  return heap;
}

const moved = { wheel: newWheel(), heap: newHeap() };
const timeouts = [];
const noop = () => {};

/** Far enough ahead that none fires while it is measured; cleared at the end of each batch. */
function moveTimeouts(times) {
  for (let i = 0; i < times; i++) {
    const id = ids[i & mask];
    if (timeouts[id] !== undefined) clearTimeout(timeouts[id]);
    timeouts[id] = setTimeout(noop, 10_000 + ahead[i & mask]);
  }
  return timeouts.length;
}

/** Lets time pass by a millisecond, and sets everything that was due anew, until there were enough. */
function waking(wake) {
  let now = 0;
  let drawn = 0;
  const next = () => now + ahead[drawn++ & mask];
  return (times) => {
    for (let woken = 0; woken < times;) woken += wake(++now, next);
    return now;
  };
}

const awake = { wheel: newWheel(), heap: newHeap() };
const due = [];

function wakeWheel(now, next) {
  due.length = 0;
  awake.wheel.advance(now, due);
  for (const id of due) awake.wheel.set(id, next());
  return due.length;
}

function wakeHeap(now, next) {
  let woken = 0;
  for (let id = awake.heap.due(now); id >= 0; id = awake.heap.due(now)) {
    awake.heap.set(id, next());
    woken++;
  }
  return woken;
}

const move = (alarms) => (times) => {
  for (let i = 0; i < times; i++) alarms.set(ids[i & mask], 1 + ahead[i & mask]);
  return alarms;
};

/** @type {import("./contest.js").Contest[]} */
export const timerContests = [
  {
    name: "move one of 10,000 alarms",
    subjects: [
      { name: "TimerWheel", run: move(moved.wheel) },
      { name: "binary heap", run: move(moved.heap) },
      { name: "clearTimeout and setTimeout", run: moveTimeouts },
    ],
  },
  {
    name: "wake one of 10,000 users and set its alarm anew",
    subjects: [
      { name: "TimerWheel", run: waking(wakeWheel) },
      { name: "binary heap", run: waking(wakeHeap) },
    ],
  },
];

/** Gives up all timeouts that were set. */
export function clearTimeouts() {
  timeouts.forEach(clearTimeout);
}
