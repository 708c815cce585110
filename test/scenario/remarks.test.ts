/** Shows what is remarked on: flows and loops that never wait, thresholds that cannot end the run. */
import { afterAll, describe, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const head =
  "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 2, duration: 1s }\n  correlate: { by: order }\n";
const remarksOn = async (text: string): Promise<string[]> => {
  const { remarks } = await folder.read(`${head}${text}`);
  return remarks.map(({ place, message, hint }) => `${place} ${message} ${hint}`);
};

describe("a flood is remarked on", () => {
  test.each([
    ["flow: [{ send: a }]", "5:1"],
    ["flow: [{ set: { a: 1 } }, { log: x }, { send: a }, { send: b }]", "5:1"],
    ["flow: [{ loop: { count: 5, flow: [{ send: a }] } }]", "5:1"],
    ["flow: [{ choose: [{ flow: [{ send: a }] }, { flow: [{ log: b }] }] }]", "5:1"],
    ["flow: [{ think: 1s }, { loop: { over: 1s, flow: [{ send: a }] } }]", "5:25"],
    [
      "scenarios: [{ name: a, repeat: once, flow: [{ loop: { over: 1s, flow: [{ send: a }] } }] }]",
      "5:47",
    ],
    ["scenarios: [{ name: a, repeat: reconnect, flow: [{ send: a }] }]", "5:43"],
  ])("%s", async (text, place) => {
    expect(await remarksOn(`${text}\n`)).toEqual([
      expect.stringMatching(new RegExp(`^load\\.yaml:${place} .*nothing in it waits.*think: 1s`)),
    ]);
  });
});

describe("what most likely happens to nobody, or never,", () => {
  const told = async (rest: string, thresholds = "") => {
    const text = `config:
  target: ws://127.0.0.1:1/
  load: { connections: 20, duration: 10s }
  reconnect: { policy: fixed }
${thresholds}flow: [{ listen: 1s }]
${rest}`;
    const { remarks } = await folder.read(text);
    return remarks.map(({ message }) => message);
  };

  test.each<[string, string, RegExp[]]>([
    ["a share of an event", "events: [{ at: 1s, drop: 4% }]", [/of 20 users .*less than one/]],
    ["one that is enough", "events: [{ at: 1s, drop: 5% }]", []],
    [
      "a share of a profile",
      "profiles: [{ name: a, share: 1%, pong: never }]",
      [/of 20 users .*less than one/],
    ],
    [
      "rounds after the end",
      "events: [{ at: 3s, every: 2s, times: 50, drop: 10% }]",
      [/lasts 10.0 s: 4 of these 50 rounds come/],
    ],
    ["rounds that come", "events: [{ at: 3s, every: 2s, times: 4, drop: 10% }]", []],
    ["rounds without an end", "events: [{ at: 3s, every: 2s, drop: 10% }]", []],
    [
      "rounds until after it",
      "events: [{ at: 3s, every: 2s, until: 20s, drop: 10% }]",
      [/4 of these 9 rounds come/],
    ],
  ])("%s", async (_, rest, words) => {
    expect(await told(`${rest}\n`)).toEqual(words.map((word) => expect.stringMatching(word)));
  });

  test.each(["ws_availability", "ws_reconnect_peak", "ws_recovery_95"])(
    "abortOnFail of %s",
    async (metric) => {
      const gate = `  thresholds: { ${metric}: { threshold: "value<1", abortOnFail: true } }\n`;
      expect(await told("", gate)).toEqual([expect.stringMatching(/never ends it/)]);
      expect(await told("", gate.replace("true", "false"))).toEqual([]);
    },
  );
});

describe("a threshold that is to end the run, though not before it is over,", () => {
  const thresholds = (load: string, after: string) =>
    `config:
  target: ws://127.0.0.1:1/
  load: ${load}
  correlate: { by: order }
  thresholds:
    ws_msg_rtt: ["p(99)<1s", { threshold: "p(95)<1s", abortOnFail: true, after: ${after} }]
    ws_connecting: { threshold: "p(95)<1s", abortOnFail: true, after: 1ms }
flow: [{ send: a }, { think: 1s }]
`;
  const remarks = async (load: string, after: string) =>
    (await folder.read(thresholds(load, after))).remarks;

  test.each([
    ["{ connections: 1, duration: 30s }", "30s", "30.0 s"],
    ["{ connections: 1, duration: 30s }", "1h", "30.0 s"],
    [
      "{ stages: [{ connections: 1, duration: 30s }, { connections: 0, duration: 1m }] }",
      "90s",
      "1m 30s",
    ],
    ["{ stages: [{ arrivalRate: 1/s, duration: 2s }] }", "3s", "2.00 s"],
  ])("is remarked on: %s, after %s", async (load, after, duration) => {
    const found = await remarks(load, after);
    expect(found).toHaveLength(1);
    expect(found[0]!.place).toMatch(/^load\.yaml:6:/);
    expect(found[0]!.message).toContain(`the run is over after ${duration}`);
    expect(found[0]!.line).toContain(`after: ${after}`);
  });

  test.each([
    ["{ connections: 1, duration: 30s }", "29s"],
    ["{ stages: [{ connections: 1, duration: 30s }, { connections: 0, duration: 1m }] }", "89s"],
  ])("is not, where it can: %s, after %s", async (load, after) => {
    expect(await remarks(load, after)).toEqual([]);
  });
});

describe("nothing is said of", () => {
  test.each([
    "flow: [{ send: a, expect: {} }]",
    "flow: [{ send: a }, { think: 1s }]",
    "flow: [{ send: a }, { wait: {} }]",
    "flow: [{ send: a }, { choose: [{ flow: [{ think: 1s }] }, { flow: [{ log: b }] }] }]",
    "flow: [{ every: { rate: 1/s, for: 1s, send: a } }]",
    "flow: [{ loop: { over: 1s, send: a } }]",
    "flow: [{ log: x }]",
    "scenarios: [{ name: a, repeat: once, flow: [{ send: a }] }]",
    "scenarios: [{ name: a, flow: [{ listen: 1s }] }, { name: b, weight: 0, flow: [{ send: a }] }]",
  ])("%s", async (text) => {
    expect(await remarksOn(`${text}\n`)).toEqual([]);
  });
});
