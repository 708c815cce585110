/** Shows what reports say of profiles, slow consumers and heartbeats. */
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import type { SlowConsumers, SlowProfile } from "../../src/metrics/slow-consumers.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { memoryDrift } from "../../src/report/memory-drift.js";
import { markdownReport } from "../../src/report/markdown.js";
import { textReport } from "../../src/report/text.js";
import { partWith, plainInk, resultWith, summaryOf } from "./results.js";

const slowProfile: SlowProfile = {
  name: "slow",
  rate: 1000,
  connections: 4,
  read: 80_000,
  readFor: 80_000,
  unread: {
    connections: 3,
    received: { total: 3 * 100 * 1024, most: 105 * 1024 },
    sending: { total: 12 * 1024 * 1024, most: 4 * 1024 * 1024 },
  },
  ends: [
    { code: "1013", by: "server", cause: undefined, count: 1, after: { min: 3100, max: 3100 } },
    { code: "1000", by: "client", cause: undefined, count: 3, after: { min: 9000, max: 9100 } },
  ],
};
const slow: SlowConsumers = {
  profiles: [slowProfile],
  buffers: {
    receive: { initial: 131_072, most: 32 * 1024 * 1024 },
    send: { initial: 16_384, most: 4 * 1024 * 1024 },
  },
};
const profiles = [
  partWith("slow", {
    totals: { ws_sessions: 4, ws_bytes_received: 80_000, "ws_close{by:server,code:1013}": 1 },
    trends: { ws_ping: summaryOf(20_100) },
  }),
  partWith("healthy", {
    totals: { ws_sessions: 10, ws_bytes_received: 8_000_000, ws_msg_delivered: 9, ws_msg_lost: 2 },
    trends: { ws_ping: summaryOf(0.3, 52) },
  }),
];

/** What stands under a title, as lines without their margin. */
function section(result: RunResult, title: string): string[] {
  const lines = textReport(result, plainInk).split("\n");
  const from = lines.findIndex((line) => line.startsWith(`  ${title} `));
  if (from < 0) return [];
  const to = lines.findIndex((line, at) => at > from && /^ {2}\w/.test(line));
  return lines.slice(from, to).map((line) => line.slice(17).trimEnd());
}

describe("profiles", () => {
  test("stand side by side, with what their users felt", () => {
    const lines = section(resultWith({ profiles }), "profiles");
    expect(lines[1]).toMatch(/^slow +4 +78\.1 KiB +1\.95 KiB\/s +0 +– +– +1$/);
    expect(lines[2]).toMatch(/^healthy +10 +7\.63 MiB +78\.1 KiB\/s +0 +– +2 +0$/);
    expect(lines.find((line) => line.startsWith("ws_ping slow"))).toContain("20.1 s");
    expect(lines.find((line) => line.startsWith("ws_ping healthy"))).toContain("52.0 ms");
  });

  test("get so much each while they are connected, however often they come again", () => {
    const cut = partWith("slow", {
      totals: { ws_sessions: 40, ws_bytes_received: 80_000 },
      trends: { ws_session_duration: { ...summaryOf(500), count: 40, mean: 500 } },
    });
    const lines = section(resultWith({ profiles: [cut] }), "profiles");
    expect(lines[1]).toMatch(/^slow +40 +78\.1 KiB +3\.91 KiB\/s /);
  });

  test("that got nothing of what was to come have lost it all", () => {
    const none = partWith("slow", { totals: { ws_sessions: 1, ws_msg_lost: 100 } });
    const lines = section(resultWith({ profiles: [none] }), "profiles");
    expect(lines[1]).toMatch(/^slow +1 .* 100 +0$/);
  });

  test("are left out where all users are alike", () => {
    expect(section(resultWith(), "profiles")).toEqual([]);
    expect(markdownReport(resultWith())).not.toContain("Profiles");
  });

  test("have names that do no harm", () => {
    const named = [{ ...profiles[0]!, name: "a|b`\u001b[31m\n| c" }];
    const text = textReport(resultWith({ profiles: named }), plainInk);
    expect(text).not.toContain("\u001b");
    const table = markdownReport(resultWith({ profiles: named }))
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(table.some((line) => line.includes("a\\|b"))).toBe(true);
  });
});

