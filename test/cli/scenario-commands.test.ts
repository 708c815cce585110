/** Shows `wsctl scenario`: every mistake with its place, the schema, and new files that are sound. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { shapes } from "../../src/cli/starter/shapes.js";
import { traffics } from "../../src/cli/starter/traffics.js";
import { wsctl } from "./fake-host.js";
import { fileWith, newFolder, sound, wrong } from "./scenario-files.js";

describe("validate", () => {
  test("says of a sound file what it comes to", async () => {
    const file = fileWith(sound);
    expect(await wsctl(["scenario", "validate", file])).toEqual({
      code: 0,
      stderr: "",
      stdout: `✓ ${file}  1 scenario, 4 users at most, 3.00 s, 1 threshold\n`,
    });
  });

  test("tells every mistake of every file, each with line, column and what to do", async () => {
    const [bad, good] = [fileWith(wrong), fileWith(sound)];
    const { code, stdout, stderr } = await wsctl(["scenario", "validate", bad, good]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^✓ .*\n$/);
    expect(stderr).toMatch(/^error: 2 mistakes in .*\[WSCTL_EUSAGE\]$/m);
    expect(stderr).toContain(`${bad}:3:3: config has no key "conections"`);
    expect(stderr).toContain(`${bad}:7:9: flow[0] has no key "sned"`);
    expect(stderr).toMatch(/ {2}- sned: hello\n +\^\n +did you mean send\?/);
  });

  test("--json is one document about all files", async () => {
    const [bad, good, none] = [fileWith(wrong), fileWith(sound), path.join(newFolder(), "x.yaml")];
    const { code, stdout } = await wsctl(["scenario", "validate", "--json", bad, good, none]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    const unread = expect.stringMatching(/ENOENT/) as string;
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: "wsctl.validation/1",
      ok: false,
      files: [
        {
          file: bad,
          ok: false,
          mistakes: [
            { line: 3, column: 3 },
            { line: 7, column: 9, hint: "did you mean send?" },
          ],
        },
        { file: good, ok: true, mistakes: [] },
        { file: none, ok: false, mistakes: [{ line: null, column: null, message: unread }] },
      ],
    });
  });

  test("in GitHub Actions mistakes are annotations as well, and stdout stays one document", async () => {
    const bad = fileWith(wrong);
    const env = { GITHUB_ACTIONS: "true" };
    const plain = await wsctl(["scenario", "validate", bad], { env });
    const annotation = `::error file=${bad},line=3,col=3,title=wsctl%3A scenario::config has no key "conections"`;
    expect(plain.stdout).toContain(annotation);
    const json = await wsctl(["scenario", "validate", bad, "--json"], { env });
    expect(json.stdout).not.toContain("::error");
    expect(json.stderr).toContain(annotation);
  });

  test("variables may come from the command line", async () => {
    const file = fileWith(sound.replace("variables: { room: lobby, size: 5 }", ""));
    const { code, stderr } = await wsctl(["scenario", "validate", file]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/room/) as string]);
    expect(await wsctl(["scenario", "validate", file, "--var", "room=x"])).toMatchObject({
      code: 0,
    });
    const env = { WSCTL_VAR_room: "x" };
    expect(await wsctl(["scenario", "validate", file], { env })).toMatchObject({ code: 0 });
  });

  test.each([
    ["--var", "room", /has no value/],
    ["--var", "__proto__=x", /cannot be a variable/],
    ["--var", "=x", /cannot be a variable/],
  ])("%s %s is refused", async (flag, value, message) => {
    const { code, stderr } = await wsctl(["scenario", "validate", fileWith(sound), flag, value]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("a variable that the scenario does not know is refused, wherever it is set", async () => {
    const file = fileWith(sound);
    const flag = await wsctl(["scenario", "validate", file, "--var", "rom=x"]);
    expect(flag.code).toBe(2);
    expect(flag.stderr).toMatch(/--var: the scenario has no variable "rom"[^]*did you mean room\?/);
    const env = { WSCTL_VAR_rom: "x" };
    const variable = await wsctl(["scenario", "validate", file], { env });
    expect(variable.code).toBe(2);
    expect(variable.stderr).toMatch(/WSCTL_VAR_rom: the scenario has no variable "rom"/);
    // The flag is what counts, also where both say the same.
    const both = await wsctl(["scenario", "validate", file, "--var", "rom=x"], { env });
    expect(both.code).toBe(2);
    expect(both.stderr).toMatch(/--var: the scenario has no variable "rom"/);
  });

  test("one mistake of YAML is told once, where it was made", async () => {
    const file = fileWith(`${sound}      - send: "never closed\n`);
    const { code, stderr } = await wsctl(["scenario", "validate", file]);
    const line = sound.split("\n").length;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`:${line}:15: the quote that opens here is never closed .*\\n .*\\n +\\^\\n`),
    );
    expect(stderr.match(/yaml:\d+:\d+:/g)).toHaveLength(1);
  });

  test("what is most likely not meant is a warning, and no mistake", async () => {
    const file = fileWith(
      "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 1, duration: 1s }\nflow: [{ send: a }]\n",
    );
    const { code, stdout, stderr } = await wsctl(["scenario", "validate", file]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^✓ /)]);
    expect(stderr).toMatch(
      /^warning: .*:4:1: .*nothing in it waits.*\n {2}flow: .*\n {2}\^\nhint: /,
    );
    const env = { GITHUB_ACTIONS: "true" };
    const json = await wsctl(["scenario", "validate", file, "--json"], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      files: [{ ok: true, mistakes: [], warnings: [{ line: 4, column: 1 }] }],
    });
    expect(json.stderr).toContain(`::warning file=${file},line=4,col=1,title=wsctl%3A scenario::`);
  });

  test("files outside of the scenario's folder need to be allowed", async () => {
    const outside = fileWith("room\nlobby\n", "rooms.csv");
    const file = fileWith(
      `{ config: { target: "ws://127.0.0.1:1/", data: { rooms: "${outside}" }, load: { connections: 1, duration: 1s } }, flow: [{ send: "{{ rooms.room }}" }] }`,
    );
    const { code, stderr } = await wsctl(["scenario", "validate", file]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/outside.*[^]*--allow-path/) as string,
    ]);
    expect(await wsctl(["scenario", "validate", file, "--allow-path"])).toMatchObject({ code: 0 });
  });
});

test("schema prints a JSON Schema and nothing else", async () => {
  const { code, stdout, stderr } = await wsctl(["scenario", "schema"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    properties: { config: {}, scenarios: {}, flow: {} },
  });
});

test("without a command, help is no mistake", async () => {
  const { code, stdout, stderr } = await wsctl(["scenario"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe((await wsctl(["scenario", "--help"])).stdout);
});

test("an unknown command names the nearest, and where help is", async () => {
  expect((await wsctl(["scenario", "valdate"])).stderr).toMatch(/did you mean validate\?/);
  expect((await wsctl(["scenario", "init", "--frob"])).stderr).toMatch(
    /see `wsctl scenario init --help`/,
  );
});

describe("init", () => {
  const kinds = Object.keys(traffics).flatMap((traffic) =>
    Object.keys(shapes).map((shape) => [traffic, shape] as const),
  );

  test.each(kinds)("%s as %s is a sound scenario, with comments", async (traffic, shape) => {
    const file = path.join(newFolder(), "new.yaml");
    const flags = ["--traffic", traffic, "--shape", shape];
    const { code, stdout, stderr } = await wsctl(["scenario", "init", file, ...flags]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain(`✓ wrote ${file}`);
    expect(readFileSync(file, "utf8")).toMatch(/^# A load test of wsctl/);
    const checked = await wsctl(["scenario", "validate", file]);
    expect(checked).toMatchObject({ code: 0, stderr: "" });
  });

  test("never asks when stdin is no terminal, and says what the flags say", async () => {
    const { code, stdout } = await wsctl([
      "scenario",
      "init",
      "-",
      "--target",
      "wss://example.test/a?b=c",
      "--connections",
      "2k",
      "--duration",
      "10m",
      "--rate",
      "30/m",
      "--shape",
      "constant",
      "--gate",
      "ws_msg_rtt: p(99)<200ms",
      "--gate",
      "ws_msg_rtt: max<1s",
      "--gate",
      "ws_connecting{scenario:requests}: p(95)<1s",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("  target: wss://example.test/a?b=c\n");
    expect(stdout).toMatch(/connections: 2000 .*\n {4}duration: 10m\n/);
    expect(stdout).toContain("rate: 30/m");
    expect(stdout).toContain('    ws_msg_rtt: ["p(99)<200ms", "max<1s"]\n');
    expect(stdout).toContain('    "ws_connecting{scenario:requests}": ["p(95)<1s"]\n');
  });

  test("an empty gate is none", async () => {
    const { stdout } = await wsctl(["scenario", "init", "-", "--gate", ""]);
    expect(stdout).toContain("# thresholds:");
  });

  test("overwrites only when it is told to, and leaves the file alone otherwise", async () => {
    const file = fileWith("mine");
    const refused = await wsctl(["scenario", "init", file]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/is there already[^]*--force/);
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(await wsctl(["scenario", "init", file, "--force"])).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).not.toBe("mine");
  });

  test.each([
    [["--target", "gopher://a/"], /--target: .*not a WebSocket address/],
    [["--connections", "0"], /--connections: 0 connections is not in range/],
    [["--duration", "5"], /--duration: "5" is not a duration/],
    [["--rate", "fast"], /--rate: "fast" is not a rate/],
    [["--arrival-rate", "0"], /--arrival-rate: 0/],
    [["--gate", "p(99)<1"], /--gate: .*not a threshold/],
    [["--gate", "ws_msg_rt: p(99)<1"], /--gate: there is no metric "ws_msg_rt"/],
    [["--traffic", "chatter"], /--traffic: "chatter" is none of requests/],
  ])("%j is refused, and nothing is written", async (flags, message) => {
    const file = path.join(newFolder(), "new.yaml");
    const { code, stderr } = await wsctl(["scenario", "init", file, ...flags]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message) as string]);
    expect(existsSync(file)).toBe(false);
  });

  test("a folder that is not there is told before anything is asked", async () => {
    const file = path.join(newFolder(), "none", "new.yaml");
    expect(await wsctl(["scenario", "init", file])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no directory/) as string,
    });
  });

  test("what is not changed in the file is sound in any folder", async () => {
    const file = path.join(newFolder(), "with space.yaml");
    expect(await wsctl(["scenario", "init", file])).toMatchObject({ code: 0 });
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("\n", "\r\n"));
    expect(await wsctl(["scenario", "validate", file])).toMatchObject({ code: 0 });
  });
});
