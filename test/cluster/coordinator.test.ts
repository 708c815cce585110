/** Shows the course of a run over several workers: the barrier, the merge, losses, and early ends. */
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { Coordinator } from "../../src/cluster/coordinator.js";
import type { RunOutcome } from "../../src/cluster/run-options.js";
import { Trend } from "../../src/metrics/trend.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import { until } from "../load/pair.js";
import { planOf, texts } from "../scenario/flags.js";
import {
  diligent,
  doneWith,
  FakeTransport,
  Listener,
  openedOf,
  snapshotOf,
  type Script,
} from "./fake-workers.js";

/** A run over fake workers that was begun; `clock` is the machine's, moved by the test. */
function begin(script: Script, flags: Partial<LoadFlags> = {}, workers = 3, abortOnFail = false) {
  const transport = new FakeTransport(script);
  const listener = new Listener();
  const clock = { now: 1000 };
  const [stop, abort] = [new AbortController(), new AbortController()];
  const flagged = planOf({ duration: "1s", rate: "0", ...flags });
  const thresholds = flagged.thresholds.map((one) => ({ ...one, abortOnFail }));
  const plan = { ...flagged, thresholds };
  const coordinator = new Coordinator(plan, {
    run: "run-1",
    transport,
    workers,
    outputs: [listener],
    env: { wsctl: "0", node: "20", os: "linux", cpu: "x", cores: 4 },
    clock: { monotonic: () => clock.now, date: () => new Date(0) },
    stop: stop.signal,
    abort: abort.signal,
  });
  const outcome: Promise<RunOutcome> = coordinator.run();
  return { transport, listener, clock, stop, abort, outcome };
}

const codesOf = ({ result }: RunOutcome): string[] =>
  result.validity.reasons.map(({ code }) => code);