describe("slow consumers", () => {
  test("are told of: how they read, what lay unread where, what the server did", () => {
    const late = [{ ...profiles[0]!, totals: { ws_bytes_received: 80_000 + 5 * 1024 * 1024 } }];
    const text = section(resultWith({ slow, profiles: late }), "slow consumers").join(" ");
    expect(text).toContain("when they left, 5.00 MiB came at once");
    expect(text).toContain("slow: 4 connections read 1000 B/s each of 1000 B/s allowed");
    expect(text).toContain("of 3 that left, 12.3 MiB still lay unread in kernel buffers");
    expect(text).toContain("300 KiB received (105 KiB of one connection at most)");
    expect(text).toContain("12.0 MiB in the server's (4.00 MiB at most, as good as full)");
    expect(text).toContain("the server ended 1 of 4: 1 × 1013 after 3.10 s");
    expect(text).toContain("128 KiB to 32.0 MiB here to receive (tcp_rmem)");
    expect(text).toContain("until both are full, at 36.0 MiB at the latest");
  });

  test("of a server elsewhere: nothing is said of its buffers", () => {
    const [one] = slow.profiles;
    const unread = { ...one!.unread!, sending: undefined };
    const usual = resultWith();
    const result = resultWith({
      run: { ...usual.run, loopback: false },
      slow: { ...slow, profiles: [{ ...one!, unread, ends: [] }] },
    });
    const text = section(result, "slow consumers").join(" ");
    expect(text).toContain("still lay unread in kernel buffers: 300 KiB received");
    expect(text).not.toContain("in the server's (");
    expect(text).not.toContain("tcp_wmem");
    expect(text).toContain("the server ended none of them");
  });

  test("where the system tells nothing: only how they read", () => {
    const [one] = slow.profiles;
    const told = { profiles: [{ ...one!, unread: undefined }], buffers: undefined };
    const lines = section(resultWith({ slow: told }), "slow consumers");
    expect(lines.filter((line) => line !== "")).toHaveLength(2);
  });

  test("that never opened are no division by zero", () => {
    const [one] = slow.profiles;
    const none = { ...one!, connections: 0, read: 0, readFor: 0, unread: undefined, ends: [] };
    const text = section(resultWith({ slow: { ...slow, profiles: [none] } }), "slow consumers");
    expect(text[0]).toBe("slow: no connection opened");
  });

  test("from whom the server kept messages", () => {
    const usual = resultWith();
    const counts = { sentByUs: 0, receivedByServer: 0, sentByServer: 0, receivedByUs: 0 };
    const server = { source: "http://127.0.0.1:1/", ...counts, equal: true, dropped: 1234 };
    const conservation = { ...usual.conservation, server };
    const text = section(resultWith({ slow, conservation }), "slow consumers").join(" ");
    expect(text).toContain("the server kept 1 234 messages from clients that did not read");
  });

  test("stand in Markdown, and are the same when the run was saved", () => {
    const result = resultWith({ slow, profiles });
    const read = parseRunResult(JSON.stringify(result), "run.json");
    expect(read.slow).toEqual(slow);
    expect(textReport(read, plainInk)).toBe(textReport(result, plainInk));
    expect(markdownReport(read)).toBe(markdownReport(result));
    expect(markdownReport(read)).toContain("### Slow consumers\n\n- slow: 4 connections read");
  });
});

describe("heartbeats", () => {
  const usual = resultWith();
  const beating: Partial<RunResult> = {
    totals: {
      ...usual.totals,
      ws_pings_sent: 200,
      ws_pings_received: 90,
      ws_pongs_sent: 75,
      "ws_close{by:client,cause:no-pong,code:1006}": 8,
    },
    trends: {
      ...usual.trends,
      ws_ping: summaryOf(...Array.from({ length: 192 }, () => 1)),
      ws_dead_detected: summaryOf(...Array.from({ length: 6 }, () => 1500)),
      ws_pong_patience: summaryOf(2000, 2000),
    },
  };

  test("are told of: whose pings were answered, who fell silent, what the server put up with", () => {
    expect(section(resultWith(beating), "heartbeats").filter((line) => line !== "")).toEqual([
      expect.stringMatching(/^our pings: 200 sent, 192 answered, in p50 1\.00 ms/),
      expect.stringMatching(/^6 connections fell silent, found dead p50 1\.50 s/),
      expect.stringMatching(/^2 connections cut for want of a pong, though other data came/),
      "the server's pings: 90 received, 15 of them left unanswered",
      expect.stringMatching(/^the server ended 2 connections that did not answer, p50 2\.00 s/),
    ]);
  });

  test("of a server that lets it pass: it ended nobody for that", () => {
    const totals = { ws_pings_received: 3 };
    const lines = section(resultWith({ totals, trends: {} }), "heartbeats");
    expect(lines.slice(0, 2)).toEqual([
      "the server's pings: 3 received, 3 of them left unanswered",
      "the server ended no connection for that",
    ]);
  });

  test("all answered are one line; where nobody pings there is none", () => {
    const totals = { ws_pings_received: 3, ws_pongs_sent: 3 };
    expect(section(resultWith({ totals, trends: {} }), "heartbeats")[0]).toBe(
      "the server's pings: 3 received, all answered",
    );
    expect(section(resultWith(), "heartbeats")).toEqual([]);
  });
});

describe("the generator's own memory", () => {
  const mebibyte = 1024 * 1024;
  const course = (rss: (second: number) => number) =>
    Array.from({ length: 121 }, (_, second) => ({
      second,
      span: 1000,
      counters: {},
      gauges: { wsctl_rss: rss(second) * mebibyte, wsctl_cpu: 0.1 },
      trends: {},
    }));

  test.each([
    ["that stays as it is", () => 80, 0],
    ["that grows by a MiB each second", (second: number) => second, 60],
    ["that has grown to its size in the beginning", (second: number) => Math.min(40, second), 0],
    ["that shrinks", (second: number) => 500 - second, -60],
    ["that is collected now and then", (second: number) => 80 + (second % 7), 0],
    ["that jumps when the run closes", (second: number) => (second === 120 ? 900 : 80), 0],
  ])("%s", (_which, rss, expected) => {
    const slope = memoryDrift({ series: course(rss) })! / mebibyte;
    expect(Math.abs(slope - expected)).toBeLessThan(0.5);
  });

  test("is not judged by a few readings", () => {
    expect(memoryDrift({ series: course(() => 80).slice(0, 50) })).toBeUndefined();
    expect(memoryDrift({ series: [] })).toBeUndefined();
  });
});
