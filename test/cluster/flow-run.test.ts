/** Shows runs of virtual users: thresholds, barriers, stages, and what is known at the end only. */
import { describe, expect, test } from "vitest";
import { Coordinator } from "../../src/cluster/coordinator.js";
import type { RunOutcome } from "../../src/cluster/run-options.js";
import type { FromWorker } from "../../src/cluster/messages.js";
import type { Finished, Opened } from "../../src/load/engine.js";
import type { FlowFacts } from "../../src/load/play.js";
import { Trend } from "../../src/metrics/trend.js";
import type { Plan, PlanThreshold } from "../../src/scenario/plan.js";
import { until } from "../load/pair.js";
import { mistakeOf } from "../message/mistake.js";
import { planOf } from "../scenario/flags.js";
import {
  doneWith,
  FakeTransport,
  Listener,
  openedOf,
  snapshotOf,
  type Script,
} from "./fake-workers.js";

/** A plan of virtual users; what they do is the script's business. */
function flowPlan(thresholds: readonly Partial<PlanThreshold>[] = []): Plan {
  const scenario = { weight: 1, repeat: "once", flow: [], audience: undefined } as const;
  const stage = { duration: 1000, from: 5, to: 5 };
  return {
    ...planOf({ duration: "1h", rate: "0" }),
    correlate: { by: "none", timeout: 1000 },
    traffic: {
      model: "flow",
      judgedAs: "rate",
      pacer: "timer",
      flow: {
        seed: 1,
        load: {
          kind: "population",
          stages: [
            { name: "ramp", ...stage },
            { name: "steady", ...stage },
          ],
          maxConnections: undefined,
        },
        lifetime: undefined,
        scenarios: [
          { name: "chat", ...scenario },
          { name: "mute", ...scenario },
        ],
        variables: {},
        feeders: [],
        reconnect: undefined,
        onReconnect: [],
        heartbeat: { ping: undefined, timeout: 1000, autoReplies: [] },
        profiles: [],
        events: [],
      },
    },
    thresholds: thresholds.map((one) => ({
      metric: "ws_msg_rtt",
      expression: "p(99)<200",
      abortOnFail: false,
      after: 0,
      place: undefined,
      ...one,
    })),
  };
}

function begin(script: Script, plan: Plan, workers = 2) {
  const transport = new FakeTransport(script);
  const listener = new Listener();
  const clock = { now: 0 };
  const outcome: Promise<RunOutcome> = new Coordinator(plan, {
    run: "run-1",
    transport,
    workers,
    outputs: [listener],
    env: { wsctl: "0", node: "20", os: "linux", cpu: "x", cores: 4 },
    clock: { monotonic: () => clock.now, date: () => new Date(0) },
    stop: new AbortController().signal,
    abort: new AbortController().signal,
  }).run();
  return { transport, listener, clock, outcome };
}

const none: Opened = { opened: 0, handshake: undefined, controls: [], failure: undefined };

function done(
  totals: Readonly<Record<string, number>>,
  flow: Partial<FlowFacts> = {},
  changed: Partial<Finished> = {},
): FromWorker {
  return doneWith(totals, {
    opened: { ...none, opened: 1 },
    openAtEnd: 0,
    flow: {
      users: { begun: 2, completed: 2, lost: 0, dropped: 0 },
      expectations: [],
      ...flow,
    },
    ...changed,
  });
}

/** Opens nothing at first, as virtual users do, and then follows `play`. */
const users =
  (play: Script): Script =>
  (worker, message) => {
    if (message.type === "plan") worker.say(openedOf(0));
    else play(worker, message);
  };

const encoded = (...ms: number[]): string => {
  const trend = new Trend();
  for (const value of ms) trend.add(value * 1000);
  return trend.encode();
};

const codesOf = ({ result }: RunOutcome): string[] =>
  result.validity.reasons.map(({ code }) => code);