describe("a run with a warm-up", () => {
  /** Opens at once, and ends when it is told to stop. */
  const patient: Script = (worker, message) => {
    if (message.type === "plan") worker.say(openedOf(1));
    else if (message.type === "stop") worker.say(doneWith({}));
  };

  test("tells when it warms up, and when traffic counts", async () => {
    const { listener, stop, outcome } = begin(patient, { duration: "1m", warmup: "20ms" });
    await until(() => listener.phases.includes("traffic"));
    stop.abort();
    const { result } = await outcome;
    expect(listener.phases).toEqual(["opening", "warm-up", "traffic", "draining"]);
    expect(listener.starts).toMatchObject([{ duration: 60_000, warmup: 20 }]);
    expect(result.run.warmupFor).toBe(0);
  });

  test("does not come to traffic when it is ended before", async () => {
    const ended: { say?: () => void } = {};
    const { listener, stop, outcome } = begin(
      (worker, message) => {
        if (message.type !== "stop") patient(worker, message);
        else ended.say = () => worker.say(doneWith({}));
      },
      { duration: "1m", warmup: "50ms" },
      1,
    );
    await until(() => listener.phases.includes("warm-up"));
    stop.abort();
    await until(() => ended.say !== undefined);
    // Another one that was begun later comes to its traffic: so would this one.
    const other = begin(patient, { duration: "1m", warmup: "50ms" }, 1);
    await until(() => other.listener.phases.includes("traffic"));
    other.stop.abort();
    await other.outcome;
    ended.say!();
    await outcome;
    expect(listener.phases).toEqual(["opening", "warm-up", "draining"]);
  });

  test("does not end for a rate of which nothing has been told yet", async () => {
    const thresholds = ["ws_msgs_sent: rate>30"];
    const { transport, clock, outcome } = begin(
      (worker, message) => {
        if (message.type === "plan") worker.say(openedOf(1));
      },
      { rate: "1", duration: "9s", warmup: "3s", thresholds },
      2,
      true,
    );
    const [one, two] = transport.workers;
    await until(() => two!.heard.includes("start"));
    const cut = (shard: number, second: number, phase: "warm-up" | "traffic"): void => {
      const counters = { ws_msgs_sent: phase === "warm-up" ? 1 : 20 };
      transport.workers[shard]!.say(snapshotOf(shard, second, { counters, phase }));
    };
    for (const shard of [0, 1]) cut(shard, 3, "warm-up");
    // The clock is a little past the warm-up's end, and no message after it was told of.
    clock.now += 3105;
    for (const shard of [0, 1]) cut(shard, 4, "warm-up");
    expect(one!.heard).not.toContain("stop");
    for (const shard of [0, 1]) cut(shard, 5, "traffic");
    expect(one!.heard).not.toContain("stop");
    for (const shard of [0, 1]) {
      transport.workers[shard]!.say(snapshotOf(shard, 6, { counters: {}, phase: "traffic" }));
    }
    expect(one!.heard).toContain("stop");
    for (const worker of transport.workers) worker.say(doneWith({ ws_msgs_sent: 22 }));
    const { result } = await outcome;
    expect(result.thresholds).toMatchObject([{ ok: false, aborted: true }]);
  });

  test("does not take the rate of some workers for that of all", async () => {
    const { transport, outcome } = begin(
      (worker, message) => {
        if (message.type === "plan") worker.say(openedOf(1));
      },
      { rate: "1", duration: "9s", warmup: "3s", thresholds: ["ws_msgs_sent: rate>30"] },
      2,
      true,
    );
    const [one, two] = transport.workers;
    await until(() => two!.heard.includes("start"));
    const cut = (shard: number, second: number, phase: "warm-up" | "traffic"): void => {
      const counters = { ws_msgs_sent: 20 };
      transport.workers[shard]!.say(snapshotOf(shard, second, { counters, phase }));
    };
    // Their seconds are cut at different moments: one is in its traffic where the other still warms up.
    cut(0, 4, "warm-up");
    cut(1, 3, "warm-up");
    cut(1, 4, "traffic");
    expect(one!.heard).not.toContain("stop");
    cut(0, 5, "traffic");
    cut(1, 5, "traffic");
    expect(one!.heard).not.toContain("stop");
    for (const worker of transport.workers) worker.say(doneWith({ ws_msgs_sent: 60 }));
    await outcome;
  });

  test("holds rates against the time after it alone", async () => {
    const { transport, clock, listener, outcome } = begin(
      (worker, message) => {
        if (message.type === "plan") worker.say(openedOf(1));
      },
      {
        rate: "1",
        duration: "4s",
        warmup: "3s",
        thresholds: ["ws_msgs_sent: rate<30", "ws_msg_rtt: max<1.5"],
      },
      1,
    );
    const [worker] = transport.workers;
    await until(() => worker!.heard.includes("start"));
    const rtt = (ms: number): Record<string, string> => {
      const trend = new Trend();
      trend.add(ms * 1000);
      return { ws_msg_rtt: trend.encode() };
    };
    const counters = { ws_msgs_sent: 40 };
    worker!.say(snapshotOf(0, 3, { counters, trends: rtt(2), phase: "warm-up" }));
    worker!.say(snapshotOf(0, 4, { counters, trends: rtt(1), phase: "traffic" }));
    clock.now = 6000;
    const inTraffic = { sent: 40, received: 0, bytesSent: 0, bytesReceived: 0 };
    worker!.say(doneWith({ ws_msgs_sent: 80 }, { trafficFor: 1000, flowedFor: 4000, inTraffic }));
    const { result } = await outcome;
    expect(result.totals["ws_msgs_sent"]).toBe(80);
    expect(result.inTraffic["ws_msgs_sent"]).toBe(40);
    expect(result.trends["ws_msg_rtt"]).toMatchObject({ count: 1, max: 1 });
    expect(result.thresholds.map(({ actual, ok }) => [actual, ok])).toEqual([
      [40, false],
      [1, true],
    ]);
    expect(listener.intervals.map(({ trends }) => trends["ws_msg_rtt"]?.max)).toEqual([2, 1]);
  });
});

