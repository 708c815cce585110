/** Shows what a person reads of a run: both clocks, the sums, the verdict; and nothing that obeys a server. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { textReport } from "../../src/report/text.js";
import { parseFlagThreshold } from "../../src/scenario/flag-threshold.js";
import { eventful, plainInk, resultWith, runWith, summaryOf } from "./results.js";

const report = (changed: Partial<RunResult> = {}): string =>
  textReport(resultWith(changed), plainInk);

/** The lines that hold the text. */
const linesWith = (text: string, changed: Partial<RunResult> = {}): string[] =>
  report(changed)
    .split("\n")
    .filter((line) => line.includes(text));

describe("the load", () => {
  test("names the model, how long, on how many connections, and where", () => {
    expect(report()).toContain("fixed rate, 200 messages/s for 10.0 s on 14 connections");
    expect(report()).toContain("wss://localhost:9/chat");
    expect(report()).toMatch(/101 Switching Protocols.*nginx.*TLSv1\.3.*chat\.v1/);
    expect(report()).toMatch(/wsctl 0\.1\.0 · Node 20\.19\.0.*4 cores.*2026-01-02T03:04:05/);
  });

  test.each([
    ["closed", "closed loop for"],
    ["idle", "listening only for"],
  ] as const)("%s is named as such", (model, words) => {
    expect(report(runWith({ model }))).toContain(words);
  });
});

describe("connections", () => {
  test("opened and failed, by cause", () => {
    const [line] = linesWith("opened,");
    expect(line).toMatch(/10 opened, 4 failed \(3 × refused, 1 × status 403\)/);
    expect(linesWith("phases")[0]).toMatch(/tcp .* → tls .* → upgrade /);
  });

  test("closed, by code and side, the most frequent first", () => {
    const text = report();
    expect(text.search(/9 × 1000/)).toBeGreaterThan(0);
    expect(text.search(/1 × 1006/)).toBeGreaterThan(text.search(/9 × 1000/));
    expect(linesWith("1006")[0]).toMatch(/by server.*ECONNRESET/);
  });
});

describe("messages", () => {
  test("are counted with their rates over the time of traffic", () => {
    expect(linesWith("sent  ")[0]).toMatch(/2.000\s+200\/s\s+50\.8 KiB\s+5\.08 KiB\/s/);
    expect(linesWith("received ")[0]).toMatch(/1.990\s+199\/s/);
  });

  test("that are odd are told, others are not", () => {
    expect(report()).not.toContain("without a request");
    const totals = { ...resultWith().totals, ws_msg_unmatched: 7, ws_msg_overdue: 9 };
    expect(report({ totals })).toMatch(/7 received without a request/);
    expect(report({ totals })).toMatch(/9 due and not sent in time/);
  });

  test("are left out when there was no traffic", () => {
    const text = report(runWith({ trafficFor: 0 }));
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(text).not.toMatch(/messages {2}/);
  });
});

describe("latency", () => {
  test("is told on both clocks, with what each means", () => {
    expect(report()).toMatch(/ws_msg_rtt .*intended send: what a user feels/);
    expect(report()).toMatch(/ws_msg_rtt_sent .*actual write: what the server did/);
    expect(linesWith("ws_schedule_lag")).toHaveLength(1);
    expect(report()).toMatch(/min\s+p50\s+p90\s+p95\s+p99\s+p99\.9\s+max/);
    expect(linesWith("ws_msg_rtt ")[0]).toMatch(/1\.00 ms\s+6\.0\d ms\s+.*250 ms/);
  });

  test("is drawn", () => {
    expect(report()).toContain("█");
  });

  test("is left out when nothing was answered", () => {
    const text = report({ trends: {} });
    expect(text).not.toContain("ws_msg_rtt");
    expect(text).not.toContain("█");
  });
});