describe("virtual users", () => {
  test("begin although nothing is open yet, and nothing open at the end is no loss", async () => {
    const { transport, outcome } = begin(
      users((worker, message) => {
        if (message.type === "start") worker.say(done({}));
      }),
      flowPlan(),
    );
    const ended = await outcome;
    for (const { heard } of transport.workers) expect(heard).toEqual(["plan", "start"]);
    expect(codesOf(ended)).toEqual([]);
    expect(ended.failure).toBeUndefined();
    expect(ended.result.run.users).toEqual({ begun: 4, completed: 4, lost: 0, dropped: 0 });
  });

  test("none of whom could connect are told of, with the first cause", async () => {
    const failure = { code: "WSCTL_EREFUSED", message: "refused", hint: undefined, where: [] };
    const lost = { users: { begun: 2, completed: 0, lost: 2, dropped: 0 } };
    const { outcome } = begin(
      users((worker, message) => {
        if (message.type !== "start") return;
        worker.say(done({}, lost, { opened: { ...none, failure } }));
      }),
      flowPlan(),
    );
    const ended = await outcome;
    expect(ended.failure).toEqual(failure);
    expect(codesOf(ended)).toEqual(["nothing-opened"]);
  });

  test("are told by scenario and by stage, and their expectations by step", async () => {
    const { outcome } = begin(
      users((worker, message) => {
        if (message.type !== "start") return;
        const scenarios = {
          chat: { counters: { ws_msgs_sent: 2 }, trends: { ws_msg_rtt: encoded(5) } },
          mute: { counters: {}, trends: {} },
        };
        worker.say(snapshotOf(worker.index, 1, { stage: 0, scenarios }));
        worker.say(snapshotOf(worker.index, 1, { stage: 1, scenarios }));
        const step = { scenario: "chat", step: "join", passed: 3 };
        const example = `seen by ${worker.index}`;
        const expectations = [
          { ...step, failed: worker.index, example: worker.index ? example : undefined },
          { ...step, scenario: "mute", failed: 0, example: undefined },
        ];
        worker.say(done({ ws_msgs_sent: 4 }, { expectations }));
      }),
      flowPlan(),
    );
    const { result } = await outcome;
    expect(result.validity.ok).toBe(true);
    expect(result.scenarios).toMatchObject([
      { name: "chat", totals: { ws_msgs_sent: 8 }, trends: { ws_msg_rtt: { count: 4 } } },
      { name: "mute", totals: {} },
    ]);
    expect(result.stages).toMatchObject([
      { name: "ramp", span: 1000, totals: { ws_msgs_sent: 4 } },
      { name: "steady", totals: { ws_msgs_sent: 4 } },
    ]);
    expect(result.expectations).toEqual([
      { scenario: "chat", step: "join", passed: 6, failed: 1, example: "seen by 1" },
      { scenario: "mute", step: "join", passed: 6, failed: 0, example: undefined },
    ]);
  });

  test("whose queues were lost make the run INVALID, those that were dropped do not", async () => {
    const run = (by: string, cause: string) => {
      const counters = { [`ws_msg_unconfirmed{by:${by},cause:${cause}}`]: 5 };
      return begin(
        users((worker, message) => {
          if (message.type !== "start") return;
          worker.say(snapshotOf(worker.index, 1, { counters }));
          worker.say(done(counters));
        }),
        flowPlan([{ metric: "ws_msg_unconfirmed", expression: "count==10" }]),
      ).outcome;
    };
    const cutOff = await run("client", "backlog");
    expect(codesOf(cutOff)).toEqual(["sends-cut-off"]);
    expect(cutOff.result.validity.reasons[0]!.detail).toContain("up to 10 messages");
    const dropped = await run("client", "dropped");
    expect(codesOf(dropped)).toEqual([]);
    expect(dropped.result.thresholds).toMatchObject([{ ok: true }]);
    expect(dropped.result.errors).toEqual([]);
    const reset = await run("server", "backlog");
    expect(codesOf(reset)).toEqual(["sends-cut-off"]);
    const behind = await run("client", "dropped-backlog");
    expect(codesOf(behind)).toEqual([]);
    expect(behind.result.errors).toMatchObject([
      {
        what: "sends left behind",
        count: 10,
        example: expect.stringContaining("up to 10") as string,
      },
    ]);
  });

  test("meet at a barrier across workers, also when one of those is lost", async () => {
    const barrier = { type: "barrier", barrier: "all", state: "complete", waiting: 1 } as const;
    const { transport, outcome } = begin(
      users((worker, message) => {
        if (message.type === "start") worker.say({ ...barrier, round: 0, ask: undefined });
        if (message.type === "confirm") {
          worker.say({ ...barrier, round: message.round, ask: message.ask });
        }
        if (message.type === "release") {
          worker.say({ ...barrier, round: message.round + 1, ask: undefined });
        }
        if (message.type === "stop") worker.say(done({}));
      }),
      flowPlan(),
      3,
    );
    await until(() => transport.workers[0]!.heard.filter((one) => one === "release").length >= 3);
    const rounds = transport.workers[2]!.told.flatMap((told) =>
      told.type === "release" ? [told.round] : [],
    );
    expect(rounds.slice(0, 2)).toEqual([0, 1]);
    transport.workers[1]!.die("SIGKILL");
    expect(codesOf(await outcome)).toEqual(["worker-lost"]);
  });

  test("have their say", async () => {
    const { outcome, listener } = begin(
      users((worker, message) => {
        if (message.type !== "start") return;
        worker.say({ type: "log", line: `hello from ${worker.index}` });
        worker.say(done({}));
      }),
      flowPlan(),
    );
    await outcome;
    expect(listener.said).toEqual(["hello from 0", "hello from 1"]);
  });
});