describe("a run on which nothing goes wrong", () => {
  test("gives every worker its shard of one plan, one run and one epoch", async () => {
    const { transport, outcome } = begin(diligent);
    await outcome;
    const plans = transport.workers.map(({ told }) => told[0]!);
    expect(plans).toMatchObject([
      { type: "plan", run: "run-1", epoch: 1000, shard: { index: 0, of: 3, from: 0, to: 3 } },
      { type: "plan", run: "run-1", epoch: 1000, shard: { index: 1, of: 3, from: 3, to: 6 } },
      { type: "plan", run: "run-1", epoch: 1000, shard: { index: 2, of: 3, from: 6, to: 10 } },
    ]);
  });

  test("starts all at the same instant, and only after the last has opened", async () => {
    const late: { open?: () => void } = {};
    const { transport, clock, outcome } = begin((worker, message) => {
      if (worker.index === 2 && message.type === "plan") {
        late.open = () => worker.say(openedOf(4));
      } else {
        diligent(worker, message);
      }
    });
    await until(() => late.open !== undefined);
    await new Promise(setImmediate);
    expect(transport.workers.map(({ heard }) => heard)).toEqual([["plan"], ["plan"], ["plan"]]);
    clock.now = 7000;
    late.open!();
    await outcome;
    const starts = transport.workers.map(({ told }) => told[1]);
    for (const start of starts) expect(start).toEqual(starts[0]);
    expect(starts[0]!.type).toBe("start");
    expect((starts[0] as { at: number }).at).toBeGreaterThan(7000);
  });

  test("merges what all measured", async () => {
    const { outcome, listener } = begin(diligent);
    const { result, failure } = await outcome;
    expect(result.totals["ws_msgs_sent"]).toBe(30);
    expect(failure).toBeUndefined();
    expect(result).toMatchObject({
      $schema: "wsctl.run/1",
      interrupted: false,
      validity: { ok: true, reasons: [] },
      run: { id: "run-1", workers: 3, model: "idle", loopback: true, trafficFor: 1000 },
    });
    expect(listener.starts).toMatchObject([{ id: "run-1", connections: 10, duration: 1000 }]);
    expect(listener.phases.slice(0, 2)).toEqual(["opening", "traffic"]);
    expect(listener.results).toEqual([result]);
    expect(listener.intervals).toEqual(result.series);
  });

  test("shows a second once all workers have reported it, in order, and each once", async () => {
    const { transport, listener, outcome } = begin(
      (worker, message) => {
        if (message.type === "plan") worker.say(openedOf(1));
      },
      {},
      2,
    );
    await until(() => transport.workers.every(({ heard }) => heard.includes("start")));
    const [one, two] = transport.workers;
    one!.say(snapshotOf(0, 1, { counters: { ws_msgs_sent: 1 } }));
    one!.say(snapshotOf(0, 2, { counters: { ws_msgs_sent: 1 } }));
    expect(listener.intervals).toEqual([]);
    two!.say(snapshotOf(1, 1, { counters: { ws_msgs_sent: 5 } }));
    expect(listener.intervals.map(({ second }) => second)).toEqual([1]);
    expect(listener.intervals[0]!.counters["ws_msgs_sent"]).toBe(6);
    one!.say(doneWith({ ws_msgs_sent: 2 }));
    two!.say(snapshotOf(1, 3, { counters: { ws_msgs_sent: 7 } }));
    two!.say(doneWith({ ws_msgs_sent: 12 }));
    const { result } = await outcome;
    expect(result.series.map(({ second }) => second)).toEqual([1, 2, 3]);
    expect(listener.intervals).toEqual(result.series);
    expect(result.validity.ok).toBe(true);
  });

  test("gives the same distribution however many workers it was measured by", async () => {
    const trends = async (workers: number): Promise<string> => {
      const { outcome } = begin(
        (worker, message) => {
          if (message.type === "plan") {
            const trend = new Trend();
            for (let i = message.shard.from; i < message.shard.to; i++) trend.add(1000 * i);
            worker.say(openedOf(1));
            const { index } = worker;
            worker.say(snapshotOf(index, 1, { trends: { ws_msg_rtt: trend.encode() } }));
          } else {
            worker.say(doneWith({}));
          }
        },
        { connections: "40" },
        workers,
      );
      return (await outcome).result.trends["ws_msg_rtt"]!.hdr;
    };
    expect(await trends(4)).toBe(await trends(1));
  });

  test("leaves no worker behind", async () => {
    const { transport, outcome } = begin(diligent);
    await outcome;
    expect(transport.workers.every(({ killed }) => killed)).toBe(true);
  });
});

