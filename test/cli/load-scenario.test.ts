/** Shows what `wsctl load` makes of a scenario file and of the flags beside it, before anything is opened. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Plan } from "../../src/scenario/plan.js";
import { doneWith, openedOf, type Script } from "../cluster/fake-workers.js";
import { wsctl } from "./fake-host.js";
import { fileWith, newFolder, sound, wrong } from "./scenario-files.js";

const workers = vi.hoisted(() => ({ script: (() => {}) as Script }));

vi.mock("../../src/cluster/ipc.js", async () => {
  const { FakeTransport } = await import("../cluster/fake-workers.js");
  class IpcTransport extends FakeTransport {
    constructor() {
      super((worker, message) => workers.script(worker, message));
    }
  }
  return { IpcTransport };
});

let plans: Plan[] = [];

const taking: Script = (worker, message) => {
  if (message.type === "plan") {
    plans.push(message.plan);
    worker.say(openedOf(1));
  } else worker.say(doneWith({ ws_sessions: 1 }));
};

afterEach(() => {
  workers.script = () => {};
  plans = [];
});

/** The plan that workers were given. */
async function planFor(...args: readonly string[]): Promise<Plan> {
  workers.script = taking;
  const { stderr } = await wsctl(["load", ...args, "-q", "--workers", "1"]);
  expect([plans.length, stderr]).toEqual([1, ""]);
  return plans.pop()!;
}

function flowOf({ traffic }: Plan) {
  if (traffic.model !== "flow") throw new Error(`the model is ${traffic.model}`);
  return traffic.flow;
}

describe("a scenario file", () => {
  test("is what runs", async () => {
    const plan = await planFor(fileWith(sound));
    expect(plan).toMatchObject({
      targets: ["ws://127.0.0.1:1/"],
      connections: 4,
      duration: 3000,
      correlate: { by: "id", request: "$.id", response: "$.id", timeout: 3000 },
      connection: {
        handshakeTimeout: 10_000,
        headers: [
          ["x-tenant", "blue"],
          ["x-room", "{{ room }}"],
        ],
      },
    });
    expect(plan.thresholds[0]?.place).toMatch(/scenario\.yaml:8:/);
    expect(flowOf(plan)).toMatchObject({ seed: 7, scenarios: [{ name: "chat" }] });
  });

  test("is known by its ending, or by being a file", async () => {
    for (const name of ["a.yml", "a.json", "scenario"]) {
      const text =
        name === "a.json"
          ? JSON.stringify({
              config: { target: "ws://b/", load: { connections: 1, duration: "1s" } },
              flow: [{ listen: "1s" }],
            })
          : sound;
      expect((await planFor(fileWith(text, name))).targets).toHaveLength(1);
    }
  });

  test("is overridden by the command line", async () => {
    const urls = ["wss://a.example/x", "wss://b.example/y"];
    const load = ["-c", "9", "-d", "1m", "--connect-rate", "5/s", "--graceful-stop", "1s"];
    const said = ["--seed", "8", "--var", "room=den", "--var", "size=6", "--reply-timeout", "9s"];
    const connection = ["-H", "X-Tenant: red", "--timeout", "4s", "--origin", "https://o.example"];
    const gates = ["ws_connecting: max<2h", "ws_msg_rtt{scenario:chat}: p(9)<1s"];
    const thresholds = gates.flatMap((gate) => ["--threshold", gate]);
    const flags = [...load, ...said, ...connection, "-s", "v2", ...thresholds];
    const plan = await planFor(fileWith(sound), ...urls, ...flags);
    expect(plan).toMatchObject({
      targets: ["wss://a.example/x", "wss://b.example/y"],
      connections: 9,
      connectRate: 5,
      duration: 60_000,
      gracefulStop: 1000,
      correlate: { by: "id", timeout: 9000 },
      connection: {
        handshakeTimeout: 4000,
        origin: "https://o.example",
        subprotocols: ["v2"],
        headers: [
          ["x-room", "{{ room }}"],
          ["X-Tenant", "red"],
        ],
      },
    });
    expect(flowOf(plan)).toMatchObject({ seed: 8, variables: { room: "den", size: 6 } });
    expect(plan.thresholds.map(({ metric, expression }) => `${metric}: ${expression}`)).toEqual([
      "ws_connecting: p(95)<1h",
      "ws_connecting: max<2h",
      "ws_msg_rtt{scenario:chat}: p(9)<1s",
    ]);
    expect(plan.thresholds.slice(1).map(({ place }) => place)).toEqual([undefined, undefined]);
  });

  test("leaves to the file what the command line does not say", async () => {
    const file = fileWith(
      sound
        .replace("x-tenant: blue", "a: b")
        .replace("connection: {", "connection: { handshakeTimeout: 3s, subprotocols: [v1],"),
    );
    expect((await planFor(file)).connection).toMatchObject({
      handshakeTimeout: 3000,
      subprotocols: ["v1"],
    });
  });

  test("takes variables from the environment, and --var goes before them", async () => {
    workers.script = taking;
    const env = { WSCTL_VAR_room: "attic" };
    await wsctl(["load", fileWith(sound), "-q", "--workers", "1"], { env });
    await wsctl(["load", fileWith(sound), "-q", "--workers", "1", "--var", "room=den"], { env });
    const rooms = plans.map((plan) => flowOf(plan).variables["room"]);
    expect(rooms).toEqual(["attic", "den"]);
  });

  test("reaches its data from wherever the command is run", async () => {
    const folder = newFolder();
    fileWith("token\na\nb\nc\nd\n", "users.csv", folder);
    const text = sound.replace("variables:", "data: { users: users.csv }\n  variables:");
    const plan = await planFor(fileWith(text, "scenario.yaml", folder));
    expect(flowOf(plan).feeders).toMatchObject([
      { name: "users", rows: 4, path: path.join(folder, "users.csv") },
    ]);
  });

  test("with a mistake opens nothing", async () => {
    workers.script = taking;
    const { code, stdout, stderr } = await wsctl(["load", fileWith(wrong)]);
    expect([code, stdout, plans]).toEqual([2, "", []]);
    expect(stderr).toMatch(/:3:3:[^]*:7:9:/);
  });
});

