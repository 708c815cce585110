/** Shows what a run with thresholds ends with, and where its reports go. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { doneWith, openedOf, snapshotOf, type Script } from "../cluster/fake-workers.js";
import { type HostOptions, type Ran, wsctl } from "./fake-host.js";
import { fileWith, newFolder, sound } from "./scenario-files.js";

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

afterEach(() => {
  workers.script = () => {};
});

/** Opens five connections, of which nothing more comes. */
const good: Script = (worker, { type }) => {
  const counters = { ws_sessions: 5 };
  if (type === "plan") worker.say(openedOf(5));
  else {
    worker.say(snapshotOf(worker.index, 1, { counters }));
    worker.say(doneWith(counters));
  }
};

/** The same as virtual users. */
const users: Script = (worker, message) => {
  if (message.type === "plan") {
    worker.say(openedOf(0));
    return;
  }
  const totals = { ws_sessions: 4, ws_msg_expected: 4, ws_msg_answered: 4 };
  worker.say(snapshotOf(worker.index, 1, { counters: totals }));
  const flow = { users: { begun: 4, completed: 4, lost: 0, dropped: 0 }, expectations: [] };
  const opened = { opened: 4, handshake: undefined, controls: [], failure: undefined };
  worker.say(doneWith(totals, { flow, opened }));
};

/** The same, but what its workers sent does not add up. */
const invalid: Script = (worker, message) => {
  if (message.type === "plan") worker.say(openedOf(5));
  else {
    worker.say(snapshotOf(worker.index, 1, { counters: { ws_sessions: 5 } }));
    worker.say(doneWith({ ws_sessions: 6 }));
  }
};

const holds = ["--threshold", "ws_sessions: count==5"];
const fails = ["--threshold", "ws_sessions: count>=10"];

function load(args: readonly string[], options?: HostOptions): Promise<Ran> {
  const usual = ["load", "ws://127.0.0.1:1/", "-q", "-r", "0", "-d", "1s", "--workers", "1"];
  return wsctl([...usual, ...args], options);
}

describe("the exit code", () => {
  test("is 0 when every threshold held, and the report says so", async () => {
    workers.script = good;
    const { code, stdout } = await load(holds);
    expect(code).toBe(0);
    expect(stdout).toMatch(/thresholds +✓ ws_sessions: count==5 +5\n/);
  });

  test("is 99 when one failed, and the report says which, and by how much", async () => {
    workers.script = good;
    const { code, stdout } = await load([...holds, ...fails]);
    expect(code).toBe(99);
    expect(stdout).toMatch(/✗ ws_sessions: count>=10 +5 \(5 under\)\n/);
  });

  test("is 98 when the figures are no evidence, whatever the thresholds", async () => {
    workers.script = invalid;
    expect((await load(fails)).code).toBe(98);
    expect((await load(holds)).code).toBe(98);
  });

  test("is 99 when a threshold's metric was never measured", async () => {
    workers.script = good;
    const { code, stdout } = await load(["--threshold", "ws_tls: p(99)<1s"]);
    expect(code).toBe(99);
    expect(stdout).toMatch(/✗ ws_tls: p\(99\)<1s +no value was measured/);
  });
});

describe("-o", () => {
  test("writes every kind to its file, beside the report on stdout", async () => {
    workers.script = good;
    const folder = newFolder();
    const file = (name: string): string => path.join(folder, name);
    const looks: Record<string, RegExp> = {
      json: /^\{"\$schema":"wsctl\.run\/1".*\}\n$/,
      junit: /^<\?xml[^]*<failure[^]*<\/testsuites>\n$/,
      markdown: /^## [^]*`ws_sessions: count/,
      csv: /^\S+,\S+/,
      hlog: /^#/,
      hgrm: /./,
      prometheus: /^# HELP [^]*\nws_sessions(?:_total)?(?:\{\})? 5\n/,
      text: /thresholds +✗ ws_sessions/,
    };
    const outputs = Object.keys(looks).flatMap((kind) => ["-o", `${kind}=${file(kind)}`]);
    const { code, stdout, stderr } = await load([...fails, ...outputs]);
    expect([code, stderr]).toEqual([99, ""]);
    expect(stdout).toMatch(looks["text"]!);
    for (const [kind, look] of Object.entries(looks)) {
      const text = readFileSync(file(kind), "utf8");
      expect([kind, look.test(text) ? "" : text]).toEqual([kind, ""]);
      expect(text).not.toContain("\u001b");
    }
  });

  test("-o json, -o json=- and --json are the same", async () => {
    workers.script = good;
    for (const args of [["--json"], ["-o", "json"], ["-o", "json=-"]]) {
      const { stdout } = await load(args);
      expect((JSON.parse(stdout) as RunResult).$schema).toBe("wsctl.run/1");
    }
  });

  test("that cannot be written at the end keeps no other from it, and is no success", async () => {
    const folder = newFolder();
    // The folder's place is taken while the run goes on.
    const [lost, kept] = [path.join(folder, "lost", "run.json"), path.join(folder, "run.csv")];
    const { mkdirSync, rmdirSync } = await import("node:fs");
    mkdirSync(path.dirname(lost));
    workers.script = (worker, message) => {
      if (message.type === "start") rmdirSync(path.dirname(lost));
      good(worker, message);
    };
    const { code, stdout, stderr } = await load(["-o", `json=${lost}`, "-o", `csv=${kept}`]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/verdict/) as string]);
    expect(stderr).toMatch(/cannot write .*lost/);
    expect(readFileSync(kept, "utf8")).not.toBe("");
  });

  test("prometheus=:0 serves the page while the run lasts, and says where", async () => {
    let scraped: Promise<string> | undefined;
    const printed: string[] = [];
    workers.script = (worker, message) => {
      if (message.type !== "start") return good(worker, message);
      const [, url = ""] = /metrics: (\S+)/.exec(printed.join("")) ?? [];
      scraped = fetch(url).then((response) => response.text());
      void scraped.finally(() => good(worker, message));
    };
    const { fakeHost } = await import("./fake-host.js");
    const { run } = await import("../../src/cli/run.js");
    const host = fakeHost([
      "load",
      "ws://127.0.0.1:1/",
      "-r",
      "0",
      "-d",
      "1s",
      "--workers",
      "1",
      "-o",
      "prometheus=:0",
    ]);
    const write = host.stderr.write.bind(host.stderr);
    host.stderr.write = (text: string) => {
      printed.push(text);
      return write(text);
    };
    expect(await run(host)).toBe(0);
    expect(await scraped).toMatch(/wsctl_run_phase\{phase="traffic"\} 1/);
  });
});

