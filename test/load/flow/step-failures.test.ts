/** Shows that a step that lacks something is counted, by scenario and step, as expectations are. */
import { afterEach, expect, test, vi } from "vitest";
import { Incoming } from "../../../src/load/flow/incoming.js";
import { User } from "../../../src/load/flow/user.js";
import { Accumulator } from "../../../src/metrics/accumulator.js";
import { measure } from "../../../src/metrics/measure.js";
import { parseMetricSelector } from "../../../src/metrics/metric-selector.js";
import { parseThreshold } from "../../../src/metrics/threshold.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { byId, expecting, json, play, scenario, send, text, uncorrelated } from "./stage.js";

const token = { json: "$.token", as: "token" };
const capture = (name: string): PlanStep => ({ name, kind: "capture", captures: [token] });

afterEach(() => {
  vi.restoreAllMocks();
});

test("a message is quoted for the first failure of a step alone", async () => {
  await using server = await startWsEcho();
  const quote = vi.spyOn(User.prototype, "quote");
  const { totals, finished } = await play({
    url: server.url,
    correlate: byId,
    users: 20,
    flow: [send(json({ id: 1 }), expecting({ json: "$.id" }, { captures: [token] }), "join")],
  });
  const failed = totals["ws_step_failed{scenario:main,step:join}"]!;
  expect(failed).toBeGreaterThan(5);
  expect(quote).toHaveBeenCalledTimes(1);
  expect(finished.errors[0]).toMatchObject({
    count: failed,
    example: 'nothing to capture as token; the message: {"id":1}',
  });
});

test("an expectation that is not met says that it kept its captures from being made", async () => {
  await using server = await startWsEcho();
  const events: string[] = [];
  const unmet = { json: "$.id", equals: "never" } as const;
  const { totals, finished } = await play(
    {
      url: server.url,
      correlate: byId,
      flow: [
        send(json({ id: 1 }), expecting(unmet, { captures: [token] }), "one"),
        send(json({ id: 2 }), expecting(unmet), "none"),
        {
          name: "several",
          kind: "wait",
          expect: expecting(unmet, { within: 20, captures: [token, { ...token, as: "other" }] }),
          optional: false,
        },
      ],
    },
    {
      trace: ({ what, step, detail }) =>
        void (what === "failed" && events.push(`${step} ${detail}`)),
    },
  );
  expect(finished.flow!.expectations.map(({ example }) => example)).toEqual([
    '$.id is 1, not "never"; the message: {"id":1}; so token was not captured',
    '$.id is 2, not "never"; the message: {"id":2}',
    "no message matched within 20 ms; so token, other were not captured",
  ]);
  expect(events).toEqual([
    'one $.id is 1, not "never"; so token was not captured',
    'none $.id is 2, not "never"',
    "several no message matched within 20 ms; so token, other were not captured",
  ]);
  // The expectation alone has failed: no capture was tried.
  expect(Object.keys(totals).filter((key) => key.startsWith("ws_step_failed"))).toEqual([]);
});

test("of a large message that was not waited for the beginning is kept", async () => {
  await using server = await startWsEcho();
  const copy = vi.spyOn(Incoming.prototype, "copy");
  const { finished } = await play({
    url: server.url,
    correlate: uncorrelated,
    duration: 400,
    flow: [
      send(text("x".repeat(100_000))),
      {
        name: "wait",
        kind: "wait",
        expect: expecting({ contains: "y" }, { within: 150 }),
        optional: false,
      },
    ],
  });
  const kept = copy.mock.results.map(({ value }) => (value as { bytes: Buffer }).bytes.length);
  expect(kept.length).toBeGreaterThan(0);
  expect(Math.max(...kept)).toBe(16 * 1024);
  expect(finished.flow?.expectations[0]?.example).toMatch(
    /^no message matched .* came?: 100000 bytes are too many to say why not; the message: x+…$|100000 bytes are too many/,
  );
});

