/** Shows that a saved result is read back as it was, and that a forged one is refused, or harmless. */
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { decodeStored } from "../../src/metrics/stored-trend.js";
import { Trend } from "../../src/metrics/trend.js";
import { mistakeOf, succeedsOrRefuses } from "../message/mistake.js";
import { eventful, partWith, resultWith, summaryOf } from "../report/results.js";

const saved = (changed: object = {}): string => JSON.stringify({ ...resultWith(), ...changed });

describe("a saved result", () => {
  test.each([
    ["plain", resultWith()],
    ["eventful", resultWith(eventful)],
  ])("%s is read back as it was", (_which, result) => {
    const text = JSON.stringify(result);
    expect(JSON.parse(JSON.stringify(parseRunResult(text, "run.json")))).toEqual(JSON.parse(text));
  });

  test("of the first release is read, too", () => {
    const old: Partial<RunResult> = JSON.parse(saved());
    for (const key of ["inTraffic", "scenarios", "stages", "thresholds", "expectations"] as const) {
      Reflect.deleteProperty(old, key);
    }
    const read = parseRunResult(JSON.stringify(old), "old.json");
    expect(read).toMatchObject({ scenarios: [], stages: [], thresholds: [], expectations: [] });
    expect(read.run.scenario).toBeUndefined();
    expect(read.inTraffic).toEqual(read.totals);
  });

  test("tells of a distribution what its histogram holds, whatever is written beside it", () => {
    const honest = summaryOf(1, 2, 300);
    const forged = { ...honest, p99: 1, max: 1, mean: 1 };
    const parts = [partWith("a", { trends: { ws_msg_rtt: forged } })];
    const text = saved({ trends: { ws_msg_rtt: forged }, scenarios: parts });
    const read = parseRunResult(text, "run.json");
    expect(read.trends["ws_msg_rtt"]).toEqual(honest);
    expect(read.scenarios[0]!.trends["ws_msg_rtt"]).toEqual(honest);
  });

  test("with more distributions than any run has is refused before one is unpacked", () => {
    const trends = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`t${i}`, {}]));
    const parts = ["a", "b"].map((name) => Object.assign(partWith(name), { trends }));
    const told = mistakeOf(() =>
      parseRunResult(saved({ scenarios: parts, stages: parts }), "run.json"),
    );
    expect(told).toMatch(/more than 1000 distributions/);
  });

  test("of a later release loses what is not known here", () => {
    const read = parseRunResult(saved({ moon: "full" }), "new.json");
    expect(read).not.toHaveProperty("moon");
  });

  test.each<[string, string, RegExp]>([
    ["nothing", "", /run\.json is no saved result of a run: it is not JSON/],
    ["half a file", saved().slice(0, 500), /it is not JSON/],
    ["another document", "{}", /it says no version where "wsctl\.run\/1" is expected/],
    ["a list", "[]", /no version/],
    ["null", "null", /no version/],
    ["another version", saved({ $schema: "wsctl.run/9\u001b[2J" }), /"wsctl\.run\/9␛\[2J"/],
    ["something missing", saved({ totals: undefined }), /totals: /],
    ["a text for a number", saved({ totals: { ws_msgs_sent: "7" } }), /totals\.ws_msgs_sent: /],
    [
      "no finite number",
      saved({ totals: {} }).replace('"totals":{}', '"totals":{"a":1e999}'),
      /totals/,
    ],
    ["a run that never was", saved({ run: { ...resultWith().run, startedAt: "x" } }), /startedAt/],
    [
      "a deep plan",
      saved({ plan: 0 }).replace('"plan":0', `"plan":${'{"a":'.repeat(500)}1${"}".repeat(500)}`),
      /nested more than/,
    ],
    [
      "a histogram that does not say what is told of it",
      saved({ trends: { ws_msg_rtt: { ...summaryOf(1, 2), count: 3 } } }),
      /ws_msg_rtt\.hdr: its histogram cannot be read/,
    ],
  ])("%s is refused", (_what, text, told) => {
    expect(mistakeOf(() => parseRunResult(text, "run.json"))).toMatch(told);
  });

  test("names itself harmlessly, and says how one is saved", () => {
    const told = mistakeOf(() => parseRunResult("", "\u001b[2J"));
    expect(told).not.toContain("\u001b");
    expect(told).toMatch(/hint: save one with/);
  });

  test("changed anywhere is read or refused, and nothing else happens", () => {
    const text = saved(eventful);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("", "1", '"', "-", "e9"), (at, put) => {
        const changed = text.slice(0, at) + put + text.slice(at + 1);
        expect(succeedsOrRefuses(() => parseRunResult(changed, "run.json"))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a stored histogram", () => {
  const head = (digits: number, lowest: bigint, highest: bigint, payload: Buffer): Buffer => {
    const bytes = Buffer.alloc(40);
    bytes.writeUInt32BE(0x1c849313, 0);
    bytes.writeUInt32BE(payload.length, 4);
    bytes.writeUInt32BE(digits, 12);
    bytes.writeBigUInt64BE(lowest, 16);
    bytes.writeBigUInt64BE(highest, 24);
    return Buffer.concat([bytes, payload]);
  };
  const packed = (bytes: Buffer): string => {
    const body = deflateSync(bytes);
    const front = Buffer.alloc(8);
    front.writeUInt32BE(0x1c849314, 0);
    front.writeUInt32BE(body.length, 4);
    return Buffer.concat([front, body]).toString("base64");
  };
  const hour = 3_600_000_000n;

  test("of ours is decoded, whatever it holds", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_600_000_000), { maxLength: 30 }), (values) => {
        const trend = new Trend();
        for (const value of values) trend.add(value, 3);
        expect(decodeStored(trend.encode())?.encode()).toBe(trend.encode());
      }),
      { numRuns: 50 },
    );
    expect(decodeStored(packed(head(3, 1n, hour, Buffer.from([2]))))?.count).toBe(1);
  });

  test.each<[string, string]>([
    ["nothing", ""],
    ["no base64", "!!!!"],
    ["too short", "AAAA"],
    ["another format", Buffer.alloc(60, 7).toString("base64")],
    ["a bomb", packed(head(3, 1n, hour, Buffer.alloc(50_000_000)))],
    ["a huge layout", packed(head(5, 1n, 2n ** 53n, Buffer.from([2])))],
    ["another unit", packed(head(3, 1000n, hour, Buffer.from([2])))],
    // So many empty buckets that counting them would never end.
    ["an endless gap", packed(head(3, 1n, hour, Buffer.from([...Array(8).fill(0xff), 0x7f, 2])))],
    ["too many counts", packed(head(3, 1n, hour, Buffer.alloc(30_000, 2)))],
    [
      "more counts than can be",
      packed(head(3, 1n, hour, Buffer.from([...Array(8).fill(0xfe), 0x7f]))),
    ],
  ])("%s is not", (_what, encoded) => {
    expect(decodeStored(encoded)).toBeUndefined();
  });
});