describe("thresholds", () => {
  /** Both workers measure these times in a second, and sent this much of it. */
  const measuring = (...ms: number[]): Script =>
    users((worker, message) => {
      if (message.type !== "start") return;
      const counters = { ws_msgs_sent: 50, ws_msg_stamped: 5, ws_msg_delivered: 5 };
      const chat = { counters, trends: { ws_msg_rtt: encoded(...ms) } };
      worker.say(snapshotOf(worker.index, 1, { stage: 0, scenarios: { chat } }));
      worker.say(done(counters));
    });

  test("are held against what all workers measured", async () => {
    const plan = flowPlan([
      { expression: "count==6", place: "a.yaml:1:2" },
      { expression: "p(99)<2.5" },
      { metric: "ws_msg_rtt{scenario:chat}", expression: "max<=3.01ms" },
      { metric: "ws_msg_rtt{scenario:mute}", expression: "max<3ms" },
      { metric: "ws_msgs_sent", expression: "rate>=100/s" },
      { metric: "ws_msg_lost", expression: "count==0" },
    ]);
    const { result } = await begin(measuring(1, 2, 3), plan).outcome;
    expect(result.thresholds.map(({ ok }) => ok)).toEqual([true, false, true, false, true, true]);
    expect(result.thresholds[0]).toEqual({
      metric: "ws_msg_rtt",
      expression: "count==6",
      ok: true,
      actual: 6,
      aborted: false,
      place: "a.yaml:1:2",
    });
    expect(result.thresholds[1]!.actual).toBeCloseTo(3, 2);
    expect(result.thresholds[3]!.actual).toBeUndefined();
    expect(result.validity.ok).toBe(true);
  });

  test.each([
    [{ expression: "p(99)<<1" }, /column 6/],
    [{ metric: "ws_mgs_rtt" }, /did you mean ws_msg_rtt/],
    [{ metric: "ws_msgs_sent" }, /is a counter/],
    [{ expression: "p(99)<1MB", place: "a.yaml:7:3" }, /not a time\na\.yaml:7:3/],
  ])("that cannot be used are refused before anything is launched", (threshold, told) => {
    expect(mistakeOf(() => begin(() => {}, flowPlan([threshold])))).toMatch(told);
  });

  /** Says a second's figures each time it is asked to; ends when it is stopped. */
  function abortable(plan: Plan) {
    const running = begin(
      users((worker, message) => {
        if (message.type === "stop") worker.say(done({}));
      }),
      plan,
    );
    const started = until(() =>
      running.transport.workers.every(({ heard }) => heard.includes("start")),
    );
    const say = (second: number, ms: number): void => {
      for (const [index, worker] of running.transport.workers.entries()) {
        worker.say(snapshotOf(index, second, { trends: { ws_msg_rtt: encoded(ms) } }));
      }
    };
    const stopped = (): boolean =>
      running.transport.workers.every(({ heard }) => heard.includes("stop"));
    return { ...running, started, say, stopped };
  }

  test("that may end the run do so in the second in which they fail, and not before their time", async () => {
    const plan = flowPlan([
      { expression: "p(99)<100", abortOnFail: true, after: 5000 },
      { expression: "max<1000" },
    ]);
    const { started, say, stopped, clock, outcome, listener, transport } = abortable(plan);
    await started;
    clock.now = 2000;
    say(1, 500);
    expect(stopped()).toBe(false);
    clock.now = 6000;
    // Nobody judges by what one worker says alone.
    transport.workers[0]!.say(snapshotOf(0, 2, {}));
    expect(stopped()).toBe(false);
    transport.workers[1]!.say(snapshotOf(1, 2, {}));
    expect(stopped()).toBe(true);
    const ended = await outcome;
    expect(ended.result.thresholds).toMatchObject([
      { ok: false, aborted: true },
      { ok: true, aborted: false },
    ]);
    expect(ended.result.interrupted).toBe(false);
    expect(codesOf(ended)).toEqual([]);
    expect(listener.phases).toEqual(["opening", "traffic", "draining"]);
  });

  test("do not end it when they hold, nor when there is nothing to judge yet", async () => {
    const plan = flowPlan([
      { expression: "p(99)<100", abortOnFail: true },
      { metric: "ws_ping", expression: "p(99)<100", abortOnFail: true },
    ]);
    const { started, say, stopped, clock, outcome, transport } = abortable(plan);
    await started;
    for (let second = 1; second <= 5; second++) {
      clock.now = second * 1000;
      say(second, 50);
    }
    expect(stopped()).toBe(false);
    for (const worker of transport.workers) worker.say(done({}));
    const { result } = await outcome;
    expect(result.thresholds).toMatchObject([
      { ok: true, aborted: false },
      { ok: false, aborted: false, actual: undefined },
    ]);
  });

  test("end a run that is still opening its connections, by what there is of that", async () => {
    const plan: Plan = {
      ...planOf({ duration: "1s", rate: "0" }),
      thresholds: [
        // More may open yet.
        { metric: "ws_sessions", expression: "count>=10" },
        { metric: "ws_msgs_sent", expression: "count<1" },
        { metric: "ws_connect_failed", expression: "count<5", after: 2500 },
      ].map(({ after = 0, metric, expression }) => {
        return { metric, expression, after, abortOnFail: true, place: undefined };
      }),
    };
    const running = begin((worker, { type }) => {
      if (type !== "stop") return;
      worker.say(openedOf(3));
      worker.say(done({ ws_sessions: 3, ws_msgs_sent: 3, "ws_connect_failed{reason:refused}": 3 }));
    }, plan);
    const { transport, clock, outcome, listener } = running;
    await until(() => transport.workers.length === 2);
    const say = (second: number): void => {
      clock.now = 1000 + second * 1000;
      const counters = { ws_sessions: 1, ws_msgs_sent: 1, "ws_connect_failed{reason:refused}": 1 };
      for (const [index, worker] of transport.workers.entries()) {
        worker.say(snapshotOf(index, second, { counters }));
      }
    };
    const stopped = (): boolean => transport.workers.every(({ heard }) => heard.includes("stop"));
    say(1);
    say(2);
    expect(stopped()).toBe(false);
    say(3);
    expect(stopped()).toBe(true);
    const { result } = await outcome;
    expect(result.thresholds.map(({ aborted }) => aborted)).toEqual([false, false, true]);
    expect(transport.workers.every(({ heard }) => !heard.includes("start"))).toBe(true);
    expect(listener.phases).toEqual(["opening", "draining"]);
  });

  test("that failed and do not end the run leave it alone", async () => {
    const { started, say, stopped, clock, outcome, transport } = abortable(
      flowPlan([{ expression: "p(99)<10" }]),
    );
    await started;
    clock.now = 9000;
    say(1, 500);
    expect(stopped()).toBe(false);
    for (const worker of transport.workers) worker.say(done({}));
    expect((await outcome).result.thresholds).toMatchObject([{ ok: false, aborted: false }]);
  });
});