describe("conservation", () => {
  const { conservation } = resultWith();

  test("shows the sums, and that they hold", () => {
    const [line] = linesWith("expected =");
    expect(line).toMatch(
      /✔ 2.000 expected = 1.990 answered \+ 4 disconnected \+ 5 timed out \+ 1 in flight/,
    );
    expect(report()).toContain("2 of the timed out were answered late");
  });

  test.each([{ difference: 1 }, { difference: -1 }, { connectionsOff: 1 }])(
    "shows that they do not: %j",
    (off) => {
      const changed = { conservation: { ...conservation, ...off } };
      expect(linesWith("expected =", changed)[0]).toContain("✘");
    },
  );

  test.each([
    [true, "≈"],
    [false, "✘"],
  ])(
    "says why the server's counts differ, where that is known (explained: %s)",
    (explained, mark) => {
      const server = {
        source: "http://127.0.0.1:1/stats",
        sentByUs: 9,
        receivedByServer: 8,
        sentByServer: 1,
        receivedByUs: 1,
        equal: false,
        explained,
        detail: "1 of ours did not reach the server\u001b[2J\n  verdict  VALID",
      };
      const changed = { conservation: { ...conservation, server } };
      expect(linesWith("the server counted", changed)[0]).toContain(mark);
      expect(linesWith("did not reach", changed)).toEqual([
        expect.stringMatching(/^ +1 of ours did not reach the server␛\[2J⏎ {2}verdict {2}VALID$/),
      ]);
    },
  );

  test.each([
    [true, "✔"],
    [false, "✘"],
  ])("holds the server's own counts beside ours (equal: %s)", (equal, mark) => {
    const server = {
      source: "http://127.0.0.1:1/stats",
      sentByUs: 2000,
      receivedByServer: 1999,
      sentByServer: 1998,
      receivedByUs: 1997,
      equal,
    };
    const [line] = linesWith("the server counted", { conservation: { ...conservation, server } });
    expect(line).toContain(mark);
    for (const figure of [/1.999 received/, /2.000/, /1.998 sent/, /1.997/]) {
      expect(line).toMatch(figure);
    }
  });
});

describe("the verdict", () => {
  test("VALID", () => {
    expect(linesWith("VALID")).toHaveLength(1);
    expect(report()).not.toContain("INVALID");
  });

  test("INVALID, with every reason and its remedy", () => {
    const reasons = [
      { code: "cpu-saturated" as const, detail: "a worker used 99 %", remedy: "add workers" },
      { code: "worker-lost" as const, detail: "worker 1 was lost", remedy: "run again" },
    ];
    const text = report({ validity: { ok: false, reasons } });
    expect(text).toMatch(/INVALID\s+cpu-saturated: a worker used 99 %\n\s+add workers/);
    expect(text).toMatch(/INVALID\s+worker-lost: worker 1 was lost\n\s+run again/);
    expect(text).not.toMatch(/(?<!IN)VALID/);
  });

  test("interrupted is said", () => {
    expect(report({ interrupted: true })).toContain("INTERRUPTED");
    expect(report()).not.toContain("INTERRUPTED");
  });

  test("a closed loop says what its figures mean, a given rate does not", () => {
    const sentence =
      "closed loop: this is the latency at full throughput, not what users feel at a given rate";
    expect(report(runWith({ model: "closed" }))).toContain(sentence);
    expect(report()).not.toContain(sentence);
    // Users pause, and then it is not the full throughput.
    const users = { begun: 1, completed: 1, lost: 0, dropped: 0 };
    const ofUsers = report(runWith({ model: "closed", users }));
    expect(ofUsers).toContain("closed loop: users wait for replies and pause");
    expect(ofUsers).not.toContain("full throughput");
  });

  test("loopback runs say that the machine was shared", () => {
    expect(report()).toContain("loopback: client and server shared this machine's 4 cores");
    expect(report(runWith({ loopback: false }))).not.toContain("loopback:");
  });

  test("the generator is shown: workers, pacer, CPU, loop, memory, queue", () => {
    const [line] = linesWith("2 workers");
    expect(line).toMatch(/pacer timer.*37 %.*1\.50 ms.*100 MiB/);
    expect(report()).toContain("queued at most 4.00 KiB on one connection");
  });
});

describe("what came from the other side", () => {
  const evil = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202eevil\r\u007f";

  test("is harmless everywhere, even with colours", () => {
    const text = textReport(
      resultWith({
        ...runWith({
          startedAt: evil,
          pacer: evil,
          handshake: {
            status: evil,
            server: evil,
            subprotocol: evil,
            extensions: evil,
            tls: evil,
          },
        }),
        plan: { targets: [`ws://${evil}/`], connections: 1 },
        env: { wsctl: evil, node: evil, os: evil, cpu: evil, cores: 1 },
        totals: {
          [`ws_connect_failed{reason:${evil}}`]: 1,
          [`ws_close{by:${evil},cause:${evil},code:${evil}}`]: 1,
        },
        errors: [{ what: evil, count: 1, example: evil }],
        validity: {
          ok: false,
          reasons: [{ code: "worker-lost", detail: evil, remedy: evil }],
        },
      }),
      plainInk,
    );
    expect(text).toContain("evil");
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });

  test("cannot forge a line of the report", () => {
    const forged = "oops\n  verdict        VALID";
    const lines = linesWith("verdict", {
      plan: { targets: [forged], connections: 1 },
      errors: [{ what: "broken", count: 1, example: forged }],
      validity: { ok: false, reasons: [{ code: "worker-lost", detail: forged, remedy: forged }] },
    });
    const titles = lines.filter((line) => line.startsWith("  verdict"));
    expect(titles).toHaveLength(1);
    expect(titles[0]).toContain("INVALID");
  });
});

describe("its shape", () => {
  test.each([72, 80, 100, 160])("keeps within %d columns", (width) => {
    const errors = [{ what: "broken", count: 3, example: "x".repeat(500) }];
    const text = textReport(resultWith({ errors }), { ...plainInk, width });
    // A word that is longer than a line is left whole.
    const own = text.split("\n").filter((line) => !line.includes("xxx"));
    for (const line of own) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  test("no line ends in spaces, and colours change nothing but colours", () => {
    const coloured = textReport(resultWith(), {
      chalk: new Chalk({ level: 1 }),
      width: plainInk.width,
    });
    expect(coloured).not.toBe(report());
    // oxlint-disable-next-line no-control-regex -- what chalk puts in is what is taken out
    const bare = coloured.replaceAll(/\u001b\[\d+m/g, "");
    const squeeze = (text: string): string => text.replaceAll(/ +\n/g, "\n");
    expect(squeeze(bare)).toBe(squeeze(report()));
    expect(report()).not.toMatch(/ \n/);
  });
});

describe("a run of virtual users", () => {
  test("tells what became of them, and of which scenario they are", () => {
    expect(report(eventful)).toContain("given rates for 10.0 s on 14 virtual users");
    expect(report(eventful)).toContain("scenario chat.yaml");
    expect(linesWith("users:", eventful)[0]).toMatch(
      /120 began, 110 ended with their flow or by a threshold, 10 lost their connection for good, 3 found no place/,
    );
    expect(report(eventful)).not.toMatch(/not opened when|did not open/);
  });

  test("sets scenarios and stages side by side when there are several", () => {
    const text = report(eventful);
    expect(text).toMatch(/scenarios\s+sent\/s\s+received\/s\s+rtt p50/);
    expect(linesWith("  chat ", eventful)[0]).toMatch(/chat\s+50\s+0\s+2\.00 ms.*\s3$/);
    expect(linesWith("listener", eventful)[0]).toMatch(/listener\s+0\s+0\s+–\s+–\s+–\s+–\s+0$/);
    expect(linesWith(" steady ", eventful)[0]).toMatch(/steady\s+0 ms\s+–\s+–/);
    const single = { scenarios: eventful.scenarios!.slice(0, 1), stages: [] };
    expect(report({ ...eventful, ...single })).not.toMatch(/listener|rtt p50/);
  });

  test("keeps its tables to narrow terminals", () => {
    const text = textReport(resultWith(eventful), { ...plainInk, width: 76 });
    const tables = text.slice(text.indexOf("  scenarios"), text.indexOf("  delivery"));
    expect(
      tables
        .trim()
        .split("\n")
        .filter((line) => line.trim() !== ""),
    ).toHaveLength(8);
    for (const line of tables.split("\n")) expect(line.length).toBeLessThanOrEqual(76);
  });

  test("shows the ledger of stamped messages, and what reconnecting took", () => {
    expect(linesWith("stamped", eventful)[0]).toMatch(
      /✗ 100 stamped, 190 delivered: 10 lost, 2 duplicate, 0 reordered, 0 corrupt/,
    );
    expect(linesWith("replaced", eventful)[0]).toMatch(/7 connections replaced, in 9 attempts/);
    expect(linesWith("open again", eventful)[0]).toMatch(/p50 500 ms/);
    expect(linesWith("further replies", eventful)).toHaveLength(1);
    expect(report()).not.toMatch(/stamped|replaced|further replies/);
  });

  test("does not praise a delivery that nobody saw", () => {
    const [line] = linesWith("stamped", { totals: { ws_msg_stamped: 5 } });
    expect(line).toMatch(/5 stamped, and none was seen again/);
    expect(line).not.toContain("✓");
  });

  test.each([
    [{ ws_msg_stamped: 5, ws_msg_delivered: 5 }, "✓"],
    [{ ws_msg_stamped: 5, ws_msg_delivered: 4, ws_msg_corrupt: 1 }, "✗"],
    [{ ws_msg_stamped: 5, ws_msg_delivered: 3 }, "✗"],
  ])("delivery of %j to their own senders is %s", (totals, mark) => {
    const [line, further] = linesWith("stamped,", { totals });
    expect(line).toContain(`${mark} 5 stamped`);
    if (totals.ws_msg_delivered === 3) expect(further).toMatch(/2 stamped, and neither delivered/);
    else expect(further).toBeUndefined();
  });

  test("praises no delivery on more streams than are followed", () => {
    const totals = { ws_msg_stamped: 5, ws_msg_delivered: 5, ws_msg_unfollowed: 2 };
    expect(linesWith("5 stamped", { totals })[0]).toContain("? 5 stamped");
    expect(linesWith("2 came on more streams", { totals })).toHaveLength(1);
  });

  test("asks nothing of a delivery of which nobody knows who should have heard it", () => {
    const totals = { ws_msg_stamped: 5, ws_msg_delivered: 3 };
    const trends = { ws_delivery: summaryOf(1) };
    expect(linesWith("stamped,", { totals, trends })).toEqual([
      expect.stringMatching(/✓ 5 stamped, 3 delivered/),
    ]);
  });

  test("shows expectations by step, only those that failed, with an example", () => {
    expect(linesWith("of 105 met", eventful)[0]).toMatch(/✗ 102 of 105 met, in 2 steps/);
    expect(linesWith("chat: join", eventful)[0]).toMatch(/✗ chat: join {2}3 of 100 not met/);
    expect(report(eventful)).toContain('got {"ok":false}');
    expect(report(eventful)).not.toContain("flow[2]");
  });

  test("shows steps that could not be played beside them, and not among the errors again", () => {
    const failed: Partial<RunResult> = {
      ...eventful,
      totals: {
        ...eventful.totals,
        "ws_step_failed{scenario:chat,step:chat.flow_3_}": 4,
        "ws_step_failed{scenario:chat,step:leave}": 1,
      },
      errors: [
        { what: "step failed: chat chat.flow[3]", count: 4, example: "no value for {{ room }}" },
        { what: "step failed: chat later", count: 1, example: "another" },
      ],
    };
    expect(linesWith("chat.flow_3_", failed)).toEqual([
      expect.stringMatching(/✗ chat: chat\.flow_3_ {2}failed 4 times$/),
    ]);
    expect(linesWith("chat: leave", failed)[0]).toMatch(/failed once$/);
    expect(linesWith("no value for", failed)).toHaveLength(1);
    expect(linesWith("step failed:", failed)).toEqual([expect.stringContaining("chat later")]);
    const alone = { ...failed, thresholds: [], expectations: [] };
    expect(linesWith("failed steps", alone)[0]).toMatch(/failed steps\s+✗ chat/);
    expect(report(alone)).toContain("passed, with 5 failed steps");
    expect(report({ ...alone, ...eventful, totals: alone.totals!, thresholds: [] })).toContain(
      "passed, with 3 unmet expectations and 5 failed steps",
    );
  });

  test.each([
    [{ ws_msgs_sent: 9 }, { by: "none" }, "replies not correlated for"],
    [{ ws_msgs_sent: 9 }, { by: "id" }, "no replies awaited for"],
    [{ ws_msgs_sent: 9, ws_auto_replies: 9 }, { by: "none" }, "listening only for"],
    [{}, { by: "none" }, "listening only for"],
  ])("that send %j, correlated %j: %s", (totals, correlate, words) => {
    const run = { ...eventful.run!, model: "idle" as const };
    const plan = { ...resultWith().plan, correlate };
    expect(report({ run, plan, totals, trends: {} })).toContain(words);
  });

  test("says so when nothing was correlated", () => {
    const plan = { ...resultWith().plan, correlate: { by: "none" } };
    expect(report({ plan, trends: {} })).toMatch(/nothing was correlated/);
    expect(report({ trends: {} })).not.toMatch(/nothing was correlated/);
    const totals = { ws_msgs_sent: 9, ws_msg_stamped: 9 };
    const stamped = report({ plan, trends: {}, totals });
    expect(stamped).toMatch(/messages hold stamps: correlate: \{ by: stamp \}/);
    expect(report({ plan, trends: {} })).not.toContain("by: stamp");
  });
});

describe("thresholds", () => {
  test.each([
    ["ws_msg_rtt: p(99)<200", /✗ .* {2}312 ms \(112 ms over\), it ended the run$/],
    ["checks: rate>99%", /✗ .* {2}97 % \(2 points under\)$/],
    ["ws_connecting{scenario:chat}: p(95)<500", /✓ .* 12\.3 ms$/],
    ["ws_tls: max<1s", /✗ .* no value was measured$/],
  ])("%s", (name, told) => {
    expect(linesWith(name, eventful)[0]).toMatch(told);
  });

  test("that failed are in the verdict", () => {
    expect(report(eventful)).toMatch(/FAILED {2}3 of 4 thresholds, and the run was ended for it/);
    expect(report()).not.toContain("FAILED");
  });

  test.each([
    ["ws_msg_rtt", "p(99)<1ms", 26.1, / {2}26\.1 ms \(25\.1 ms over\)$/],
    ["ws_msg_rtt", "p(99) < 200", 200, / {2}200 ms \(just at it\)$/],
    ["ws_msg_rtt", "max<0.001", 5, / {2}5\.00 ms \(5\.00 ms over\)$/],
    ["ws_msg_rtt", "med!=5", 5, / {2}5\.00 ms$/],
    // Of what should not be there, all is too much.
    ["ws_msg_lost", "count==0", 3, / {2}3$/],
    ["ws_sessions", "count>=10", 7, / {2}7 \(3 under\)$/],
    ["ws_msgs_sent", "rate>1k/s", 900, / {2}900\/s \(100\/s under\)$/],
    ["ws_bytes_sent", "count<1KiB", 2048, / {2}2\.00 KiB \(1\.00 KiB over\)$/],
    ["checks", "rate>99%", 0.98, / {2}98 % \(1 point under\)$/],
    ["checks", "rate>99%", 0.98996, / {2}99 % \(0\.004 points under\)$/],
    ["wsctl_cpu", "value<0.5", 1.5, / {2}150 % \(100 points over\)$/],
    ["a_metric_of_tomorrow", "p(99)<5", 7, /✗ a_metric_of_tomorrow: p\(99\)<5 {2}7$/],
    ["ws_msg_rtt", "no threshold", 7, /✗ ws_msg_rtt: no threshold {2}7 \(not a threshold/],
  ])("%s %s of %d", (metric, expression, actual, told) => {
    const threshold = { metric, expression, actual, ok: false, aborted: false, place: undefined };
    expect(linesWith(expression, { thresholds: [threshold] })[0]).toMatch(told);
  });

  test("are printed as they can be given again, however long", () => {
    const tag = "x".repeat(64);
    const metric = `ws_msg_rtt{scenario:${tag},stage:${tag},reason:${tag}}`;
    const given = `${metric}: p(99.9) <= 1.5s`;
    const { expression } = parseFlagThreshold(given);
    const threshold = { metric, expression, actual: 5, ok: true, aborted: false, place: undefined };
    const told = textReport(resultWith({ thresholds: [threshold] }), { ...plainInk, width: 500 });
    expect(told).toContain(`✓ ${given}  5.00 ms`);
  });
});

describe("users that a run's end cut", () => {
  const users = runWith({ users: { begun: 20, completed: 20, lost: 0, dropped: 0 } });
  const told = (changed: Partial<RunResult>): string | undefined =>
    linesWith("users:", { ...users, ...changed })[0]?.trim();

  test.each([
    [{}, "with the run"],
    [{ interrupted: true }, "by the interruption"],
    [{ thresholds: eventful.thresholds! }, "by a threshold"],
  ])("are not said to have ended in time: %o", (changed, end) => {
    expect(told(changed)).toContain(`users: 20 began, 20 ended with their flow or ${end}`);
  });
});

describe("the verdict's lines", () => {
  const lost = { code: "target-lost" as const, detail: "all ended", remedy: "r" };
  const never = { code: "nothing-opened" as const, detail: "none opened", remedy: "r" };

  test("stand in the order in which the one goes before the other", () => {
    const validity = { ok: false, reasons: [lost] };
    const text = report({ interrupted: true, validity, thresholds: eventful.thresholds! });
    const found = ["INTERRUPTED  ", "INVALID  target-lost", "FAILED  "].map((line) =>
      text.indexOf(line),
    );
    expect(found[0]).toBeGreaterThan(0);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  test("do not say that connections ended where none was", () => {
    const validity = { ok: false, reasons: [lost, never] };
    expect(report({ validity })).toContain("nothing-opened");
    expect(report({ validity })).not.toContain("target-lost");
    expect(report({ validity: { ok: false, reasons: [lost] } })).toContain("target-lost");
  });
});
