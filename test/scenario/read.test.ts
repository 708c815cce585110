/** Shows how scenarios are read: good ones, all mistakes at once, and files that mean harm. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { readScenario } from "../../src/scenario/read.js";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder({
  "users.csv": "name,token\nann,t1\nbob,t2\n",
  "ca.pem": "-----BEGIN CERTIFICATE-----",
  "hello.bin": "\u0000\u0001",
});
afterAll(() => {
  folder.remove();
});

const chat = readFileSync(new URL("chat.txt", import.meta.url), "utf8");
const head = "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 2, duration: 10s }\n";

test("the manual's scenario is one", async () => {
  const plan = await folder.plan(chat);
  expect(plan.connections).toBe(1000);
  expect(plan.duration).toBe(340_000);
  expect(plan.connection.headers).toEqual([["authorization", "Bearer {{ users.token }}"]]);
  expect(plan.thresholds.map(({ place }) => place)).toEqual([
    "load.yaml:27:18",
    "load.yaml:27:31",
    "load.yaml:28:19",
    "load.yaml:29:36",
  ]);
});

test("JSON is read as YAML is", async () => {
  const plan = await folder.plan(
    '{"config":{"target":"ws://x/","load":{"connections":1,"duration":"1s"}},\n"flow":[{"send":"a"}]}',
  );
  expect(plan.targets).toEqual(["ws://x/"]);
  const [mistake] = await folder.mistakes('{"config":{},\n"flow":[{"sned":"a"}]}');
  expect(mistake).toMatchObject({ place: "load.yaml:2:10" });
});

test("every mistake is told, of shape and of meaning, in the order of the file", async () => {
  const mistakes = await folder.mistakes(
    `config:
  target: ws://x/
  conection: {}
  load: { connections: ten, duration: 1m }
  correlate: { by: order }
  thresholds:
    ws_msg_rt: "p(99)<200"
flow:
  - send: "{{ nobody"
  - wait: { json: "$.[" }
`,
  );
  expect(mistakes.map(({ place }) => place)).toEqual([
    "load.yaml:3:3",
    "load.yaml:4:24",
    "load.yaml:7:5",
    "load.yaml:9:11",
    "load.yaml:10:19",
  ]);
});

test("the error shows place, line, caret and hint of each", async () => {
  const error = await folder
    .read(`${head}flow:\n  - sned: a\n  - listen: 5\n`)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WsctlError);
  expect(error).toMatchObject({
    code: "WSCTL_EUSAGE",
    message: "2 mistakes in load.yaml",
    where: [
      'load.yaml:5:5: flow[0] has no key "sned"',
      "    - sned: a",
      "      ^",
      "  did you mean send?",
      'load.yaml:6:13: listen: "5" is not a duration',
      "    - listen: 5",
      "              ^",
      "  write it like 250ms, 30s, 5m or 1h",
    ],
  });
  const alone = await folder.read(`${head}flow:\n  - sned: a\n`).catch((thrown: unknown) => thrown);
  expect(alone).toMatchObject({
    message: 'load.yaml:5:5: flow[0] has no key "sned"',
    hint: "did you mean send?",
    where: ["  - sned: a", "    ^"],
  });
});

test("what one mistake brings about is not told besides", async () => {
  const mistakes = await folder.mistakes(
    `${head}flow:\n  - wait: { json: $.t, captur: { json: $.t, as: token } }\n  - send: "{{ token }}"\n`,
  );
  expect(mistakes.map(({ message }) => message)).toEqual(['wait has no key "captur"']);
});

describe("secrets", () => {
  const canary = "c4n4ry-d0-n0t-sh0w";
  test.each([
    `${head}  connection: { headers: { authorization: ${canary}, "a b": 1 } }\nflow: [{ send: a }]\n`,
    `${head}  connection: { headers: { authorization: [${canary}, 5] } }\nflow: [{ send: a }]\n`,
    `${head}  variables: { token: ${canary}, a.b: 1 }\nflow: [{ send: a }]\n`,
    `${head}  connection: { tls: { passphrase: ${canary}, insecure: 1 } }\nflow: [{ send: a }]\n`,
  ])("are not shown with the line they stand in", async (text) => {
    const error: unknown = await folder.read(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WsctlError);
    const { message, where } = error as WsctlError;
    expect([message, ...where].join("\n")).not.toContain(canary);
  });
});

describe("files that mean harm", () => {
  test("aliases that multiply are counted", async () => {
    let text = 'a: &a0 ["x","x","x","x","x","x","x","x","x"]\n';
    for (let i = 1; i < 12; i++) {
      text += `b${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(",")}]\n`;
    }
    const mistakes = await folder.mistakes(text);
    expect(mistakes.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("more than 100000 values"),
    );
    expect(mistakes.length).toBeLessThan(30);
  });

  test.each([
    ["brackets", "[".repeat(20_000)],
    ["closed brackets", `a: ${"[".repeat(500)}${"]".repeat(500)}`],
    ["maps", "{a: ".repeat(20_000)],
    ["dashes", `${"- ".repeat(20_000)}a`],
    ["questions", "? ".repeat(5000)],
  ])("%s by the thousand are refused before anything recurses", async (_what, text) => {
    const [mistake] = await folder.mistakes(text);
    expect(mistake!.message).toMatch(/levels deep/);
  });

  test("a huge file is refused unread", async () => {
    const [mistake] = await folder.mistakes(`a: "${"x".repeat(1024 * 1024)}"`);
    expect(mistake!.message).toMatch(/larger than 1 MiB/);
  });

  test("thousands of keys take no quadratic time, and mistakes in them are not all shown", async () => {
    const text = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join("\n");
    const error: unknown = await folder.read(text).catch((thrown: unknown) => thrown);
    expect((error as WsctlError).where.length).toBeLessThan(250);
    expect((error as WsctlError).where.at(-1)).toMatch(/and 49\d\d more/);
  });

  test.each([
    "constructor: 1",
    "toString: {}",
    "config: { hasOwnProperty: 1 }",
    "flow: [{ constructor: {} }]",
    "config: { data: { constructor: users.csv } }",
    "config: { variables: { prototype: 1 } }",
    'config: { thresholds: { constructor: "count>0" } }',
  ])("%s is no way in", async (text) => {
    expect(await folder.mistakes(`${text}\n`)).not.toEqual([]);
  });

  test("control characters of the file do not reach the terminal", async () => {
    const mistakes = await folder.mistakes(
      `${head}flow: [{ "s\\e[31mend": "a", x: "\u009b31m" }]\n`,
    );
    expect(mistakes.length).toBeGreaterThan(0);
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(JSON.stringify(mistakes.flatMap((each) => Object.values(each)))).not.toMatch(
      /\\u001b|\u009b/,
    );
  });
});

describe("files that a scenario names", () => {
  test("become part of the plan", async () => {
    const plan = await folder.plan(
      `${head}  connection: { tls: { ca: ./ca.pem } }\nflow: [{ send: { binary: "@hello.bin" } }]\n`,
    );
    expect(plan.connection.tls.ca).toContain("BEGIN");
    expect(plan.traffic).toMatchObject({
      flow: { scenarios: [{ flow: [{ message: { payload: { base64: "AAE=" }, opcode: 2 } }] }] },
    });
  });

  test("are not followed out of the folder by a link", async () => {
    const other = new ScenarioFolder({ "secret.csv": "a\nb\n" });
    try {
      symlinkSync(path.join(other.path, "secret.csv"), path.join(folder.path, "link.csv"));
      mkdirSync(path.join(folder.path, "sub"));
      writeFileSync(path.join(folder.path, "sub", "data.csv"), "a\n1\n");
      const [mistake] = await folder.mistakes(
        `${head}  data: { x: link.csv }\nflow: [{ send: a }]\n`,
      );
      expect(mistake).toMatchObject({ place: "load.yaml:4:14" });
      expect(mistake!.message).toMatch(/outside/);
      expect(
        await folder.mistakes(`${head}  data: { x: sub/data.csv }\nflow: [{ send: a }]\n`),
      ).toEqual([]);
      const allowed = await readScenario(
        "a.yaml",
        `${head}  data: { x: link.csv }\nflow: [{ send: a }]\n`,
        {
          access: { folder: folder.path, allowPaths: true },
          env: new Map(),
        },
      );
      expect(allowed.resources.feeders.get("x")).toMatchObject({ rows: 1, columns: ["a"] });
    } finally {
      other.remove();
    }
  });
});

describe("names", () => {
  const flow = (steps: string): string =>
    `${head}  variables: { room: lobby, rooms: [a, b] }\n  data: { users: users.csv }\nflow:\n${steps}`;
  test.each([
    '  - send: "{{ room }} {{ users.token }} {{ $seq }} {{ $pick(rooms) }}"\n',
    '  - wait: { capture: { json: $.t, as: token } }\n  - send: "{{ token }} {{ token.inner }}"\n',
    '  - set: { a: 1 }\n  - send: "{{ a }}"\n',
    '  - loop: { count: 2, flow: [{ send: "{{ a }}" }, { set: { a: 1 } }] }\n  - send: "{{ a }}"\n',
    '  - choose: [{ flow: [{ set: { a: 1 } }] }, { flow: [{ listen: 1s }] }]\n  - send: "{{ a }}"\n',
    "  - loop: { while: { var: room, equals: lobby }, flow: [{ set: { room: x } }] }\n",
    '  - send: { json: { k: ["{{ room }}", { deep: "{{ users.name }}" }] } }\n',
    "  - send: 'literal \\{{ braces'\n",
  ])("in reach: %s", async (steps) => {
    expect(await folder.mistakes(flow(steps))).toEqual([]);
  });

  test.each([
    '  - send: "{{ a }}"\n  - set: { a: 1 }\n',
    '  - set: { a: "{{ a }}" }\n',
    '  - choose: [{ flow: [{ set: { a: 1 } }] }, { flow: [{ send: "{{ a }}" }] }]\n',
    '  - loop: { flow: [{ send: "{{ b }}" }] }\n',
    '  - send: "{{ users }}"\n',
    '  - send: "{{ room.inner }}"\n',
  ])("out of reach: %s", async (steps) => {
    expect(await folder.mistakes(flow(steps))).toHaveLength(1);
  });
});