describe("is refused", () => {
  test.each<[string, string[], RegExp]>([
    ["a rate", ["-r", "5"], /--rate cannot be combined with a scenario file/],
    ["a total rate", ["-R", "5"], /--total-rate cannot/],
    ["a message", ["-m", "x"], /--message cannot[^]*--var/],
    ["a first message", ["--first-message", "x"], /--first-message cannot/],
    ["a size", ["--size", "5"], /--size cannot/],
    ["binary", ["--binary"], /--binary cannot/],
    ["in flight", ["--in-flight", "5"], /--in-flight cannot/],
    ["a correlation", ["--correlate", "none"], /--correlate cannot[^]*config\.correlate/],
    ["a second file", [fileWithSound()], /several scenario files/],
    ["--serve beside a URL", ["ws://a/", "--serve"], /exclude each other/],
    ["a variable without value", ["--var", "room"], /--var room has no value/],
    ["an unknown output", ["-o", "jsn=x"], /did you mean json/],
    ["an output in no folder", ["-o", "json=/none/x.json"], /there is no directory \/none/],
    [
      "two outputs on stdout",
      ["--json", "-o", "csv=-"],
      /-o csv=- and -o json=- both go to stdout/,
    ],
    [
      "a threshold of nothing",
      ["--threshold", "ws_msg_rt: p(9)<5"],
      /no metric "ws_msg_rt"[^]*did you mean ws_msg_rtt/,
    ],
    ["a seed that is none", ["--seed", "-1"], /--seed: "-1" is not a seed/],
    ["a dry run with a report", ["--dry-run", "-o", "junit=x"], /cannot be used with/],
    ["a dry run that is printed", ["--dry-run", "--print-scenario"], /cannot be used with/],
  ])("%s", async (_what, args, message) => {
    workers.script = taking;
    const { code, stdout, stderr } = await wsctl(["load", fileWith(sound), ...args]);
    expect([code, stdout, plans]).toEqual([2, "", []]);
    expect(stderr).toMatch(message);
  });

  test("a saved result, in one sentence", async () => {
    const file = fileWith('{"$schema":"wsctl.run/1","run":{},"plan":{}}', "run.json");
    const { code, stderr } = await wsctl(["load", file]);
    expect([code, stderr.split("\n")]).toEqual([
      2,
      [
        expect.stringMatching(/is no scenario, but a saved run /),
        expect.stringMatching(/^hint: `wsctl report`/),
        "",
      ],
    ]);
  });

  test("a file that is not there", async () => {
    const { code, stderr } = await wsctl(["load", path.join(newFolder(), "none.yaml")]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/ENOENT[^]*wsctl scenario init/) as string,
    ]);
  });
});

/** One that outlives the listing of the cases above. */
function fileWithSound(): string {
  return path.resolve("test/cli/fixtures/none.yaml");
}

