/** Shows that a run that lost a worker, or was ended early, never passes for a whole one. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Coordinator } from "../../src/cluster/coordinator.js";
import type { RunOutcome } from "../../src/cluster/run-options.js";
import { planOf } from "../scenario/flags.js";
import {
  diligent,
  doneWith,
  FakeTransport,
  Listener,
  openedOf,
  snapshotOf,
  type FakeWorker,
  type Script,
} from "./fake-workers.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function begin(script: Script, workers = 3) {
  const transport = new FakeTransport(script);
  const listener = new Listener();
  const clock = { now: 0 };
  const [stop, abort] = [new AbortController(), new AbortController()];
  const outcome: Promise<RunOutcome> = new Coordinator(planOf({ duration: "1h", rate: "0" }), {
    run: "run-1",
    transport,
    workers,
    outputs: [listener],
    env: { wsctl: "0", node: "20", os: "linux", cpu: "x", cores: 4 },
    clock: { monotonic: () => clock.now, date: () => new Date(0) },
    stop: stop.signal,
    abort: abort.signal,
  }).run();
  return { workers: transport.workers, listener, clock, stop, abort, outcome };
}

/** Lets everything happen that is due, messages between workers and coordinator included. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

/** Opens, and then works until it is told to stop. */
const steady: Script = (worker, message) => {
  if (message.type === "plan") worker.say(openedOf(2));
  if (message.type === "stop") {
    worker.say(snapshotOf(worker.index, 1, { counters: { ws_msgs_sent: 4 } }));
    worker.say(doneWith({ ws_msgs_sent: 4 }));
  }
};

const codesOf = ({ result }: RunOutcome): string[] =>
  result.validity.reasons.map(({ code }) => code);
const detailOf = ({ result }: RunOutcome): string => result.validity.reasons[0]!.detail;
const heardOf = (workers: readonly FakeWorker[]): string[][] => workers.map(({ heard }) => heard);

describe("a worker that is lost", () => {
  test("ends the run for all; what they measured is kept, and INVALID", async () => {
    const { workers, outcome } = begin(steady);
    await settled();
    for (const heard of heardOf(workers)) expect(heard).toEqual(["plan", "start"]);
    workers[1]!.die("SIGKILL");
    workers[1]!.die("and again");
    const ended = await outcome;
    for (const heard of heardOf([workers[0]!, workers[2]!])) {
      expect(heard).toEqual(["plan", "start", "stop"]);
    }
    expect(workers[1]!.heard).toEqual(["plan", "start"]);
    expect(codesOf(ended)).toEqual(["worker-lost"]);
    expect(detailOf(ended)).toMatch(/worker 2 of 3 .*SIGKILL/);
    expect(detailOf(ended)).not.toContain("again");
    expect(ended.result.totals["ws_msgs_sent"]).toBe(8);
    expect(ended.result.interrupted).toBe(false);
  });

  test("while opening keeps the others from ever starting", async () => {
    const { workers, outcome } = begin((worker, message) => {
      if (worker.index === 0 && message.type === "plan") worker.die("exit code 1");
      else steady(worker, message);
    });
    const ended = await outcome;
    for (const { heard } of workers) expect(heard).not.toContain("start");
    expect(codesOf(ended)).toEqual(["worker-lost"]);
  });

  test("after its last word is none", async () => {
    const { workers, outcome } = begin((worker, message) => {
      diligent(worker, message);
      if (message.type === "start") worker.die("exit code 0");
    });
    const ended = await outcome;
    expect(workers).toHaveLength(3);
    expect(codesOf(ended)).toEqual([]);
  });

  test("when it was the only one ends the run as well", async () => {
    const { outcome } = begin((worker) => worker.die("exit code 9"), 1);
    const ended = await outcome;
    expect(codesOf(ended)).toEqual(["worker-lost"]);
    expect(ended.result.totals).toEqual({});
  });
});

test("a worker that failed is lost, and says why", async () => {
  const failure = {
    code: "WSCTL_EUSAGE",
    message: "that cannot be used",
    hint: "use another",
    where: ["here"],
  };
  const { workers, outcome } = begin((worker, message) => {
    if (worker.index === 1 && message.type === "plan") worker.say({ type: "failed", failure });
    else steady(worker, message);
  });
  const ended = await outcome;
  expect(ended.failure).toEqual(failure);
  expect(codesOf(ended)).toEqual(["worker-lost"]);
  expect(detailOf(ended)).toContain("that cannot be used");
  expect(workers[0]!.heard.at(-1)).toBe("stop");
});