describe("when nothing opens", () => {
  test("no traffic is begun, and the first cause is told", async () => {
    const failure = { code: "WSCTL_EREFUSED", message: "refused", hint: undefined, where: [] };
    const { transport, outcome } = begin((worker, message) => {
      if (message.type === "plan") worker.say(openedOf(0, { failure }));
      else worker.say(doneWith({}, { openAtEnd: 0, trafficFor: 0 }));
    });
    const ended = await outcome;
    expect(ended.failure).toEqual(failure);
    for (const { heard } of transport.workers) expect(heard).toEqual(["plan", "stop"]);
    expect(codesOf(ended)).toEqual(["nothing-opened"]);
  });

  test("in some workers only, it is no failure of the run", async () => {
    const failure = { code: "WSCTL_EREFUSED", message: "refused", hint: undefined, where: [] };
    const { outcome } = begin((worker, message) => {
      if (message.type === "plan" && worker.index > 0) worker.say(openedOf(0, { failure }));
      else diligent(worker, message);
    });
    const ended = await outcome;
    expect(ended.failure).toBeUndefined();
    expect(ended.result.totals["ws_msgs_sent"]).toBe(30);
  });
});

describe("a fixed rate", () => {
  /** Each of three workers sends what it says, and leaves so much unsent. */
  const sending =
    (sent: number, unsent: number, planned = 0): Script =>
    (worker, message) => {
      if (message.type === "plan") {
        worker.say(openedOf(1));
        return;
      }
      const counters = {
        ws_msg_expected: sent,
        ws_msg_answered: sent,
        ws_msg_unsent: unsent,
        ws_msg_unsent_planned: planned,
      };
      worker.say(snapshotOf(worker.index, 1, { counters }));
      const inTraffic = { sent, received: sent - 1, bytesSent: 10 * sent, bytesReceived: 7 };
      worker.say(doneWith(counters, { schedule: { due: sent, sent }, inTraffic }));
    };

  test("names its pacer and what it was asked for, to outputs and in the result", async () => {
    const { outcome, listener } = begin(sending(100, 0), { rate: "10" });
    const { result } = await outcome;
    const facts = { model: "rate", pacer: "timer", askedRate: 100 };
    expect(listener.starts).toMatchObject([facts]);
    expect(result.run).toMatchObject({
      ...facts,
      pacerBecause: "no core to spare for ticker",
    });
    expect(result.run.inTraffic).toEqual({
      sent: 300,
      received: 297,
      bytesSent: 3000,
      bytesReceived: 21,
    });
    expect(result.validity.ok).toBe(true);
  });

  test("was no load as asked when messages were due on connections that were not there", async () => {
    const ended = await begin(sending(100, 5), { rate: "10" }).outcome;
    expect(codesOf(ended)).toEqual(["load-lost"]);
    expect(ended.result.validity.reasons[0]!.detail).toMatch(/^15 of 315 messages fell due/);
    // What the plan itself cut is not the target's doing; what it refused beside that is.
    expect(codesOf(await begin(sending(100, 50, 50), { rate: "10" }).outcome)).toEqual([]);
    const both = await begin(sending(100, 55, 50), { rate: "10" }).outcome;
    expect(codesOf(both)).toEqual(["load-lost"]);
    expect(both.result.validity.reasons[0]!.detail).toMatch(/^15 of 315 messages fell due/);
    // One message a connection is still within the tolerance.
    expect(codesOf(await begin(sending(100, 3), { rate: "10" }).outcome)).toEqual([]);
  });

  test("a closed loop has no pacer", async () => {
    const { outcome } = begin(diligent, { rate: undefined });
    expect((await outcome).result.run).toMatchObject({ model: "closed", pacer: undefined });
  });
});

