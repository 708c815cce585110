/** Shows how events, the policy of reconnecting and the nodes' header are written, and what is refused. */
import { afterAll, describe, expect, test } from "vitest";
import type { FlowPlan } from "../../src/scenario/flow-plan.js";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder({});
afterAll(() => {
  folder.remove();
});

const head = "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 20, duration: 10s }\n";
const flow = "flow: [{ listen: 10s }]\n";

async function flowOf(text: string): Promise<FlowPlan> {
  const { traffic } = await folder.plan(text);
  if (traffic.model !== "flow") throw new Error(`a plan of ${traffic.model}`);
  return traffic.flow;
}

describe("an event", () => {
  test.each([
    ["{ at: 2s, drop: 30% }", { at: 2000, drop: 0.3, how: "reset" }],
    ["{ at: 2s, drop: 1, how: fin, over: 3s }", { at: 2000, drop: 1, how: "fin", over: 3000 }],
    ["{ at: 1s, every: 2s, drop: 1% }", { at: 1000, drop: 0.01, how: "reset", every: 2000 }],
    [
      "{ at: 1s, every: 2s, times: 3, drop: 1% }",
      { at: 1000, drop: 0.01, how: "reset", every: 2000, times: 3 },
    ],
    [
      "{ at: 1s, every: 2s, until: 5s, drop: 1%, over: 2s }",
      { at: 1000, drop: 0.01, how: "reset", every: 2000, times: 3, over: 2000 },
    ],
    [
      "{ at: 1s, every: 2s, until: 1s, drop: 1% }",
      { at: 1000, drop: 0.01, how: "reset", every: 2000, times: 1 },
    ],
  ])("%s", async (written, event) => {
    const { events } = await flowOf(`${head}${flow}events: [${written}]\n`);
    expect(events).toEqual([event]);
  });

  test.each([
    ["{ at: 1s, times: 3, drop: 1% }", /times goes with every/],
    ["{ at: 1s, until: 3s, drop: 1% }", /until goes with every/],
    ["{ at: 1s, every: 1s, until: 3s, times: 2, drop: 1% }", /exclude each other/],
    ["{ at: 5s, every: 1s, until: 3s, drop: 1% }", /before the first time, which is at 5\.00 s/],
    ["{ at: 1s, every: 1s, over: 2s, drop: 1% }", /not over before the next begins/],
    ["{ at: 1s, every: 10ms, drop: 1% }", /not in range/],
    ["{ at: 1s, every: 1s, times: 0, drop: 1% }", /not in range/],
    ["{ at: 11s, drop: 1% }", /after the end/],
    ["{ at: 1s, drop: 0% }", /cuts nobody/],
    ["{ at: 1s, evry: 1s, times: 2, drop: 1% }", /no key "evry"/],
  ])("%s is refused", async (written, why) => {
    const mistakes = await folder.mistakes(`${head}${flow}events: [${written}]\n`);
    expect(mistakes.map(({ message }) => message)).toEqual([expect.stringMatching(why)]);
    expect(mistakes[0]!.hint).not.toBe("");
  });
});

describe("reconnecting", () => {
  test("a longest wait that is too short is told with everything else", async () => {
    const policy = "{ policy: exponential, base: 30s, max: 2s, attempts: 0, jitter: half }";
    const mistakes = await folder.mistakes(`${head}  reconnect: ${policy}\n${flow}`);
    expect(mistakes.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/shorter than the first one, base: 30s/),
        expect.stringMatching(/not in range|at least|0/),
        expect.stringMatching(/half/),
      ]),
    );
    expect(mistakes).toHaveLength(3);
  });

  test.each([
    ["per: connection", [expect.stringMatching(/with per: connection the numbers begin anew/)]],
    ["per: sender, sender: $.from", []],
  ])("a threshold on what a gap swallowed, %s", async (per, told) => {
    const sequence = `  sequence: { number: $.seq, ${per} }\n`;
    const gate = '  thresholds: { "ws_msg_missing{where:reconnect}": "count==0" }\n';
    const mistakes = await folder.mistakes(
      `${head}  reconnect: { policy: fixed }\n${sequence}${gate}${flow}`,
    );
    expect(mistakes.map(({ message }) => message)).toEqual(told);
  });

  test("may leave hints unheard", async () => {
    const written = `${head}  reconnect: { policy: fixed, hints: ignore }\n${flow}`;
    expect((await flowOf(written)).reconnect).toEqual({ kind: "fixed", hints: "ignore" });
    const [mistake] = await folder.mistakes(written.replace("ignore", "obey"));
    expect(mistake!.message).toMatch(/hints must be/);
  });

  test("between nodes that name themselves in some header", async () => {
    const written = `${head}  reconnect: { policy: fixed }\n  node: X-Served-By\n${flow}`;
    expect((await flowOf(written)).node).toBe("X-Served-By");
    const [mistake] = await folder.mistakes(written.replace("X-Served-By", "X Served"));
    expect(mistake!.message).toMatch(/cannot be the name of a header/);
  });

  test.each(["ws_recovery_95: [value<5s]", "ws_reconnect_peak: [value<100]"])(
    "is what a threshold on %s needs",
    async (threshold) => {
      const written = `${head}  thresholds: { ${threshold} }\n${flow}`;
      const [mistake] = await folder.mistakes(written);
      expect(mistake!.message).toMatch(/a lost one stays lost/);
      expect(
        await folder.mistakes(written.replace("  thr", "  reconnect: { policy: fixed }\n  thr")),
      ).toEqual([]);
    },
  );
});
