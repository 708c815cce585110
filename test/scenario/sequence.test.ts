/** Shows how a scenario, or flags, say where a service's own numbers are, and what they are refused for. */
import { afterAll, describe, expect, test } from "vitest";
import { judgedAs } from "../../src/scenario/plan.js";
import { planOf } from "./flags.js";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const file = (sequence: string, more = ""): string => `config:
  target: ws://127.0.0.1:1/
  load: { connections: 2, duration: 1s }
  sequence: ${sequence}
${more}
flow: [{ listen: 1s }]
`;

/** What is wrong with it, and what to do. */
async function told(text: string): Promise<string> {
  const mistakes = await folder.mistakes(text);
  return mistakes.map(({ message, hint }) => `${message}; ${hint}`).join("\n");
}

describe("in a file", () => {
  test("every default is written out in the plan", async () => {
    const { traffic } = await folder.plan(file("{ sender: $.from, number: $.seq }"));
    expect(traffic).toMatchObject({
      model: "flow",
      flow: {
        sequence: { sender: "$.from", number: "$.seq", of: undefined, per: "sender" },
      },
    });
  });

  test("all of its keys", async () => {
    const sequence =
      "{ number: $.n, of: $.room, match: { json: $.op, equals: said }, start: 1, per: connection }";
    const { traffic } = await folder.plan(file(sequence));
    expect(traffic).toMatchObject({
      flow: {
        sequence: {
          sender: undefined,
          number: "$.n",
          of: "$.room",
          match: { json: "$.op", equals: "said" },
          start: 1,
          per: "connection",
        },
      },
    });
  });

  test.each([
    ["no number", "{ sender: $.from }", /sequence needs number: a JSONPath such as \$\.id/],
    ["no path", "{ number: seq }", /not a JSONPath/],
    ["a mistyped key", "{ nmber: $.seq, number: $.seq }", /did you mean number\?/],
    ["no first number", "{ number: $.seq, start: -1 }", /start/],
    ["another scope", "{ number: $.seq, per: room }", /one of sender, connection/],
    ["a match that is none", "{ number: $.seq, match: { equals: 1 } }", /needs a JSONPath/],
  ])("%s is a mistake", async (_what, sequence, words) => {
    expect(await told(file(sequence))).toMatch(words);
  });

  test.each(["ws_msg_lost", "ws_msg_duplicate", "ws_msg_reordered", "ws_seq_gap"])(
    "%s can be a threshold without a stamp",
    async (metric) => {
      const gate = `  thresholds: { ${metric}: "count==0", "ws_msg_missing{where:connected}": "count==0" }`;
      const plan = await folder.plan(file("{ number: $.seq }", gate));
      expect(plan.thresholds).toHaveLength(2);
    },
  );

  test.each(["ws_msg_corrupt", "ws_msg_stamped"])("%s cannot", async (metric) => {
    const gate = `  thresholds: { ${metric}: "count==0" }`;
    expect(await told(file("{ number: $.seq }", gate))).toMatch(/seen by stamps only/);
  });

  test("a place that there is not is a mistake", async () => {
    const gate = `  thresholds: { "ws_msg_missing{where:home}": "count==0" }`;
    expect(await told(file("{ number: $.seq }", gate))).toMatch(/connected, reconnect/);
  });
});

describe("as flags", () => {
  test("need virtual users", () => {
    const plan = planOf({ rate: "0", sequenceNumber: "$.seq", sequenceSender: "$.from" });
    expect(judgedAs(plan.traffic)).toBe("idle");
    expect(plan.traffic).toMatchObject({
      model: "flow",
      flow: { sequence: { number: "$.seq", sender: "$.from" } },
    });
  });

  test("a sender without numbers is a mistake", () => {
    expect(() => planOf({ sequenceSender: "$.from" })).toThrow(/needs --sequence-number/);
  });
});