describe("users who are all lost", () => {
  const losing =
    (lostByPlan: number): Script =>
    (worker, message) => {
      if (message.type === "plan") {
        worker.say(openedOf(2));
        return;
      }
      const users = { begun: 2, completed: 0, lost: 2, dropped: 0, lostByPlan };
      const opened = { opened: 2, handshake: undefined, controls: [], failure: undefined };
      worker.say(doneWith({}, { opened, flow: { users, expectations: [] } }));
    };

  test.each([
    ["by the target's doing", 0, ["target-lost"]],
    ["but for one that the plan cut", 1, ["target-lost"]],
    ["since the plan cut them", 2, []],
  ])("%s", async (_, lostByPlan, codes) => {
    // What differs from message to message needs virtual users.
    const flags = { rate: "1", correlate: "none", messages: texts("{{ $seq }}") } as const;
    expect(codesOf(await begin(losing(lostByPlan), flags, 1).outcome)).toEqual(codes);
  });
});

describe("snapshots are numbered", () => {
  const counting =
    (sequences: readonly number[]): Script =>
    (worker, message) => {
      if (message.type === "plan") worker.say(openedOf(1));
      if (message.type !== "start") return;
      for (const [i, sequence] of sequences.entries()) {
        worker.say(snapshotOf(worker.index, i + 1, { sequence }));
      }
      worker.say(doneWith({}));
    };

  test.each<[string, number[], number]>([
    ["a hole", [0, 1, 3, 4], 1],
    ["the first missing", [1, 2], 1],
    ["one twice", [0, 1, 1, 2], 1],
  ])("%s is told, whatever the sums say", async (_what, sequences, times) => {
    const ended = await begin(counting(sequences), {}, 1).outcome;
    expect(codesOf(ended)).toEqual(["snapshots-differ"]);
    expect(ended.result.validity.reasons[0]!.detail).toBe(`${times} snapshots came out of turn`);
  });

  test("each worker's for themselves", async () => {
    expect(codesOf(await begin(counting([0, 1, 2]), {}, 3).outcome)).toEqual([]);
  });
});

describe("the sums are checked", () => {
  test.each<[string, Script]>([
    ["snapshots-differ", (worker) => worker.say(doneWith({ ws_msgs_sent: 11 }))],
    [
      "not-conserved",
      (worker) => worker.say(doneWith({ ws_msgs_sent: 10 }, { connectionsOff: 1 })),
    ],
    ["target-lost", (worker) => worker.say(doneWith({ ws_msgs_sent: 10 }, { openAtEnd: 0 }))],
    ["pairing-lost", (worker) => worker.say(doneWith({ ws_msgs_sent: 10 }, { pairingLost: 1 }))],
  ])("%s", async (code, end) => {
    const { outcome } = begin((worker, message) => {
      if (message.type === "plan") {
        diligent(worker, message);
        return;
      }
      worker.say(snapshotOf(worker.index, 1, { counters: { ws_msgs_sent: 10 } }));
      end(worker, message);
    });
    expect(codesOf(await outcome)).toEqual([code]);
  });
});

test("errors of the workers are added by kind, the most frequent first", async () => {
  const { outcome } = begin((worker, message) => {
    if (message.type === "plan") {
      diligent(worker, message);
      return;
    }
    const errors = [
      { what: "rare", count: 1, example: `of ${worker.index}` },
      { what: "common", count: 5, example: `of ${worker.index}` },
    ];
    worker.say(doneWith({}, { errors }));
  });
  expect((await outcome).result.errors).toEqual([
    { what: "common", count: 15, example: "of 0" },
    { what: "rare", count: 3, example: "of 0" },
  ]);
});

test("secrets of the plan are neither announced nor kept", async () => {
  const canary = "c4n4ry";
  const { outcome, listener } = begin(diligent, { targets: [`ws://127.0.0.1:1/?token=${canary}`] });
  expect(JSON.stringify(await outcome)).not.toContain(canary);
  expect(JSON.stringify(listener.starts)).not.toContain(canary);
});

test("an abort while nothing has opened yet leaves at once", async () => {
  const { abort, outcome, transport } = begin(() => {});
  abort.abort();
  await expect(outcome).rejects.toThrow(WsctlError);
  expect(transport.workers.every(({ killed }) => killed)).toBe(true);
});
