import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeat } from "../../src/session/heartbeat.js";
import { PingLog } from "../../src/session/ping-log.js";

const interval = 1000;
const silence = vi.fn();
let log = new PingLog();
let sent: string[] = [];
let isBacklogged = false;
let isAnswering = true;
const pulse = {
  paused: false,
  received: 0,
  midFrame: false,
  awaits: (payload: Buffer) => log.awaits(payload),
  ping: (payload: Buffer) => {
    sent.push(payload.toString());
    if (isBacklogged) return;
    log.sent(payload, Date.now());
    if (isAnswering) log.answered(payload, Date.now());
  },
};
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers();
  log = new PingLog();
  sent = [];
  isBacklogged = false;
  isAnswering = true;
  Object.assign(pulse, { paused: false, received: 0, midFrame: false });
  silence.mockReset();
  heartbeat = new Heartbeat(pulse, interval, silence);
});

afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

test("one ping each interval, each with a payload of its own", () => {
  vi.advanceTimersByTime(3 * interval);
  expect(new Set(sent).size).toBe(3);
  expect(silence).not.toHaveBeenCalled();
});

test("silence is told once", () => {
  isAnswering = false;
  vi.advanceTimersByTime(10 * interval);
  expect(sent).toHaveLength(1);
  expect(silence).toHaveBeenCalledTimes(1);
});

test("nobody is blamed for a pause, nor for what is read right after it", () => {
  isAnswering = false;
  vi.advanceTimersByTime(interval);
  heartbeat.pause();
  pulse.paused = true;
  vi.advanceTimersByTime(5 * interval);
  pulse.paused = false;
  vi.advanceTimersByTime(interval);
  expect(silence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(interval);
  expect(silence).toHaveBeenCalledTimes(1);
});

test("a pong cannot come in the middle of a frame", () => {
  isAnswering = false;
  pulse.midFrame = true;
  for (let second = 0; second < 5; second++) {
    pulse.received += 1000;
    vi.advanceTimersByTime(interval);
  }
  expect(silence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(interval);
  expect(silence).toHaveBeenCalledTimes(1);
});

test("a ping behind a backlog is not held against the server", () => {
  isBacklogged = true;
  vi.advanceTimersByTime(5 * interval);
  expect(silence).not.toHaveBeenCalled();
});

test("a pong answers its ping and those before; another one answers none", () => {
  const pings = new PingLog();
  const [a, b, c] = ["a", "b", "c"].map((name) => Buffer.from(name));
  pings.sent(a!, 10);
  pings.sent(b!, 20);
  pings.sent(c!, 30);
  expect(pings.answered(Buffer.from("other"), 40)).toBeUndefined();
  expect(pings.answered(b!, 50)).toBe(30);
  expect([a, b, c].map((payload) => pings.awaits(payload!))).toEqual([false, false, true]);
  expect(pings.answered(b!, 60)).toBeUndefined();
});

test("a server that never answers does not fill the memory", () => {
  const pings = new PingLog();
  for (let index = 0; index < 1001; index++) pings.sent(Buffer.from(String(index)), index);
  expect(pings.awaits(Buffer.from("0"))).toBe(false);
  expect(pings.awaits(Buffer.from("1"))).toBe(true);
});
