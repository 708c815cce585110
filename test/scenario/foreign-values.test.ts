/** Shows what is said of values that cannot be right, and of which it is plain what was meant. */
import { afterAll, describe, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const head = "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 1, duration: 1s }\n";
const step = (text: string): string => `${head}flow:\n  - ${text}\n`;

describe("one hint tells how it is written", () => {
  test.each([
    ["listen alone", step("listen"), /needs a time: - listen: 5m/],
    ["close alone", step("close"), /- close: 1000/],
    ["barrier: all", step("barrier: all"), /barrier: \{ name: all, timeout: 30s \}/],
    ["choose: []", step("choose: []"), /choose: \[\{ weight: 3, flow/],
    ["every without send", step("every: { rate: 1/s, for: 1s }"), /send: hello/],
    ["wait: 1s", step("wait: 1s"), /think: 1s/],
    [
      "scenarios as a map",
      `${head}scenarios:\n  chat: { executor: constant-vus, flow: [{ send: x }] }\n`,
      /a list with names.*config\.load/,
    ],
    ["a list at the top", "- send: hello\n", /below flow:.*config/],
    [
      "rejectUnauthorized",
      `${head}  connection: { tls: { rejectUnauthorized: false } }\nflow: [{ listen: 1s }]\n`,
      /insecure: true/,
    ],
    [
      "url",
      "config:\n  url: ws://x/\n  load: { connections: 1, duration: 1s }\nflow: [{ listen: 1s }]\n",
      /target here/,
    ],
    [
      "rampUp",
      head.replace("1s }", "1s, rampUp: 5s }") + "flow: [{ listen: 1s }]\n",
      /a ramp is a stage/,
    ],
  ])("%s", async (_what, text, hint) => {
    const mistakes = await folder.mistakes(text);
    expect(mistakes.map((mistake) => mistake.hint)).toEqual([expect.stringMatching(hint)]);
  });
});

describe("what was written is quoted", () => {
  test.each([
    ["think: -1s", '"-1s" is not a time: none is below 0'],
    ["think: 1s-", '"1s-" is not a span of time'],
    ["think: 1s-2s-3s", '"1s-2s-3s" is not a span of time'],
    ["every: { rate: 0, for: 1s, send: x }", "rate: 0 is not in range"],
    ["every: { rate: 0/m, for: 1s, send: x }", "rate: 0/m is not in range"],
  ])("%s", async (text, message) => {
    const mistakes = await folder.mistakes(step(text));
    expect(mistakes.map((mistake) => mistake.message)).toEqual([expect.stringContaining(message)]);
  });
});
