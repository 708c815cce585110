/** Shows what a recording comes to. */
import { expect, test } from "vitest";
import { RecordingTally } from "../../src/recording/stats.js";
import { header, readText } from "./recording-files.js";

async function statsOf(...lines: string[]) {
  const tally = new RecordingTally();
  const read = await readText(`${header}${lines.join("\n")}\n`);
  for (const line of read.lines) tally.add(line);
  return tally.stats;
}

test("everything in one", async () => {
  const stats = await statsOf(
    '{"t":1,"k":"upgrade","status":101,"request":[],"response":[]}',
    '{"t":10,"k":"out","op":1,"data":"é"}',
    '{"t":12.5,"k":"in","op":2,"b64":"AAEC","wire":9,"frags":[1,2],"rsv1":true}',
    '{"t":20,"k":"in","op":9,"b64":"AA=="}',
    '{"t":21,"k":"out","op":10,"b64":"AA=="}',
    '{"t":500,"k":"out","op":1,"data":"","redacted":true}',
    '{"t":510,"k":"out","op":1,"data":"again"}',
    '{"t":600,"k":"in","op":1,"data":"late"}',
    '{"t":700,"k":"gap","why":"disk","missed":7,"lasted":5}',
    '{"t":701,"k":"gap","why":"disk","missed":1}',
    '{"t":702,"k":"gap","why":"__proto__"}',
    '{"t":703,"k":"mark","text":"x"}',
    '{"t":704,"k":"future"}',
    '{"t":705,"k":"close","by":"client","code":1000,"reason":""}',
    '{"t":705.5,"k":"end","in":2,"out":3}',
  );
  expect(stats).toMatchObject({
    lines: 15,
    in: {
      text: 1,
      binary: 1,
      pings: 1,
      pongs: 0,
      bytes: 7,
      wire: 9 + 3 + 6,
      smallest: 3,
      largest: 4,
    },
    out: {
      text: 3,
      pongs: 1,
      bytes: 7,
      wire: 8 + 6 + 11 + 7,
      smallest: 0,
      largest: 5,
      redacted: 1,
    },
    first: 1,
    last: 705.5,
    upgrades: [101],
    close: { code: 1000 },
    marks: 1,
    ended: true,
    fastestAnswer: 2.5,
    slowestAnswer: 100,
    longestSilence: 487.5,
  });
  expect(stats.in).toMatchObject({ compressed: 1, fragmented: 1 });
  expect(stats.gaps.get("disk")).toEqual({ count: 2, missed: 8, lasted: 5 });
  expect(stats.gaps.get("__proto__")).toEqual({ count: 1, missed: 0, lasted: 0 });
  expect([...stats.unknown]).toEqual([["future", 1]]);
});

test("nothing, and what was not ended", async () => {
  expect(new RecordingTally().stats).toMatchObject({ lines: 0, first: undefined, ended: false });
  const stats = await statsOf('{"t":1,"k":"end","in":0,"out":0}', '{"t":2,"k":"mark","text":""}');
  expect(stats.ended).toBe(false);
});

test("kinds and reasons without end are counted together", async () => {
  const many = Array.from({ length: 500 }, (_, n) => [
    `{"t":1,"k":"kind ${n}"}`,
    `{"t":1,"k":"gap","why":"reason ${n}","missed":1}`,
  ]);
  const stats = await statsOf(...many.flat());
  expect(stats.unknown.size).toBeLessThanOrEqual(101);
  expect(stats.gaps.size).toBeLessThanOrEqual(101);
  expect([...stats.gaps.values()].reduce((sum, { missed }) => sum + missed, 0)).toBe(500);
});