test("captures that find nothing, values that are not there yet, nothing to capture from", async () => {
  await using server = await startWsEcho();
  const { totals, finished, snapshots } = await play({
    url: server.url,
    users: 3,
    correlate: byId,
    scenarios: [
      scenario([
        capture("too early"),
        send(
          json({ id: "{{ $seq }}" }),
          expecting({ json: "$.id" }, { captures: [token] }),
          "join, please",
        ),
        capture("again"),
        { name: "greeting", kind: "set", variables: { greeting: "hello {{ token }}" } },
      ]),
      scenario([send(text("{{ token }}"), undefined, "say"), capture("never reached")], {
        name: "other",
        weight: 2,
      }),
    ],
  });
  expect(totals).toMatchObject({
    "ws_step_failed{scenario:main,step:too early}": 1,
    "ws_step_failed{scenario:main,step:join_ please}": 1,
    "ws_step_failed{scenario:main,step:again}": 1,
    "ws_step_failed{scenario:main,step:greeting}": 1,
    "ws_step_failed{scenario:other,step:say}": 2,
    // That the value was not there says nothing about what was expected.
    "checks{result:pass}": 1,
  });
  expect(Object.keys(totals).filter((key) => key.startsWith("ws_step_failed"))).toHaveLength(5);
  expect(finished.errors).toEqual(
    expect.arrayContaining([
      {
        what: "step failed: main too early",
        count: 1,
        example: "nothing to capture from: no message has come",
      },
      {
        what: "step failed: main join, please",
        count: 1,
        example: 'nothing to capture as token; the message: {"id":1}',
      },
      { what: "step failed: other say", count: 2, example: "token has no value yet" },
    ]),
  );
  const merged = new Accumulator();
  for (const snapshot of snapshots) merged.add(snapshot);
  const run = merged.measured(1000, { scenarios: ["main", "other"], stages: ["hold"] });
  const count = (metric: string) =>
    measure(parseMetricSelector(metric), parseThreshold("count==0").aggregate, run);
  expect(count("ws_step_failed")).toBe(6);
  expect(count("ws_step_failed{scenario:other}")).toBe(2);
  expect(count("ws_step_failed{scenario:main,step:again}")).toBe(1);
  expect(count("ws_step_failed{step:never reached}")).toBe(0);
});

test("a reply that comes when its user is elsewhere fails the step that asked", async () => {
  await using server = await startWsEcho();
  const { totals } = await play({
    url: server.url,
    duration: 400,
    correlate: byId,
    flow: [
      {
        name: "ask",
        kind: "every",
        rate: 50,
        for: 100,
        messages: [json({ id: "{{ $seq }}" })],
        expect: expecting({ json: "$.id" }, { captures: [token] }),
      },
      { name: "think", kind: "think", for: [100, 100] },
    ],
  });
  expect(totals["ws_step_failed{scenario:main,step:ask}"]).toBe(5);
});

test("nothing fails where nothing is missing", async () => {
  await using server = await startWsEcho();
  const { totals } = await play({
    url: server.url,
    correlate: uncorrelated,
    flow: [
      send(json({ token: "t" }), expecting({ json: "$.token" }, { captures: [token] })),
      send(text("{{ token }}"), expecting({ text: "t" })),
    ],
  });
  expect(Object.keys(totals).filter((key) => key.startsWith("ws_step_failed"))).toEqual([]);
});

test("an example of what was not met quotes the message, without what the user keeps secret", async () => {
  await using server = await startWsEcho();
  const { finished } = await play({
    url: server.url,
    users: 1,
    correlate: byId,
    scenarios: [
      scenario([
        { name: "keep", kind: "set", variables: { token: "t0p-s3cret" } },
        send(
          json({ id: "{{ $seq }}", op: "busy", heard: "{{ token }}" }),
          expecting({ json: "$.op", equals: "ok" }),
          "ask",
        ),
      ]),
    ],
  });
  expect(finished.flow!.expectations[0]!.example).toBe(
    '$.op is "busy", not "ok"; the message: {"id":1,"op":"busy","heard":"[redacted]"}',
  );
});
