/** Shows how scenarios are read: good ones, all mistakes at once, and files that mean harm. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
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
  const mistakes = await folder.mistakes('{"config":{},\n"flow":[{"sned":"a"}]}');
  expect(mistakes.map(({ place }) => place)).toEqual(["load.yaml:1:2", "load.yaml:2:10"]);
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
    "load.yaml:9:12",
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
      "  write it like 5s for seconds, 5ms for milliseconds",
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

test.each([
  [
    "a mistyped part of the configuration",
    `config:\n  target: ws://x/\n  lod: { connections: 2, duration: 10s }\n  correlate: { by: order }\n  thresholds: { ws_msg_rt: "p(99)<1" }\nflow:\n  - send: "{{ nope }}"\n`,
    [/no key "lod"/, /no metric/, /unknown name nope/],
  ],
  [
    "a scenario without a good name",
    `${head}scenarios:\n  - { name: "a b", flow: [{ send: "{{ nope }}" }, { sned: x }] }\n  - { name: b, flow: [{ listen: 5 }, { send: "{{ nobody }}" }] }\n`,
    [/1 to 64 letters/, /unknown name nope/, /no key "sned"/, /not a duration/, /nobody/],
  ],
  [
    "a scenario without a flow",
    `${head}scenarios:\n  - { name: a }\n  - { name: b, flow: [{ send: "{{ nobody }}" }] }\n`,
    [/needs flow/, /nobody/],
  ],
  [
    "a correlation that is none",
    `${head}  correlate: { by: ids }\n  thresholds: { ws_msg_rt: "p(99)<1", ws_msg_rtt: "p(99)<1" }\nflow: [{ send: a }]\nevents: [{ at: 5 }, { at: 1h, drop: 10% }]\n`,
    [/by must be/, /no metric/, /not a duration/, /needs drop/, /after the end/],
  ],
])("%s hides nothing but what follows from it", async (_what, text, words) => {
  const mistakes = await folder.mistakes(text);
  for (const word of words) {
    expect(mistakes.map(({ message }) => message)).toContainEqual(expect.stringMatching(word));
  }
  expect(mistakes).toHaveLength(words.length);
});

test.each([
  "variabels: { nope: 1 }",
  "vars: { nope: 1 }",
  "dta: { nope: users.csv }",
  "variables: { nope: 1, 7.5: 2 }",
])("%s may be why a name is not known", async (line) => {
  const mistakes = await folder.mistakes(`${head}  ${line}\nflow: [{ send: "{{ nope }}" }]\n`);
  expect(mistakes.map(({ message }) => message)).not.toContainEqual(
    expect.stringMatching(/unknown name/),
  );
  expect(mistakes.length).toBeGreaterThan(0);
});

test("merge keys are no part of YAML 1.2, and that is said", async () => {
  const text = `${head}  variables: { base: &base { a: 1 } }\nflow: [{ send: { json: { <<: *base, b: 2 } } }]\n`;
  const [mistake, ...more] = await folder.mistakes(text);
  expect(mistake!.message).toMatch(/no merge keys/);
  expect(more).toEqual([]);
  expect(await folder.mistakes(text.replace("<<", '"<<"'))).toEqual([]);
});

describe("secrets", () => {
  const canary = "c4n4ry-d0-n0t-sh0w";
  test.each([
    `${head}  connection: { headers: { authorization: ${canary}, "a b": 1 } }\nflow: [{ send: a }]\n`,
    `${head}  connection: { headers: { authorization: [${canary}, 5] } }\nflow: [{ send: a }]\n`,
    `${head}  variables: { token: ${canary}, a.b: 1 }\nflow: [{ send: a }]\n`,
    `${head}  connection: { tls: { passphrase: ${canary}, insecure: 1 } }\nflow: [{ send: a }]\n`,
    `${head}  connection: { headers: ["authorization: Bearer ${canary}", 5] }\nflow: [{ send: a }]\n`,
    `${head}  connection: { headers: ['X-Api-Key: ${canary}', "nothing"] }\nflow: [{ send: a }]\n`,
    `${head}  connection: { headers: { authorization: "Bearer ${canary}-{{ users.token }}" } }\nflow: [{ send: a }]\n`,
    `${head}  connection: { headers: { authorization: "{{ '${canary}' }}{{ users.token }}" } }\nflow: [{ send: a }]\n`,
    `${head}  variables: { pass: ${canary}, a.b: 1 }\nflow: [{ send: a }]\n`,
    `${head}  variables: { auth: { user: { deep: ${canary} } }, a.b: 1 }\nflow: [{ send: a }]\n`,
    `${head}  variables: { a: &a ${canary}, token: *a, a.b: 1 }\nflow: [{ send: a }]\n`,
    `config: { target: "ws://ann:${canary}@h/", lod: 1 }\nflow: [{ send: a }]\n`,
    `config: { target: "ws://h/?room=1&access_token=${canary}&x=1", lod: 1 }\nflow: [{ send: a }]\n`,
    `flow: [{ send: { json: { token: ${canary} }, rply: false } }]\n`,
  ])("are not shown with the line they stand in", async (text) => {
    const error: unknown = await folder.read(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WsctlError);
    const { message, where } = error as WsctlError;
    expect([message, ...where].join("\n")).not.toContain(canary);
  });

  test("leave the rest of the line, its templates, and the column as they are", async () => {
    const [mistake] = await folder.mistakes(
      `${head}  connection: { headers: { x-room: blue, authorization: "Bearer {{ users.token }}" } }\nflow: [{ send: a }]\n`,
    );
    expect(mistake!.line).toBe(
      "  connection: { headers: { x-room: blue, authorization: ••••••••{{ users.token }}• } }",
    );
    expect(mistake!.caret.length).toBe(mistake!.line.indexOf("{{") + 1);
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

  test("a thousand ordinary steps are read", async () => {
    const step =
      '  - send: { json: { op: sub, id: 12, room: "lobby" } }\n    expect: { json: $.ok, equals: true, within: 2s }\n';
    const plan = await folder.plan(`${head}flow:\n${step.repeat(1000)}`);
    expect(JSON.stringify(plan)).toContain("flow[999]");
  });

  test("more words than that are refused where there are too many", async () => {
    const [mistake] = await folder.mistakes(`${head}flow:\n${"  - send: x\n".repeat(15_000)}`);
    expect(mistake!.message).toBe(
      "the file is too large: with this it has more than 100 000 words, signs and line ends",
    );
    const [, line = "0"] = /:(\d+):\d+$/.exec(mistake!.place) ?? [];
    expect(Number(line)).toBeGreaterThan(5000);
    expect(Number(line)).toBeLessThan(15_000);
  });

  test("more than 5000 steps are refused at the first that is too many; data is none", async () => {
    const [mistake, ...more] = await folder.mistakes(
      `${head}flow:\n${"  - send: x\n".repeat(5001)}`,
    );
    expect([mistake!.place, more.length]).toEqual(["load.yaml:5005:5", 0]);
    expect(mistake!.message).toMatch(/more than 5 000 steps/);
    const list = `[${"1, ".repeat(6000)}1]`;
    const sound = `${head}  variables: { a: ${list} }\nflow: [{ send: { json: ${list} } }, { set: { b: ${list} } }]\n`;
    expect((await folder.plan(sound)).connections).toBe(2);
  });

  test("what is called matches within a message is no pattern, and plain paths are none", async () => {
    const text = "a".repeat(30_001);
    const sound = `${head}  variables: { matches: ${text} }\nflow:\n  - send: { json: { matches: ${text}, expect: { matches: ${text} } } }\n    expect: { json: $.a, equals: { matches: ${text} } }\n`;
    expect((await folder.plan(sound)).connections).toBe(2);
    const paths = "  - wait: { json: $.ok, within: 1s }\n".repeat(2500);
    expect((await folder.plan(`${head}flow:\n${paths}`)).connections).toBe(2);
  });

  test.each([
    ["expect", "- { send: x, expect: { matches: '¦' } }"],
    ["wait", "- { wait: { matches: '¦', within: 1s } }"],
    ["capture", "- { send: x, expect: {}, capture: [{ matches: '¦', as: a }] }"],
    ["while", "- { loop: { while: { var: a, matches: '¦' }, flow: [{ think: 1s }] } }"],
    ["filter", "- { wait: { json: \"$[?search(@.a, '¦')]\", within: 1s } }"],
  ])("a pattern that stands for too much is told in %s", async (_what, step) => {
    const long = step.replace("¦", "a{1000}".repeat(step.includes("search") ? 280 : 31));
    const mistakes = await folder.mistakes(`${head}flow:\n  ${long}\n`);
    expect(mistakes.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("regular expressions of the file are too large"),
    );
  });

  test("thousands of keys take no quadratic time, and mistakes in them are not all shown", async () => {
    const text = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join("\n");
    const error: unknown = await folder.read(text).catch((thrown: unknown) => thrown);
    expect((error as WsctlError).where.length).toBeLessThan(250);
    expect((error as WsctlError).where.at(-1)).toMatch(/and more than 950 more/);
    expect((error as WsctlError).message).toBe("more than 1000 mistakes in load.yaml");
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

/** Every POSIX system has it. */
const pipeMaker = "mkfifo";

describe("what is no plain file", () => {
  test.skipIf(process.platform === "win32").each([
    ["a folder", "connection: { tls: { ca: inner } }"],
    ["a pipe", "data: { users: pipe.csv }"],
    ["a pipe as bytes", "connection: { tls: { ca: pipe.csv } }"],
  ])("%s is not opened", async (_what, line) => {
    const own = new ScenarioFolder();
    try {
      mkdirSync(path.join(own.path, "inner"));
      execFileSync(pipeMaker, [path.join(own.path, "pipe.csv")]);
      const [mistake] = await own.mistakes(`${head}  ${line}\nflow: [{ send: a }]\n`);
      expect(mistake!.message).toMatch(/is no file/);
    } finally {
      own.remove();
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