describe("--print-scenario", () => {
  test("prints what would run, which means the same when it is run", async () => {
    const flags = ["-c", "20", "-d", "3s", "-r", "5", "-m", "hello", "-m", '{"a":"{{ $seq }}"}'];
    const gate = ["--threshold", "ws_msg_rtt: p(99)<1h", "--connect-rate", "50/s"];
    const args = ["load", "ws://127.0.0.1:1/", ...flags, ...gate];
    workers.script = taking;
    const { code, stdout, stderr } = await wsctl([...args, "--print-scenario"]);
    expect([code, stderr, plans]).toEqual([0, "", []]);
    const file = fileWith(stdout);
    expect(await wsctl(["scenario", "validate", file])).toMatchObject({ code: 0 });
    const [direct, written] = [
      await planFor(...args.slice(1), "--seed", "1"),
      await planFor(file, "--seed", "1"),
    ];
    expect({ ...written, thresholds: [] }).toEqual({ ...direct, thresholds: [] });
    expect((await wsctl(["load", file, "--print-scenario"])).stdout).toBe(stdout);
  });

  test("shows what the command line changes of a file", async () => {
    const file = fileWith(sound);
    const args = ["load", file, "-c", "3", "--var", "room=den", "--print-scenario"];
    const { stdout } = await wsctl(args);
    expect(stdout).toMatch(/connections: 3\n/);
    expect(stdout).toMatch(/room: den\n/);
    expect(readFileSync(file, "utf8")).toBe(sound);
  });

  test("does not print secrets", async () => {
    const secrets = ["--bearer", "c4n4ry", "-H", "X-Api-Key: c4n4ry", "--cookie", "session=c4n4ry"];
    const { code, stdout } = await wsctl([
      "load",
      "ws://a/?token=c4n4ry",
      ...secrets,
      "--print-scenario",
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("c4n4ry");
    expect(stdout).toContain("{{ $env.AUTHORIZATION }}");
  });
});

describe("--print-scenario of a file", () => {
  const secret = `config:
  target: "ws://127.0.0.1:1/?access_token=URLSEC&x=1"
  variables: { room: lobby, password: PWSEC, n: 5 }
  connection:
    headers: { x-custom: plain, Authorization: "Bearer HDRSEC" }
    cookies: { sid: COOKSEC }
    subprotocols: [bearer, SUBSEC1x2y3z4w5]
  load: { connections: 2, duration: 1s }
  correlate: { by: order }
flow:
  - send: "LOGIN {{ password }} in {{ room }}"
  - send: { json: { op: auth, apiKey: APISEC, pin: 4711, cmd: "{{ $env.MYSEC }} zzz" } }
  - send: '{"op":"auth","token":"TXTSEC"}'
  - send: "AUTH {{ password }}"
  - send: "AUTH TOLDSEC"
  - send: "see https://u:AUTHSEC@h/?token=PARSEC"
  - loop: { count: 2, flow: [{ set: { secret: "SETSEC {{ room }}" } }, { log: "token: LOGSEC" }] }
  - think: 300ms
`;

  test("holds no secret, names all that is to be set, and runs with that", async () => {
    const { code, stdout } = await wsctl(
      ["load", fileWith(secret), "--bearer", "FLAGSEC", "--print-scenario"],
      { env: { MYSEC: "x" } },
    );
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/[A-Z]SEC(?![A-Z ]* \}\}|_)|4711|redacted/);
    const [, names = ""] = /Set in the environment: (.*)/.exec(stdout) ?? [];
    const env = Object.fromEntries([...names.split(", "), "MYSEC"].map((name) => [name, "x"]));
    expect(Object.keys(env)).toEqual(
      expect.arrayContaining(["AUTHORIZATION", "API_KEY", "PIN", "TOKEN", "WSCTL_VAR_password"]),
    );
    for (const [, name = ""] of stdout.matchAll(/\$env\.(\w+)/g)) expect(env).toHaveProperty(name);
    expect(stdout).toContain("send: LOGIN {{ password }} in {{ room }}\n");
    expect(stdout).toContain("send: AUTH {{ password }}\n");
    expect(stdout).toContain(
      'wsctl load FILE "ws://127.0.0.1:1/?access_token=${ACCESS_TOKEN}&x=1"',
    );
    const url = "ws://127.0.0.1:1/?access_token=x&x=1";
    expect(stdout).not.toContain("FLAGSEC");
    const again = await wsctl(["load", fileWith(stdout), url, "--print-scenario"], { env });
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("API_KEY")]);
    // And it does not run with less than that.
    const less = await wsctl(["load", fileWith(stdout), url, "--print-scenario"]);
    expect([less.code, less.stderr]).toEqual([2, expect.stringContaining("password")]);
  });

  test("leaves what no environment can hold to a person, and says so", async () => {
    const text = sound.replace("size: 5", "size: 5, tokens: [LISTSEC, b]");
    const { stdout } = await wsctl(["load", fileWith(text), "--print-scenario"]);
    expect(stdout).not.toContain("LISTSEC");
    expect(stdout).toContain("put in by hand: config.variables.tokens");
  });
});

test("a template in a variable is refused where it stands", async () => {
  const text = sound.replace("room: lobby", 'room: "a {{ nono }}", list: ["{{ x }}"]');
  const file = fileWith(text);
  const { code, stderr } = await wsctl(["scenario", "validate", file]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/:5:22: the variable room holds \{\{/)]);
  expect(stderr).toMatch(/the variable list holds/);
  expect(stderr).toContain("\\{{");
});

