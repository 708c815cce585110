/** Shows what plan a file makes, what the command line changes of it, and when users are needed. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { scenarioAsYaml } from "../../src/scenario/as-yaml.js";
import { compile } from "../../src/scenario/compile.js";
import type { FlowPlan } from "../../src/scenario/flow-plan.js";
import { scenarioFromFlags } from "../../src/scenario/from-flags.js";
import type { Plan } from "../../src/scenario/plan.js";
import { redactPlan } from "../../src/scenario/redact.js";
import { scenarioShares } from "../../src/scenario/share-out.js";
import { planOf, texts, usualFlags } from "./flags.js";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder({ "users.csv": "name,token\nann,t1\nbob,t2\n", "ca.pem": "CA" });
afterAll(() => {
  folder.remove();
});

const head = "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 20, duration: 10s }\n";

function flowOf(plan: Plan): FlowPlan {
  if (plan.traffic.model !== "flow") throw new Error(`a plan of ${plan.traffic.model}`);
  return plan.traffic.flow;
}

describe("the simple scenario needs no virtual users", () => {
  test.each<[string, unknown]>([
    [
      "correlate: { by: order }\nflow: [{ loop: { over: 10s, inFlight: 3, send: hi } }]",
      { model: "closed", inFlight: 3 },
    ],
    [
      "correlate: { by: none }\nflow: [{ every: { rate: 2/s, for: 1m, send: hi } }]",
      { model: "rate", rate: 40 },
    ],
    [
      "variables: { a: x }\nflow: [{ every: { totalRate: 5/s, for: 10s, send: '{{ a }}' } }]",
      { model: "rate", rate: 5 },
    ],
    ["reconnect: { policy: none }\nflow: [{ send: join }, { listen: 10s }]", { model: "idle" }],
  ])("%s", async (text, traffic) => {
    const plan = await folder.plan(`${head}  ${text}\n`);
    expect(plan.traffic).toMatchObject(traffic as object);
    expect(plan.duration).toBe(10_000);
  });

  test.each([
    "correlate: { by: order }\nflow: [{ loop: { over: 5s, send: hi } }]",
    "correlate: { by: order }\nflow: [{ loop: { over: 10s, send: '{{ $seq }}' } }]",
    "correlate: { by: order }\nflow: [{ send: hi }, { loop: { over: 10s, send: hi } }]",
    "reconnect: { policy: fixed }\nflow: [{ listen: 10s }]",
    "connection: { headers: { x: '{{ $index }}' } }\nflow: [{ listen: 10s }]",
    "heartbeat: { ping: 1s }\nflow: [{ listen: 10s }]",
    "variables: {}\nflow: [{ listen: 10s }, { listen: 10s }]",
    "variables: {}\nflow: [{ name: rest, listen: 10s }]",
    "variables: {}\nflow: [{ every: { rate: 1/s, for: 10s, send: { text: a, fragments: 2 } } }]",
    "variables: {}\nprofiles: [{ name: a, share: 1% }]\nflow: [{ listen: 10s }]",
    "thresholds: { ws_availability: value>99% }\nflow: [{ listen: 10s }]",
    "thresholds: { ws_losses: count==0 }\nflow: [{ listen: 10s }]",
  ])("but this one does: %s", async (text) => {
    expect((await folder.plan(`${head}  ${text}\n`)).traffic.model).toBe("flow");
  });
});

describe("a plan of virtual users", () => {
  test("has every number resolved, and every step named", async () => {
    const plan = await folder.plan(`${head}  correlate: { by: id, request: $.id, timeout: 3s }
flow:
  - send: { json: { id: 1 } }
    capture: { json: $.t, as: t }
  - name: talk
    loop: { count: 2, flow: [{ think: 1s-2s }, { ping: 5s }, reconnect, { close: { code: 4000, reason: bye } }] }
`);
    expect(plan.traffic).toMatchObject({ judgedAs: "closed" });
    expect(flowOf(plan).scenarios).toMatchObject([
      {
        name: "main",
        flow: [
          {
            name: "main.flow[0]",
            kind: "send",
            message: { reply: true },
            expect: { match: {}, within: 3000, captures: [{ json: "$.t", as: "t" }] },
          },
          {
            name: "talk",
            kind: "loop",
            count: 2,
            flow: [
              { name: "main.flow[1].loop.flow[0]", kind: "think", for: [1000, 2000] },
              { kind: "ping", within: 5000, payload: "" },
              { kind: "reconnect" },
              { kind: "close", code: 4000, reason: "bye" },
            ],
          },
        ],
      },
    ]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(
      JSON.parse(JSON.stringify(structuredClone(plan))),
    );
  });

  test("a total rate is divided among the users of its scenario at the peak", async () => {
    const plan = await folder.plan(`${head}scenarios:
  - { name: a, weight: 3, flow: [{ every: { totalRate: 30/s, for: 1s, send: x } }] }
  - { name: b, weight: 1, flow: [{ listen: 1s }] }
`);
    expect(flowOf(plan).scenarios[0]!.flow[0]).toMatchObject({ kind: "every", rate: 2 });
    expect(plan.traffic).toMatchObject({ judgedAs: "rate" });
  });

  test("stages are lines from where the last one ended; arrivals from rate to rate", async () => {
    const load = (text: string): string =>
      `config:\n  target: ws://x/\n  load: ${text}\nflow: [{ send: x }]\n`;
    const ramp = await folder.plan(
      load(
        "{ stages: [{ duration: 1s, connections: 10 }, { name: hold, duration: 2s, connections: 10 }] }",
      ),
    );
    expect(flowOf(ramp).load).toEqual({
      kind: "population",
      maxConnections: undefined,
      stages: [
        { name: "stage 1", duration: 1000, from: 0, to: 10 },
        { name: "hold", duration: 2000, from: 10, to: 10 },
      ],
    });
    const arrivals = await folder.plan(
      load("{ stages: [{ duration: 2s, arrivalRate: 5/s, rampTo: 15/s }], maxConnections: 7 }"),
    );
    expect(flowOf(arrivals).load).toMatchObject({
      kind: "arrivals",
      maxConnections: 7,
      stages: [{ from: 5, to: 15 }],
    });
    expect(arrivals.connections).toBe(20);
  });

  test("the environment is written into the plan, exactly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (value) => {
        const plan = await folder.plan(
          `${head}  connection: { headers: { x: "a{{ $env.V }}b" } }\nflow: [{ send: { json: { v: "{{ $env.V }}", w: "{{ $seq }}-{{ $env.V }}" } } }]\n`,
          {},
          { V: value },
        );
        const quoted = `{{ "${value.replace(/["\\]/g, "\\$&")}" }}`;
        expect(plan.connection.headers).toEqual([
          ["x", `a${value}b`.includes("{{") ? `a${quoted}b` : `a${value}b`],
        ]);
        expect(flowOf(plan).scenarios[0]!.flow[0]).toMatchObject({
          message: { payload: { template: { v: quoted, w: `{{ $seq }}-${quoted}` } } },
        });
      }),
      { numRuns: 20 },
    );
  });

  test("a seed is drawn when none is given", async () => {
    const [one, other] = [
      await folder.plan(`${head}flow: [{ send: x }]\n`),
      await folder.plan(`${head}flow: [{ send: x }]\n`),
    ];
    expect(flowOf(one).seed).not.toBe(flowOf(other).seed);
    expect((await folder.plan(`${head}flow: [{ send: x }]\n`, { seed: 7 })).traffic).toMatchObject({
      flow: { seed: 7 },
    });
  });
});

describe("the command line goes first", () => {
  const text = `config:
  target: ws://a/
  connection: { headers: { X-One: "1", X-Two: "2" } }
  variables: { room: lobby, n: 1 }
  load: { stages: [{ duration: 10s, connections: 50 }, { duration: 20s, connections: 50 }] }
  thresholds: { ws_sessions: "count>0" }
flow: [{ send: { json: { room: "{{ room }}", n: "{{ n }}" } } }]
`;
  test("targets, variables, thresholds", async () => {
    const plan = await folder.plan(text, {
      targets: ["ws://b/", "ws://c/"],
      variables: new Map([
        ["room", "5"],
        ["n", "5"],
      ]),
      thresholds: ["ws_sessions: count>9", "ws_close{code:1006}: count==0"],
    });
    expect(plan.targets).toEqual(["ws://b/", "ws://c/"]);
    expect(flowOf(plan).variables).toEqual({ room: "5", n: 5 });
    expect(plan.thresholds).toMatchObject([
      { metric: "ws_sessions", expression: "count>0", place: "load.yaml:6:30" },
      { metric: "ws_sessions", expression: "count>9", place: undefined },
      { metric: "ws_close{code:1006}", expression: "count==0", place: undefined },
    ]);
  });

  test("connections and duration make the load constant", async () => {
    const both = await folder.plan(text, { connections: "3", duration: "1s" });
    expect(flowOf(both).load.stages).toMatchObject([{ duration: 1000, from: 3, to: 3 }]);
    const shorter = await folder.plan(text, { duration: "1s" });
    expect(flowOf(shorter).load.stages).toMatchObject([{ duration: 1000, from: 50, to: 50 }]);
    const fewer = await folder.plan(text, { connections: "2" });
    expect(flowOf(fewer).load.stages).toMatchObject([{ duration: 30_000, from: 2, to: 2 }]);
  });

  test("headers, name by name", async () => {
    const { scenario, places, resources } = await folder.read(text);
    const plan = compile(scenario, {
      places,
      resources,
      connection: {
        headers: [
          ["x-two", "b"],
          ["x-three", "c"],
        ],
      },
    });
    expect(plan.connection.headers).toEqual([
      ["X-One", "1"],
      ["x-two", "b"],
      ["x-three", "c"],
    ]);
  });

  test("a mistake on the command line is told, too", async () => {
    const [mistake] = await folder.mistakes(text, { thresholds: ["ws_nothing: count>0"] });
    expect(mistake!.message).toMatch(/no metric/);
  });
});

test("what a plan says of its users may be written down without their secrets", async () => {
  const canary = "c4n4ry";
  const plan = await folder.plan(`${head}  variables: { api_token: ${canary}, room: lobby }
  data: { users: users.csv }
  heartbeat: { autoReply: [{ match: { text: ping }, send: ${canary} }] }
flow:
  - send: ${canary}
  - every: { rate: 1/s, for: 1s, send: { json: { secret: ${canary} } } }
  - loop: { count: 1, flow: [{ set: { a: ${canary} } }, { log: ${canary} }] }
  - choose: [{ flow: [{ send: ${canary} }] }]
`);
  const text = JSON.stringify(redactPlan(plan));
  expect(text).not.toContain(canary);
  expect(text).not.toContain(folder.path);
  expect(text).toContain('"users.csv"');
  expect(text).toContain("lobby");
});

describe("a scenario written down", () => {
  test("is the same when it is read again", async () => {
    const text = readFileSync(new URL("chat.txt", import.meta.url), "utf8");
    const { scenario } = await folder.read(text);
    const again = scenarioAsYaml(scenario);
    expect(parse(again)).toEqual(parse(text));
    expect(await folder.mistakes(again)).toEqual([]);
  });

  test("of flags makes the same plan", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme" }).filter((text) => !text.includes("{{")),
          { minLength: 1, maxLength: 3 },
        ),
        fc.constantFrom({ rate: "2" }, { totalRate: "7/s" }, { inFlight: 4 }, {}),
        fc.boolean(),
        async (messages, pace, isBinary) => {
          const flags = {
            ...usualFlags,
            ...pace,
            messages: messages.map((text) => ({ text, binary: isBinary })),
            firstMessages: texts("hello"),
          };
          const direct = planOf(flags);
          expect(
            direct.messages.map(({ payload }) => Buffer.from(payload, "base64").toString()),
          ).toEqual(messages.map((text) => Buffer.from(text).toString()));
          expect(await folder.plan(scenarioAsYaml(scenarioFromFlags(flags)))).toEqual(direct);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("holds no secrets, and says what to set", async () => {
    const headers: [string, string][] = [
      ["Authorization", "Bearer c4n4ry"],
      ["X-Tenant", "blue"],
      ["X-Tenant", "red"],
    ];
    const scenario = scenarioFromFlags({
      ...usualFlags,
      targets: ["wss://u:c4n4ry@h/?token=c4n4ry"],
      connection: {
        ...usualFlags.connection,
        headers,
        tls: { ca: "c4n4ry", passphrase: "c4n4ry" },
      },
      variables: new Map([["token", "c4n4ry"]]),
    });
    const text = scenarioAsYaml(scenario);
    expect(text).not.toContain("c4n4ry");
    expect(text).toMatch(/^# Secrets are not written here.*AUTHORIZATION/);
    expect(text).toContain("WSCTL_VAR_token");
    expect(text).toContain('"wss://u:${TARGET_PASSWORD}@h/?token=${TOKEN}"');
    const targets = { targets: ["wss://u:x@h/?token=x"] };
    const plan = await folder.plan(text, targets, { AUTHORIZATION: "Bearer x" });
    expect(plan.connection.headers[0]).toEqual(["Authorization", "Bearer x"]);
    expect(plan.connection.headers.slice(1)).toEqual([
      ["X-Tenant", "blue"],
      ["X-Tenant", "red"],
    ]);
  });
});

test("flags may carry variables and thresholds", () => {
  const flags = {
    ...usualFlags,
    rate: "1",
    messages: texts('{"room":"{{ room }}","n":"{{ $seq }}"}'),
    variables: new Map([["room", "lobby"]]),
    thresholds: ["ws_msg_rtt: p(99)<200"],
  };
  const plan = compile(scenarioFromFlags(flags));
  expect(plan.traffic).toMatchObject({ model: "flow", judgedAs: "rate" });
  // Who paces it is for the run to decide.
  expect(plan.traffic).not.toHaveProperty("pacer");
  expect(plan.thresholds).toEqual([
    {
      metric: "ws_msg_rtt",
      expression: "p(99)<200",
      abortOnFail: false,
      after: 0,
      place: undefined,
    },
  ]);
  expect(() => compile(scenarioFromFlags({ ...flags, variables: new Map() }))).toThrow(
    /unknown name room/,
  );
});

test.each([3, 7, 10, 11, 19, 20])(
  "a total rate of %i users is theirs together, however they are shared out",
  async (users) => {
    const plan = await folder.plan(
      `config:
  target: ws://127.0.0.1:1/
  load: { connections: ${users}, duration: 10s }
scenarios:
  - { name: a, weight: 2, flow: [{ every: { totalRate: 30/s, for: 1s, send: x } }] }
  - { name: b, weight: 1, flow: [{ every: { totalRate: 12/s, for: 1s, send: x } }] }
`,
    );
    const { scenarios } = flowOf(plan);
    const rates = scenarios.map(({ flow: [step] }) => (step?.kind === "every" ? step.rate : 0));
    const shares = scenarioShares(scenarios.map(({ weight }) => weight));
    let [a, b] = [0, 0];
    for (let index = 0; index < users; index++) {
      if (shares.of(index) === 0) a += rates[0]!;
      else b += rates[1]!;
    }
    expect(a).toBeCloseTo(30, 9);
    expect(b).toBeCloseTo(12, 9);
  },
);

test("cookies of the file become one header, a template like any other; a line break in one is a mistake", async () => {
  const connection = (lines: string): string =>
    `${head}  data: { users: users.csv }\n  connection:\n${lines}flow: [{ send: hi }, { think: 1s }]\n`;
  const { connection: made } = await folder.plan(
    connection('    headers: { x-a: b }\n    cookies: { sid: "{{ users.token }}", room: lobby }\n'),
  );
  expect(made.headers).toEqual([
    ["x-a", "b"],
    ["Cookie", "sid={{ users.token }}; room=lobby"],
  ]);
  for (const lines of [
    '    headers: { x-a: "a\\r\\nx-b: c" }\n',
    '    headers: ["x-a: a\\nx-b: c"]\n',
    '    cookies: { a: "b\\nc" }\n',
  ]) {
    const mistakes = await folder.mistakes(connection(lines));
    expect(mistakes.map(({ place }) => place)).toEqual([expect.stringMatching(/^load\.yaml:6:/)]);
  }
});
