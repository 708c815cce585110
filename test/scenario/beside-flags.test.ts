/** Shows what scenario files say beside flags of the command line, and what new ones say of theirs. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isScenarioFile } from "../../src/cli/scenario-file.js";
import { wsctl } from "../cli/fake-host.js";
import { fileWith, newFolder, sound } from "../cli/scenario-files.js";

describe("flags that take the shape of the load away", () => {
  const flags = ["-c", "20", "-d", "4s", "--print-scenario"];

  test("one mistake tells of all thresholds that ask about its stages", async () => {
    const { code, stderr } = await wsctl(["load", "scenarios/spike.yaml", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: 2 mistakes/);
    expect(stderr).toContain(
      "5 thresholds ask about the stages calm, spike, aftermath, and flags took the stages of the file away",
    );
    expect(stderr).toContain("flags put a population in the place of arrivals");
    expect(stderr).toMatch(/leave -c, -d and --stage out/);
  });

  test("an event that is too late then says how long the run must be", async () => {
    const { code, stderr } = await wsctl(["load", "scenarios/reconnect-resume.yaml", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/after the end: .*4\.00 s/);
    expect(stderr).toMatch(/give -d \(or the stages\) more than 1m 00s/);
  });

  test.each(["ramp-to-limit", "soak", "ci-gate", "chat-presence"])(
    "%s takes them",
    async (name) => {
      const { code, stdout } = await wsctl(["load", `scenarios/${name}.yaml`, ...flags]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/connections: 20/);
    },
  );
});

test("a path that exists is the file, whatever it is called", async () => {
  const file = fileWith(sound, "scen.txt");
  const { code, stdout } = await wsctl(["load", file, "--print-scenario"]);
  expect(code).toBe(0);
  expect(stdout).toContain("name: chat");
  expect(isScenarioFile(path.join(newFolder(), "scen.txt"))).toBe(false);
  expect(isScenarioFile("example.test:8080")).toBe(false);
});

describe("init refuses a flag that its file would not speak of", () => {
  test.each([
    [
      ["--traffic", "idle", "--rate", "5"],
      /--rate: users of idle send nothing.*\n.*requests, echo/,
    ],
    [["--traffic", "listen", "--rate", "5"], /--rate: users of listen send nothing/],
    [["--shape", "ramp", "--arrival-rate", "5"], /--arrival-rate: with the shape ramp nobody/],
    [["--arrival-rate", "5"], /--arrival-rate: with the shape ramp nobody/],
  ])("%j", async (flags, words) => {
    const { code, stdout, stderr } = await wsctl(["scenario", "init", "-", "--yes", ...flags]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(words);
  });

  test("and of a gate that is none it speaks as of a gate", async () => {
    const { code, stderr } = await wsctl(["scenario", "init", "-", "--yes", "--gate", "p99<5"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--gate 'ws_msg_rtt: p(99)<200'");
    expect(stderr).not.toContain("--threshold");
  });
});