test("thresholds of flags that are none are told together", async () => {
  const bad = ["--threshold", "nope", "--threshold", "neither"];
  const { code, stderr } = await wsctl(["load", fileWith(sound), ...bad]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/2 mistakes in the flags[^]*"nope"[^]*"neither"/),
  ]);
});

test("a table that is separated by semicolons is told for what it is", async () => {
  const file = fileWith(sound.replace("  load:", "  data: { users: u.csv }\n  load:"));
  fileWith("name;token\na;b\n", "u.csv", path.dirname(file));
  const { code, stderr } = await wsctl(["scenario", "validate", file]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("are the values separated by ;?")]);
});

describe("--stage", () => {
  test("makes stages of flags, and takes the place of a file's", async () => {
    const load = {
      kind: "population",
      stages: [
        { name: "stage 1", duration: 1000, from: 0, to: 5 },
        { name: "stage 2", duration: 2000, from: 5, to: 5 },
      ],
    };
    const stages = ["--stage", "1s:5", "--stage", "2s:5"];
    const plain = await planFor("ws://127.0.0.1:1/", "-r", "1", ...stages);
    expect(plain).toMatchObject({ connections: 5, duration: 3000, traffic: { flow: { load } } });
    plans = [];
    const beside = await planFor(fileWith(sound), ...stages);
    expect(beside).toMatchObject({ connections: 5, duration: 3000, traffic: { flow: { load } } });
  });

  test.each([
    [["--stage", "30s"], /"30s" is not a stage.*30s:100/s],
    [["--stage", "x:5"], /not a duration/],
    [["--stage", "1s:5", "-c", "5"], /cannot be used with/],
    [["--stage", "1s:5", "-d", "5s"], /cannot be used with/],
  ])("%j is refused", async (args, words) => {
    const { code, stderr } = await wsctl(["load", "ws://127.0.0.1:1/", "-r", "1", ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});

test("an address may be written for HTTP in a file as on the command line", async () => {
  const text = sound.replace("ws://127.0.0.1:1/", "http://127.0.0.1:1/");
  const plan = await planFor(fileWith(text));
  expect(plan.targets).toEqual(["ws://127.0.0.1:1/"]);
});

test.each([
  ["ws_mg_rtt: p(99)<1", /--threshold: there is no metric "ws_mg_rtt"/],
  ["ws_sessions{foo:bar}: count>0", /--threshold: ws_sessions has no tag "foo"/],
  ["ws_sessions{stage:no}: count>0", /--threshold: there is no stage "no"/],
])("--threshold '%s' is refused as what it is", async (threshold, words) => {
  for (const what of [fileWith(sound), "ws://127.0.0.1:1/"]) {
    const { code, stderr } = await wsctl(["load", what, "--threshold", threshold]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  }
});

describe("a template in a flag is told of as that flag", () => {
  const url = "ws://127.0.0.1:1/";
  test.each([
    [["-m", "{{ nme }}"], /^error: -m: template: unknown name nme .*\n.*--var.*\\\{\{/],
    [["-m", "a", "-m", "{{"], /^error: the 2nd -m: template: .*\n.*\\\{\{/],
    [["-m", "a", "-m", "{{ b }}", "-r", "1"], /^error: the 2nd -m: /],
    [["--first-message", "{{ $uid }}"], /^error: --first-message: .*\n.*\$uuid/],
    [["-H", "a: 1", "-H", "b: {{ c }}"], /^error: the 2nd -H: /],
    [["-H", "b: {{"], /^error: -H: template: /],
    [["-s", "{{ c }}"], /^error: -s: /],
    [["--var", "nosuch=1"], /^error: --var: the scenario has no variable "nosuch"/],
    [["--var", "rom=1", "-m", "{{ room }}"], /^error: --var: .*"rom".*\n.*did you mean room\?/],
  ])("%j", async (args, words) => {
    const { code, stderr } = await wsctl(["load", url, ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
    expect(stderr).not.toMatch(/flow\[|loop\.send|text:/);
  });

  test("and what is one is sent", async () => {
    const plan = await planFor(url, "-m", "\\{{ {{ room }}", "--var", "room=lobby");
    const [message] = plan.messages;
    expect(Buffer.from(message!.payload, "base64").toString()).toBe("{{ lobby");
  });
});

test("a warning stands at the beginning of a run, and does not hinder it", async () => {
  const file = fileWith(
    "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 1, duration: 1s }\nflow: [{ send: a }]\n",
  );
  const { code, stdout, stderr } = await wsctl(["load", file, "--print-scenario"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("send: a")]);
  expect(stderr).toMatch(/^warning: .*nothing in it waits/);
});
