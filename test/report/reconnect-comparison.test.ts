/** Shows two policies of reconnecting side by side. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { compareRuns } from "../../src/metrics/compare.js";
import type { Recovery } from "../../src/metrics/recovery.js";
import { comparisonReporters } from "../../src/report/comparison.js";
import { tablesOf } from "./read-markdown.js";
import { dip, episodeWith, recoveryWith } from "./recoveries.js";
import { plainInk, resultWith, summaryOf } from "./results.js";

/** All at once, after the base: 600 dials in the same moment. */
const fixed = recoveryWith({
  policy: { ...recoveryWith().policy, kind: "fixed", max: 500, jitter: "none" },
  episodes: [
    episodeWith({
      attempts: 1900,
      peakPerSecond: 600,
      firstRetries: { count: 600, crowded: 1, at: 10_500, begun: 1, heldUp: 3 },
      times: summaryOf(505, 1010, 1515),
      to50: 505,
      to95: 1010,
      to100: undefined,
      missed: 90,
      curve: dip(1400, 11_500),
    }),
  ],
});
const jittered = recoveryWith();

function page(base: Recovery | undefined, now: Recovery | undefined, isAll = false) {
  const runs = [base, now].map((recovery) => resultWith({ recovery }));
  return { comparison: compareRuns(runs[0]!, runs[1]!, []), isAll };
}

const text = (base?: Recovery, now?: Recovery, isAll = false): string =>
  comparisonReporters.text(page(base, now, isAll), plainInk).replace(/\u202f/g, " ");

describe("two policies side by side", () => {
  const told = text(fixed, jittered);

  test("are named", () => {
    expect(told).toContain("base  fixed, 500 ms, no jitter, anew after 10.0 s\n");
    expect(told).toContain("new   exponential from 500 ms to 30.0 s, full jitter, anew");
    expect(text(undefined, jittered)).toContain("base  no connection was lost\n");
  });

  test.each([
    /event 1: reset of 30 % at 10\.0 s +base +new +change/,
    /50 % back after +505 ms +1\.01 s +\+505 ms +\+100 %/,
    /all back after +never +2\.02 s\n/,
    /lost +600 +600\n/,
    /attempts +1 ?900 +640 +−1 ?260 +−66 %/,
    /most attempts in 1 s +600 +312 +−288 +−48 %/,
    /first in the same 100 ms +100 % +28\.8 % +−71 points/,
    /messages missed +90 +137 +\+47 +\+52 %/,
    /availability +98\.7 % +98\.7 %\n/,
  ])("have rows: %s", (row) => {
    expect(told).toMatch(row);
  });

  test("say nothing twice, nor what was nothing in both", () => {
    expect(told).not.toContain("all losses");
    expect(told).not.toMatch(/lost for good|not resubscribed/);
    expect(text({ ...fixed, cut: 700 }, jittered)).toContain("all losses");
  });

  test("have both curves between the same bounds", () => {
    const curves = told.split("open connections, ").slice(1);
    expect(curves.map((curve) => curve.split("\n")[0])).toEqual(["base", "new"]);
    const axes = curves.map((curve) => /└.*/.exec(curve)?.[0].length);
    expect(axes[0]).toBe(axes[1]);
    for (const curve of curves) expect(curve).toMatch(/2 000 ┤█+[^]*1 280 ┤█+/);
    // What is back sooner has more above the foot.
    const filled = curves.map((curve) => curve.replace(/[^█]/g, "").length);
    expect(filled[0]).toBeGreaterThan(filled[1]!);
  });

  test("are coloured where they differ: who never came back is worse than who came late", () => {
    const ink = { chalk: new Chalk({ level: 1 }), width: 140 };
    const better = comparisonReporters.text(page(fixed, jittered), ink);
    expect(better).toContain("\u001b[32m−48 %");
    const worse = compareRuns(
      resultWith({ recovery: jittered }),
      resultWith({ recovery: fixed }),
      [],
    );
    const [episode] = worse.recovery!.episodes;
    const last = episode!.rows.find(({ figure }) => figure === "all back after");
    expect(last).toMatchObject({ base: 2020, now: "never", isWorse: true, isNoticeable: true });
  });

  test("without losses are not told at all", () => {
    expect(text()).not.toContain("reconnected");
    expect(comparisonReporters.markdown(page(undefined, undefined))).not.toContain("reconnected");
  });

  test("as Markdown have tables and curves, and as JSON everything", () => {
    const markdown = comparisonReporters.markdown(page(fixed, jittered));
    expect(markdown).toContain("### How they reconnected\n\n- base: fixed, 500 ms");
    expect(markdown).toContain("| **most attempts in 1 s** | **600** | **312** | **−288** |");
    expect(markdown).toMatch(/\n {4}open connections, new\n {4}2.000 ┤/);
    for (const [head, , ...rows] of tablesOf(markdown)) {
      for (const row of rows) expect(row).toHaveLength(head!.length);
    }
    const json = comparisonReporters.json(page(fixed, jittered));
    expect(JSON.parse(json)).toMatchObject({
      recovery: { policies: { base: { kind: "fixed" }, now: { jitter: "full" } } },
    });
  });
});

describe("episodes of two runs", () => {
  const round = (n: number) =>
    episodeWith({
      cause: { kind: "event", event: 1, round: n, rounds: 9, how: "fin", share: 0.1, over: 0 },
    });
  const burst = episodeWith({ cause: { kind: "losses", ends: [] }, cut: 7, at: 5000 });

  test("go together by event and round, bursts by their order", () => {
    const base = recoveryWith({ episodes: [burst, round(1), round(2)] });
    const now = recoveryWith({ episodes: [round(2), burst, round(3)] });
    const { episodes } = page(base, now).comparison.recovery!;
    const pairs = episodes.map((one) => [one.base !== undefined, one.now !== undefined]);
    expect(pairs).toEqual([
      [true, true],
      [true, false],
      [true, true],
      [false, true],
    ]);
    expect(text(base, now)).toMatch(/lost from 5\.00 s on[^\n]*base[^]*lost +7 +7\n/);
  });

  test("are shown as far as that makes sense, and all with --all", () => {
    const all = recoveryWith({ episodes: [1, 2, 3, 4, 5].map(round), cut: 3000 });
    expect(text(all, all)).toContain("2 more episodes with --all");
    expect(text(all, all, true)).toContain("round 5 of 9");
  });
});