describe("the result", () => {
  test("names its scenario, and where its thresholds stand", async () => {
    workers.script = users;
    const file = fileWith(sound);
    const { stdout } = await wsctl(["load", file, "-q", "--json", "--workers", "1"]);
    const { run, thresholds } = JSON.parse(stdout) as RunResult;
    expect(run.scenario).toBe(file);
    expect(thresholds).toMatchObject([{ metric: "ws_connecting", place: `${file}:8:33` }]);
  });
});

describe("in a job of GitHub Actions", () => {
  test("failed thresholds are annotations on stdout, or beside a document on stderr", async () => {
    workers.script = good;
    const env = { GITHUB_ACTIONS: "true" };
    const annotation =
      /^::error title=wsctl%3A threshold failed::ws_sessions: count>=10: 5 \(5 under\)$/m;
    const text = await load(fails, { env });
    expect([text.code, text.stdout]).toEqual([99, expect.stringMatching(annotation) as string]);
    const json = await load([...fails, "--json"], { env });
    expect(json.stderr).toMatch(annotation);
    expect(json.stdout).toMatch(/^\{.*\}\n$/);
    const elsewhere = await load(fails);
    expect(elsewhere.stdout + elsewhere.stderr).not.toContain("::error");
  });

  test("nothing else that is written is obeyed, and a document stays one", async () => {
    const says = "::add-mask::x";
    workers.script = (worker, message) => {
      if (message.type === "start") worker.say({ type: "log", line: says });
      good(worker, message);
    };
    const env = { GITHUB_ACTIONS: "true" };
    const args = ["load", "ws://127.0.0.1:1/", "-r", "0", "-d", "1s", "--workers", "1", ...fails];
    const text = await wsctl(args, { env });
    for (const stream of [text.stdout, text.stderr]) {
      const stops = [...stream.matchAll(/^::stop-commands::([\w-]{36})$/gm)].map(
        ([, word]) => word!,
      );
      expect(new Set(stops).size).toBe(2);
      const outside = stops.reduce((rest, word) => {
        const [from, to] = [
          rest.indexOf(`::stop-commands::${word}`),
          rest.indexOf(`::${word}::\n`),
        ];
        expect(to).toBeGreaterThan(from);
        return rest.slice(0, from) + rest.slice(to + word.length + 5);
      }, stream);
      expect(outside).toMatch(/^(::error .*\n)*$/);
    }
    expect(text.stderr).toContain(says);
    const json = await wsctl([...args, "--json"], { env });
    expect(json.stdout).toMatch(/^\{.*\}\n$/);
    expect(json.stderr).toMatch(/^::stop-commands::/);
    const elsewhere = await wsctl(args);
    expect(elsewhere.stdout + elsewhere.stderr).not.toContain("::stop-commands");
  });

  test("a threshold of a file points into it", async () => {
    workers.script = users;
    const file = fileWith(sound.replace("p(95)<1h", "p(95)<1us"));
    const env = { GITHUB_ACTIONS: "true" };
    const { code, stdout } = await wsctl(["load", file, "-q", "--workers", "1"], { env });
    expect(code).toBe(99);
    expect(stdout).toContain(`::error file=${file},line=8,col=33,`);
  });

  test("mistakes in a scenario point into it, and nothing runs", async () => {
    const file = fileWith("config: { target: 5 }\nflow: []\n");
    const { code, stdout } = await wsctl(["load", file], { env: { GITHUB_ACTIONS: "true" } });
    expect(code).toBe(2);
    expect(stdout).toMatch(new RegExp(`^::error file=${file},line=1,col=19,`, "m"));
  });

  test("the summary of the step is added to", async () => {
    workers.script = good;
    const summary = path.join(newFolder(), "summary.md");
    writeFileSync(summary, "before\n");
    expect((await load(fails, { env: { GITHUB_STEP_SUMMARY: summary } })).code).toBe(99);
    expect(readFileSync(summary, "utf8")).toMatch(/^before\n## [^]*`ws_sessions: count>=10`/);
  });

  test("a summary that cannot be written is a warning", async () => {
    workers.script = good;
    const { code, stderr } = await load([], { env: { GITHUB_STEP_SUMMARY: "/none/summary" } });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^warning: .*ENOENT/) as string]);
  });
});
