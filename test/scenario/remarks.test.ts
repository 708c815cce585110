/** Shows what is remarked on: flows and loops that send without ever waiting. */
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