describe("a worker that says nothing for ten seconds", () => {
  test("is taken for lost, and is killed", async () => {
    const { workers, clock, outcome } = begin(steady);
    await settled();
    for (let second = 1; second <= 9; second++) {
      clock.now = second * 1000;
      for (const worker of [workers[0]!, workers[2]!]) {
        worker.say(snapshotOf(worker.index, second, {}));
      }
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(workers[1]!.killed).toBe(false);
    clock.now = 10_001;
    await vi.advanceTimersByTimeAsync(1000);
    expect(workers[1]!.killed).toBe(true);
    await settled();
    const ended = await outcome;
    expect(codesOf(ended)).toEqual(["worker-lost"]);
    expect(detailOf(ended)).toMatch(/worker 2 of 3 has been silent/);
    expect(workers[0]!.heard).toEqual(["plan", "start", "stop"]);
  });

  test("has its last words ignored: its seconds are settled, and the others go by themselves", async () => {
    const { workers, clock, listener, outcome } = begin(steady, 2);
    await settled();
    const sent = { ws_msgs_sent: 4 };
    for (let second = 1; second <= 10; second++) {
      clock.now = second * 1001;
      workers[0]!.say(snapshotOf(0, second, {}));
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(workers[1]!.killed).toBe(true);
    // What it said before it was given up comes out of the pipe only now.
    workers[1]!.say(snapshotOf(1, 1, { counters: sent, sequence: 7 }));
    workers[1]!.say(doneWith(sent));
    workers[1]!.die("SIGKILL");
    await settled();
    const ended = await outcome;
    expect(codesOf(ended)).toEqual(["worker-lost"]);
    expect(detailOf(ended)).toMatch(/silent/);
    expect(ended.result.totals).toMatchObject(sent);
    const seconds = listener.intervals.map(({ second }) => second);
    expect(new Set(seconds).size).toBe(seconds.length);
  });

  test("is not lost when it has finished", async () => {
    const { workers, clock, outcome } = begin((worker, message) => {
      if (worker.index === 0) diligent(worker, message);
      else if (message.type === "plan") worker.say(openedOf(2));
    }, 2);
    await settled();
    clock.now = 9000;
    workers[1]!.say(snapshotOf(1, 9, {}));
    clock.now = 15_000;
    await vi.advanceTimersByTimeAsync(1000);
    workers[1]!.say(doneWith({}));
    expect(codesOf(await outcome)).toEqual([]);
  });
});

describe("stop", () => {
  test("during traffic drains, reports, and is marked interrupted", async () => {
    const { workers, stop, outcome, listener } = begin(steady);
    await settled();
    stop.abort();
    const ended = await outcome;
    for (const heard of heardOf(workers)) expect(heard).toEqual(["plan", "start", "stop"]);
    expect(ended.result).toMatchObject({ interrupted: true, validity: { ok: true } });
    expect(ended.result.totals["ws_msgs_sent"]).toBe(12);
    expect(listener.results).toHaveLength(1);
  });

  test("during opening lets no traffic begin", async () => {
    const { workers, stop, outcome } = begin((worker, message) => {
      if (message.type === "stop" && !worker.heard.includes("done")) {
        worker.say(openedOf(1));
        worker.say(doneWith({}));
      }
    });
    await settled();
    stop.abort();
    const ended = await outcome;
    for (const { heard } of workers) expect(heard).not.toContain("start");
    expect(ended.result.interrupted).toBe(true);
  });
});

test("abort leaves at once: workers are killed, nothing is waited for", async () => {
  const { workers, abort, outcome, listener } = begin(steady);
  await settled();
  abort.abort();
  await expect(outcome).rejects.toMatchObject({ code: "WSCTL_EABORTED" });
  expect(workers.every(({ killed }) => killed)).toBe(true);
  expect(listener.results).toEqual([undefined]);
  expect(vi.getTimerCount()).toBe(0);
});
