/** Shows that a threshold on what cannot occur is refused, and one on what can is not. */
import { afterAll, describe, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const target = "target: ws://127.0.0.1:1/";
const constant = "load: { connections: 10, duration: 10s }";
const staged =
  "load: { stages: [{ duration: 1s, connections: 10, name: ramp }, { duration: 9s, connections: 10 }] }";

function file(threshold: string, flow: string, correlate = "none", load = constant): string {
  const by = correlate === "id" ? "{ by: id, request: $.id }" : `{ by: ${correlate} }`;
  return `config:\n  ${target}\n  ${load}\n  correlate: ${by}\n  thresholds: { ${threshold} }\n${flow}\n`;
}

const plain = "flow: [{ send: hello }]";
const stamped = 'flow: [{ send: "{{ $stamp }}" }]';
const withId = "flow: [{ send: { json: { id: 1 } } }]";
const withIdAndStamp = 'flow: [{ send: { json: { id: 1, s: "{{ $stamp }}" } } }]';
const aside = (weight: number): string =>
  `scenarios: [{ name: a, flow: [{ send: hello }] }, { name: b, weight: ${weight}, flow: [{ send: "{{ $stamp }}" }] }]`;

/** One who broadcasts beside one who listens. */
const hall = (weight = 1): string =>
  `scenarios: [{ name: a, weight: ${weight}, fanout: { audience: all }, flow: [{ send: "{{ $stamp }}" }] }, { name: b, flow: [{ send: "{{ $stamp }}" }] }]`;

describe("refused", () => {
  test.each([
    ["a fan-out of nobody", file('ws_fanout_last: "p(95)<1s"', stamped), /no scenario.*has one/],
    [
      "a fan-out of somebody of no weight",
      file('ws_fanout_coverage: "rate==100%"', hall(0)),
      /no scenario that is played/,
    ],
    [
      "a fan-out of those who hear",
      file('"ws_fanout_coverage{scenario:b}": "rate==100%"', hall()),
      /scenario b has none/,
    ],
    [
      "a fan-out of a stage",
      file('"ws_fanout_coverage{stage:main}": "rate==100%"', hall()),
      /not told apart by stages/,
    ],
    [
      "a fan-out of a profile",
      file('"ws_fanout_last{profile:healthy}": "p(95)<1s"', hall()),
      /not told apart by profiles/,
    ],
    ["losses, nothing stamped", file('ws_msg_lost: "count==0"', plain), /no message holds one/],
    ["losses, stamped by nobody", file('ws_msg_lost: "count==0"', aside(0)), /no message holds/],
    ["gaps under order", file('ws_seq_gap: "count==0"', stamped, "order"), /cannot see/],
    [
      "duplicates under id without stamps",
      file('ws_msg_duplicate: "count==0"', withId, "id"),
      /no message holds one/,
    ],
    [
      "a stage nobody has",
      file('"ws_sessions{stage:rmp}": "count>0"', plain, "none", staged),
      /no stage "rmp".*ramp/s,
    ],
    [
      "a stage without stages",
      file('"ws_sessions{stage:ramp}": "count>0"', plain),
      /no stage "ramp".*-c and -d/s,
    ],
    [
      "a mistyped tag",
      file('"ws_sessions{scenarioo:main}": "count>0"', plain),
      /no tag "scenarioo".*scenario/s,
    ],
    ["a tag of nothing", file('"ws_sessions{foo:bar}": "count>0"', plain), /no tag "foo"/],
    [
      "a scenario nobody plays",
      file('"ws_sessions{scenario:b}": "count>0"', aside(0)),
      /weight is 0/,
    ],
    ["checks of nothing", file('checks: "rate>99%"', plain), /no step expects/],
    ["failures of nothing", file('ws_expect_failed: "count==0"', plain), /no step expects/],
    [
      "requests that expect nothing",
      file('ws_msg_timeout: "count==0"', "flow: [{ send: { text: x, reply: false } }]", "order"),
      /no message expects a reply/,
    ],
    ["drops of a population", file('ws_arrivals_dropped: "count==0"', plain), /does not arrive/],
    [
      "drops with room for all",
      file(
        'ws_arrivals_dropped: "count==0"',
        plain,
        "none",
        "load: { stages: [{ duration: 9s, arrivalRate: 1 }] }",
      ),
      /always a place/,
    ],
    ["pings of nobody", file('ws_ping: "p(99)<1s"', plain), /nobody sends one.*ping: 5s/s],
    [
      "automatic replies without rules",
      file('ws_auto_replies: "count>0"', plain),
      /there are none.*autoReply/s,
    ],
    ...["ws_reconnects", "ws_reconnect_attempts"].map((metric): [string, string, RegExp] => [
      `${metric} without a policy`,
      file(`${metric}: "count==0"`, "flow: [{ send: x }, reconnect]"),
      /a lost one stays lost.*policy: exponential/s,
    ]),
    [
      "an expect of every that nothing is held against",
      file(
        'ws_sessions: "count>0"',
        "flow: [{ every: { rate: 1, for: 1s, send: x, expect: { text: y } } }]",
      ),
      /nothing is correlated/,
    ],
    [
      "an expect of a loop that nothing is held against",
      file(
        'ws_sessions: "count>0"',
        "flow: [{ loop: { over: 1s, send: x, expect: { text: y } } }]",
      ),
      /nothing is correlated/,
    ],
  ])("%s", async (_what, text, words) => {
    const mistakes = await folder.mistakes(text);
    expect(mistakes.map(({ message, hint }) => `${message}\n${hint ?? ""}`)).toEqual([
      expect.stringMatching(words),
    ]);
  });
});

describe("accepted", () => {
  test.each([
    ["losses under none", file('ws_msg_lost: "count==0"', stamped)],
    ["losses under id", file('ws_msg_lost: "count==0"', withIdAndStamp, "id")],
    ["losses of one scenario", file('ws_msg_lost: "count==0"', aside(1))],
    ["a stage by its name", file('"ws_sessions{stage:ramp}": "count>0"', plain, "none", staged)],
    [
      "a stage by its number",
      file('"ws_sessions{stage:stage 2}": "count>0"', plain, "none", staged),
    ],
    ["the only stage", file('"ws_sessions{stage:main}": "count>0"', plain)],
    ["checks of a wait", file('checks: "rate>99%"', "flow: [{ wait: { text: a } }]")],
    ["checks of a ping", file('checks: "rate>99%"', "flow: [{ ping: 1s }]")],
    ["pings of a step", file('ws_ping: "p(99)<1s"', "flow: [{ ping: 1s }]")],
    [
      "what a heartbeat and reconnects bring about",
      file(
        'ws_ping: "p(99)<1s", ws_auto_replies: "count>0", ws_reconnects: "count>0"',
        plain,
        "none",
        `${constant}\n  reconnect: { policy: fixed }\n  heartbeat: { ping: 1s, autoReply: [{ match: { text: a }, send: b }] }`,
      ),
    ],
    ["requests", file('ws_msg_timeout: "count==0"', plain, "order")],
    [
      "drops",
      file(
        'ws_arrivals_dropped: "count==0"',
        plain,
        "none",
        "load: { maxConnections: 5, stages: [{ duration: 9s, arrivalRate: 1 }] }",
      ),
    ],
    [
      "an abort before the end",
      file('ws_sessions: { threshold: "count>0", abortOnFail: true, after: 9s }', plain),
    ],
  ])("%s", async (_what, text) => {
    expect(await folder.mistakes(text)).toEqual([]);
  });
});

describe("names and shares", () => {
  test.each([
    [
      "written",
      "{ duration: 1s, connections: 5, name: x }, { duration: 1s, connections: 5, name: x }",
    ],
    [
      "by default",
      '{ duration: 1s, connections: 5, name: "stage 2" }, { duration: 1s, connections: 5 }',
    ],
    [
      "in tags",
      '{ duration: 1s, connections: 5, name: "a,b" }, { duration: 1s, connections: 5, name: "a{b" }',
    ],
  ])("two stages of one name are refused: %s", async (_what, stages) => {
    const [mistake, ...more] = await folder.mistakes(
      `config:\n  ${target}\n  load: { stages: [${stages}] }\n${plain}\n`,
    );
    expect(mistake!.message).toMatch(/stage .* is there twice/);
    expect(more).toEqual([]);
  });

  test("a scenario that nobody plays is told", async () => {
    const text = (weight: number): string =>
      `config:\n  ${target}\n  ${constant}\nscenarios:\n  - { name: a, weight: 99, flow: [{ send: x }] }\n  - { name: b, weight: ${weight}, flow: [{ send: x }] }\n`;
    const [mistake] = await folder.mistakes(text(1));
    // Ten users of a hundred: which of them is one of b follows from the pattern.
    expect(mistake).toMatchObject({ place: "load.yaml:6:5" });
    expect(mistake!.message).toMatch(/b gets none of the 10 users/);
    expect(await folder.mistakes(text(11))).toEqual([]);
  });
});

describe("of steps and reasons", () => {
  const steps = `scenarios:
  - { name: a, flow: [{ name: join, send: x, expect: {} }, { loop: { count: 2, flow: [{ wait: {} }] } }] }
  - { name: b, flow: [{ choose: [{ flow: [{ name: "say, then go", wait: {} }] }] }] }`;
  const told = (metric: string) => folder.mistakes(file(`'${metric}': "count==0"`, steps));

  test.each([
    "ws_expect_failed{step:join}",
    "ws_expect_failed{scenario:a,step:join}",
    "ws_expect_failed{step:a.flow[1].loop.flow[0]}",
    'ws_expect_failed{step:"say, then go"}',
    "ws_expect_failed{step:b.flow[0]}",
    "ws_step_failed{step:join}",
    "ws_connect_failed{reason:refused}",
  ])("%s may occur", async (metric) => {
    expect(await told(metric)).toEqual([]);
  });

  test.each([
    ["ws_expect_failed{step:jion}", /no step "jion".*did you mean join\?/s],
    ["ws_expect_failed{step:foo}", /no step "foo".*join, a\.flow\[1\]/s],
    ["ws_expect_failed{scenario:b,step:join}", /no step "join".*b\.flow/s],
    ["ws_step_failed{step:foo}", /no step "foo"/],
    ["ws_expect_failed{scenario:chat}", /no scenario "chat".*a, b/s],
    ["ws_connect_failed{reason:typo}", /never has the reason "typo".*dns/s],
  ])("%s cannot", async (metric, words) => {
    const mistakes = await told(metric);
    expect(mistakes.map(({ place }) => place)).toEqual(["load.yaml:5:17"]);
    expect(`${mistakes[0]!.message}\n${mistakes[0]!.hint}`).toMatch(words);
  });
});

describe("a threshold of a flag", () => {
  test("is said to be one, beside a file and without", async () => {
    const sound = file('ws_sessions: "count>0"', plain);
    const [unknown] = await folder.mistakes(sound, { thresholds: ["ws_sesions: count>0"] });
    expect(unknown).toMatchObject({ place: "--threshold", line: "" });
    const [second] = await folder.mistakes(sound, { thresholds: ["ws_sessions: p(99)<1"] });
    expect(second).toMatchObject({ place: "--threshold" });
    const [stage] = await folder.mistakes(sound, {
      thresholds: ["ws_sessions{stage:no}: count>1"],
    });
    expect(stage!.message).toMatch(/no stage/);
  });
});
