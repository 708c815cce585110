/** Shows what those are told who write as Artillery and k6 do: how it is called here. */
import { afterAll, describe, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const load = "  load: { connections: 1, duration: 1s }\n";
const head = `config:\n  target: ws://127.0.0.1:1/\n${load}`;
const flow = "flow: [{ send: hello }, { think: 1s }]\n";
const staged = (stage: string): string => head.replace(load, `  load: { stages: [${stage}] }\n`);

const cases: readonly (readonly [string, string, RegExp])[] = [
  [
    "phases",
    `config:\n  target: ws://127.0.0.1:1/\n  phases: [{ duration: 60, arrivalCount: 20 }]\n${flow}`,
    /stages.*arrivalRate: 50\/s/,
  ],
  ["arrivalCount", `${staged("{ duration: 1m, arrivalCount: 20 }")}${flow}`, /arrivalRate: 2\/s/],
  ["target", `${staged("{ duration: 1m, target: 20 }")}${flow}`, /connections: 100/],
  [
    "engine",
    `${head}scenarios: [{ name: a, engine: ws, flow: [{ send: x }] }]\n`,
    /every user has a WebSocket/,
  ],
  [
    "executor",
    `${head}scenarios: [{ name: a, executor: constant-vus, flow: [{ send: x }] }]\n`,
    /config\.load; weight/,
  ],
  ["payload", `${head}flow: [{ send: { payload: hello } }]\n`, /text: hello.*json:/],
  ["payload", `${head}  payload: { path: users.csv, fields: [a] }\n${flow}`, /data: \{ users/],
  ["vus", `vus: 10\n${head}${flow}`, /config\.load: \{ connections: 100/],
  ["vus", `config:\n  target: ws://x/\n  vus: 10\n${flow}`, /config\.load: \{ connections/],
  ["vus", head.replace("connections: 1,", "vus: 1, connections: 1,") + flow, /connections here/],
  ["executor", `executor: ramping-vus\n${head}${flow}`, /stages of config\.load/],
  ["iterations", `iterations: 5\n${head}${flow}`, /loop: \{ count: 10/],
  ["thresholds", `${head}${flow}thresholds: { ws_sessions: count>0 }\n`, /config\.thresholds/],
  ["load", `config: { target: "ws://x/" }\nload: { connections: 1 }\n${flow}`, /config\.load/],
  ["flow", `${head}  flow: [{ send: x }]\n`, /beside config/],
  ["emit", `${head}flow: [{ emit: { channel: x } }]\n`, /send here/],
  ["sleep", `${head}flow: [{ send: x }, { sleep: 1 }]\n`, /think: 1s/],
  ["count", `${head}flow: [{ loop: { count: 2, flow: [{ send: x }] }, count: 5 }]\n`, /into loop/],
  ["function", `${head}flow: [{ function: hook }]\n`, /no code/],
  ["value", `${head}flow: [{ wait: { json: $.a, value: 3 } }]\n`, /equals here/],
  ["regexp", `${head}flow: [{ capture: { regexp: a, as: b } }]\n`, /matches here/],
  ["constructor", `constructor: 1\n${head}${flow}`, /there are/],
];

describe("one hint tells all", () => {
  test.each(cases)("%s", async (key, text, hint) => {
    const mistakes = await folder.mistakes(text);
    expect(mistakes.map(({ message }) => message)).toEqual([
      expect.stringContaining(`has no key "${key}"`) as string,
    ]);
    expect(mistakes[0]!.hint).toMatch(hint);
  });
});

test.each(["think: 1", "listen: 5", "every: { rate: 1, for: 10, send: x }"])(
  "%s says which units there are",
  async (step) => {
    const [mistake, ...more] = await folder.mistakes(`${head}flow: [{ ${step} }]\n`);
    expect(mistake!.hint).toMatch(/^write it like \d+s for seconds, \d+ms for milliseconds$/);
    expect(more).toEqual([]);
  },
);

test("a key that is only mistyped is guessed", async () => {
  const [mistake] = await folder.mistakes(`${head}flow: [{ sned: x }]\n`);
  expect(mistake!.hint).toBe("did you mean send?");
});
