/** Shows what a person reads of connections that were lost: how many, how they came back, and the curve. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { Recovery, RecoveryEpisode } from "../../src/metrics/recovery.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { formatFigure } from "../../src/report/figure.js";
import { markdownReport } from "../../src/report/markdown.js";
import { textReport } from "../../src/report/text.js";
import { attack } from "./hostile.js";
import { expectHarmless, tablesOf } from "./read-markdown.js";
import { dip, episodeWith, recoveryWith } from "./recoveries.js";
import { eventful, plainInk, resultWith } from "./results.js";

/** With plain spaces in numbers. */
const spaced = (text: string): string => text.replace(/\u202f/g, " ");

const report = (recovery: Recovery | undefined, width = 140): string =>
  spaced(textReport(resultWith({ ...eventful, recovery }), { ...plainInk, width }));

const markdown = (recovery: Recovery): string =>
  spaced(markdownReport(resultWith({ ...eventful, recovery })));

/** The lines of an episode's curve, the axis and the names below included. */
function curveOf(text: string, count = 8): string[] {
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => line.includes("open connections"));
  return lines.slice(begin + 1, begin + 1 + count);
}

describe("an event", () => {
  const text = report(recoveryWith());

  test.each([
    "reconnects     exponential from 500 ms to 30.0 s, full jitter, anew after 10.0 s",
    "600 connections lost: all back",
    "users had a connection for 98.7 % of their time",
    "event 1        reset of 30 % at 10.0 s",
    "600 of 2 000 connections lost: all back, 1 400 open at the fewest",
    "50 % back after 1.01 s, 95 % after 1.90 s, all after 2.02 s",
    "640 attempts, at most 312 a second; 28.8 % of the first within 100 ms",
    "open again after p50 ",
    "137 messages missed in the gaps",
    "✓ onReconnect confirmed on all 600 connections",
    "time without a connection",
  ])("is told: %s", (words) => {
    expect(text).toContain(words);
  });

  test("is told once, where it is all that there is", () => {
    expect(text.match(/messages missed/g)).toHaveLength(1);
    expect(text.match(/onReconnect/g)).toHaveLength(1);
    expect(text).not.toContain("replaced");
    const second = report(recoveryWith({ cut: 700, missed: 140 }));
    expect(second.match(/messages missed/g)).toHaveLength(2);
  });

  test("is drawn: the cut is a cliff, and the way back a slope", () => {
    const curve = curveOf(text);
    expect(curve[0]).toMatch(/^ +2.000 ┤█{9,13} +[▁-█ ]*█+$/);
    expect(curve[5]).toMatch(/^ +1.280 ┤[█▇]+$/);
    expect(curve[6]).toMatch(/^ +└─+┬─+┬─+┬─+┬─+$/);
    expect(curve[7]).toMatch(/^ +cut +50 % back +all$/);
    const filled = curve.slice(0, 6).map((line) => line.replace(/[^█]/g, "").length);
    expect(filled).toEqual(filled.toSorted((a, b) => a - b));
  });

  test("is drawn between moments of the run that are told", () => {
    const [, , , , , , axis, , ends] = curveOf(text, 9);
    expect(ends).toMatch(/^ +9\.50 s +12\.5 s$/);
    expect(ends).toHaveLength(axis!.length);
  });

  test("that cut nobody is not drawn", () => {
    const hitNobody = { cut: 0, back: 0, to50: undefined, to95: undefined, to100: undefined };
    const words = report(recoveryWith({ cut: 0, episodes: [episodeWith(hitNobody)] }));
    expect(words).toContain("nobody was cut");
    expect(words).not.toContain("open connections");
    expect(words).not.toContain("missed");
  });

  test("has the availability of its threshold, to the digit", () => {
    const figure = { availability: 0.99449 };
    const words = report(recoveryWith(figure));
    const aggregate = { name: "value", percentile: undefined } as const;
    const shown = formatFigure(figure.availability, "ws_availability", aggregate);
    expect(words).toContain(`users had a connection for ${shown} of their time`);
  });

  test("that cuts nearly all is drawn from 0", () => {
    const few = report(recoveryWith({ episodes: [episodeWith({ curve: dip(20), fewest: 20 })] }));
    expect(curveOf(few)[5]).toMatch(/^ +0 ┤/);
  });

  test.each([60, 80, 100])("keeps to %d columns", (width) => {
    for (const line of report(recoveryWith(), width).split("\n")) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  test.each<[string, Partial<RecoveryEpisode>, string]>([
    ["nobody", { cut: 0, back: 0, to50: undefined }, "nobody was cut"],
    ["never", { back: 100, to50: undefined }, "not even half of them came back"],
    ["not all", { back: 599, lostForGood: 1, to100: undefined }, "95 % after 1.90 s, all never"],
    ["ended", { back: 590, ended: 10 }, "590 back, 10 still away at their end"],
    [
      "nobody back",
      { back: 0, ended: 600, missed: 0 },
      "what was missed in the gaps nobody knows: none of them closed",
    ],
    [
      "not all back",
      { back: 590, ended: 10, missed: 0 },
      "no message missed in the gaps that closed, 10 did not",
    ],
    [
      "by whom",
      { firstRetries: { count: 600, crowded: 0.9, at: 1, begun: 0.412, heldUp: 180 } },
      "the generator began first attempts up to 180 ms later than they were due",
    ],
    [
      "as begun",
      { firstRetries: { count: 600, crowded: 0.9, at: 1, begun: 0.412, heldUp: 9 } },
      "a second; 90 % of the first within 100 ms (41.2 % as they were begun)",
    ],
    [
      "unverified",
      { resubscribed: { verified: false, asked: 5, confirmed: 5, failed: 0 } },
      "· onReconnect played (it expects nothing, so nothing is confirmed) on all 5 connections",
    ],
    [
      "failed",
      { resubscribed: { verified: true, asked: 9, confirmed: 5, failed: 3 } },
      "✗ onReconnect confirmed on 5 of 9 connections, 3 failed, 1 under way at the end",
    ],
    [
      "rolling",
      {
        cause: {
          kind: "event",
          event: 2,
          round: 3,
          rounds: 5,
          how: "close",
          share: 0.5,
          over: 30e3,
        },
      },
      "event 2        round 3 of 5: close of 50 % from 10.0 s on, over 30.0 s",
    ],
    [
      "losses",
      { cause: { kind: "losses", ends: [{ what: "1006 by server", count: 600 }] } },
      "losses         lost from 10.0 s on, by nothing in the plan",
    ],
  ])("%s", (_what, changed, words) => {
    const episodes = [episodeWith(changed)];
    expect(report(recoveryWith({ episodes }))).toContain(words);
  });

  test("whose connections came back as one has no histogram, and one without a curve no picture", () => {
    const bare = report(recoveryWith({ episodes: [episodeWith({ curve: [] })] }));
    expect(bare).not.toContain("open connections");
    expect(bare).toContain("50 % back");
  });

  test("is red where a connection is lost for good, and green only where it is proven well", () => {
    const ink = { chalk: new Chalk({ level: 1 }), width: 140 };
    const painted = (recovery: Recovery): string => textReport(resultWith({ recovery }), ink);
    expect(painted(recoveryWith({ lostForGood: 1, back: 599 }))).toContain("\u001b[31m600 conn");
    expect(painted(recoveryWith())).toContain("\u001b[32m✓\u001b[39m onReconnect");
  });
});

describe("several episodes", () => {
  const many = Array.from({ length: 30 }, (_, i) =>
    episodeWith({
      cause: {
        kind: "event",
        event: 1,
        round: i + 1,
        rounds: 40,
        how: "fin",
        share: 0.1,
        over: 0,
      },
      to100: i === 7 ? undefined : 2000 + i,
    }),
  );
  const text = report(recoveryWith({ cut: 18_000, episodes: many, furtherEpisodes: 10 }));

  test("have a row each, as far as that makes sense, and the slowest is told in full", () => {
    expect(text).toMatch(/episodes +at +lost +back +50 % after/);
    expect(text.match(/^ +event 1, round \d+ of 40/gm)).toHaveLength(20);
    expect(text).toContain("and 20 more");
    expect(text).toContain("round 8 of 40: FIN to 10 % at 10.0 s");
    expect(text.match(/open connections/g)).toHaveLength(1);
  });

  test("in which nobody was cut are not the slowest", () => {
    const nobody = many.map((one) => ({ ...one, cut: 0, back: 0, to100: undefined }));
    const [first, second] = [nobody.slice(0, 20), nobody.slice(21)];
    const some = report(recoveryWith({ episodes: [...first, many[20]!, ...second] }));
    expect(some).toContain("round 21 of 40: ");
    expect(some.match(/open connections/g)).toHaveLength(1);
    expect(report(recoveryWith({ episodes: nobody }))).not.toContain("open connections");
  });

  test("that are only two are both told in full", () => {
    const two = report(recoveryWith({ cut: 1200, episodes: many.slice(0, 2) }));
    expect(two.match(/open connections/g)).toHaveLength(2);
    expect(two).not.toContain("episodes");
  });
});

describe("who moved", () => {
  const moves = [
    { from: "node-b", to: "node-a", connections: 500, away: { p50: 810, max: 2020 }, missed: 120 },
    { from: "node-b", to: undefined, connections: 7, away: { p50: 9, max: 10 }, missed: undefined },
  ];

  test("from which node to which, how long they were away, what they missed", () => {
    const text = report(recoveryWith({ episodes: [episodeWith({ moves, furtherMoves: 3 })] }));
    expect(text).toMatch(/moved +connections +away p50 +max +missed\n/);
    expect(text).toMatch(/node-b → node-a +500 +810 ms +2\.02 s +120\n/);
    expect(text).toMatch(/node-b → unnamed +7 +9\.00 ms +10\.0 ms +–\n/);
    expect(text).toContain("and 3 connections between further nodes");
  });

  test("is told of the first few nodes, and how many more there are", () => {
    const all = Array.from({ length: 20 }, (_, i) => ({ ...moves[0]!, from: `n${i}` }));
    const text = report(recoveryWith({ episodes: [episodeWith({ moves: all })] }));
    expect(text.match(/→ node-a/g)).toHaveLength(8);
    expect(text).toContain("and 6 000 connections between further nodes");
  });
});

test("hints of servers are told with what was done about them", () => {
  const hints = [
    { hint: "retry-after", honoured: 12, capped: 3, ignored: 0 },
    { hint: "1013", honoured: 0, capped: 0, ignored: 4 },
  ] as const;
  const text = report(recoveryWith({ hints }));
  expect(text).toContain("Retry-After: 12 × honoured, 3 × asked for longer than is waited");
  expect(text).toContain("close code 1013: 4 × ignored");
});

test.each([
  ["none", "none: a connection that is lost stays lost"],
  ["fixed", "fixed, 500 ms, full jitter, 9 attempts at most, anew after 10.0 s, hints ignored"],
] as const)("the policy %s is told", (kind, words) => {
  const { policy } = recoveryWith();
  const changed = { ...policy, kind, attempts: 9, hints: "ignore" as const };
  expect(report(recoveryWith({ policy: changed }))).toContain(words);
});

test.each([
  [1, "100 %"],
  [0.99999, "99.9990 %"],
  [0.9995, "99.95 %"],
  [0.987, "98.7 %"],
  [0.5, "50.0 %"],
  [0, "0 %"],
])("an availability of %d is %s", (availability, words) => {
  expect(report(recoveryWith({ availability }))).toContain(`for ${words} of their time`);
});

test("a run without a recovery tells what its counters tell", () => {
  expect(report(undefined)).toMatch(/7 connections replaced, in 9 attempts/);
});

test("one in which nothing was lost tells nothing", () => {
  expect(report(recoveryWith({ cut: 0, episodes: [] }))).not.toContain("reconnects");
});

test("a saved run tells the same again", () => {
  const moves = [{ from: "a", to: "b", connections: 9, away: { p50: 1, max: 2 }, missed: 3 }];
  const result = resultWith({ ...eventful, recovery: recoveryWith({ moves, cut: 700 }) });
  const again = parseRunResult(JSON.stringify(result), "run.json");
  expect(textReport(again, plainInk)).toBe(textReport(result, plainInk));
  expect(markdownReport(again)).toBe(markdownReport(result));
});

describe("as Markdown", () => {
  const moves = [
    { from: "node-b", to: "node-a", connections: 500, away: { p50: 810, max: 2020 }, missed: 120 },
  ];

  test("it has the facts, a row for each episode, the curve and the moves", () => {
    const text = markdown(recoveryWith({ moves }));
    expect(text).toContain("### Reconnects\n\n- policy: exponential from 500 ms");
    expect(text).toContain("- 600 connections lost: all back\n");
    expect(text).toMatch(/\| event 1 \| 10\.0 s \| 600 \| 600 \| 1\.01 s \|/);
    expect(text).toContain("open connections, event 1: reset of 30 % at 10.0 s");
    expect(text).toMatch(/\n\n {4}2.000 ┤█+/);
    expect(text).toContain("| `node-b` → `node-a` | 500 | 810 ms | 2.02 s | 120 |");
    for (const [head, , ...rows] of tablesOf(text)) {
      for (const row of rows) expect(row).toHaveLength(head!.length);
    }
  });

  test("nothing that came from elsewhere is obeyed, here or on a terminal", () => {
    const hostile = recoveryWith({
      moves: [{ ...moves[0]!, from: attack, to: attack }],
      episodes: [
        episodeWith({
          cause: { kind: "losses", ends: [{ what: attack, count: 2 }] },
          moves: [{ ...moves[0]!, from: attack, to: attack }],
        }),
      ],
    });
    expectHarmless(markdown(hostile));
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(report(hostile)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});
