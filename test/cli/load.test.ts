/** Shows what `wsctl load` prints, and with which exit code it ends, for each way a run can end. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { DialFailure } from "../../src/load/dialler.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { doneWith, openedOf, snapshotOf, type Script } from "../cluster/fake-workers.js";
import { wsctl } from "./fake-host.js";

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

const args = ["load", "ws://127.0.0.1:1/", "-q", "-r", "0", "-d", "1s", "--workers", "2"];

const failureOf = (code: string): DialFailure => ({
  code,
  message: `it failed with ${code}`,
  hint: undefined,
  where: [],
});

/** Opens what it should, and is done when told to. */
const good: Script = (worker, { type }) => {
  const counters = { ws_sessions: 5 };
  if (type === "plan") {
    worker.say(openedOf(5));
    return;
  }
  worker.say(snapshotOf(worker.index, 1, { counters }));
  worker.say(doneWith(counters));
};

/** Opens nothing. */
const refused =
  (code: string): Script =>
  (worker, { type }) => {
    if (type === "plan") worker.say(openedOf(0, { failure: failureOf(code) }));
    else worker.say(doneWith({}, { openAtEnd: 0, trafficFor: 0 }));
  };

test("a good run prints its report, and ends with 0", async () => {
  workers.script = good;
  const { code, stdout, stderr } = await wsctl(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/verdict +VALID\n/);
});

describe("a run of which nothing opened", () => {
  test.each([
    ["WSCTL_EREFUSED", 3],
    ["WSCTL_EUPGRADE", 4],
  ])("ends with the exit code of its cause: %s with %d", async (cause, exitCode) => {
    workers.script = refused(cause);
    const text = await wsctl(args);
    expect([text.code, text.stdout]).toEqual([exitCode, ""]);
    expect(text.stderr).toMatch(new RegExp(`^error: it failed .*\\[${cause}\\]\n$`));
    const json = await wsctl([...args, "--json"]);
    expect([json.code, json.stderr]).toEqual([exitCode, text.stderr]);
    const { validity } = JSON.parse(json.stdout) as RunResult;
    expect(validity.ok).toBe(false);
    expect(validity.reasons.map((reason) => reason.code)).toEqual(["nothing-opened"]);
  });
});

describe("a worker that fails", () => {
  /** The second fails when it is told to start; what the first measured is there. */
  const failing =
    (code: string): Script =>
    (worker, message) => {
      if (worker.index === 1 && message.type === "start") {
        worker.say(snapshotOf(1, 1, { counters: { ws_sessions: 5 } }));
        worker.say({ type: "failed", failure: failureOf(code) });
      } else {
        good(worker, message);
      }
    };

  test("after something was measured leaves the report, INVALID, beside the cause", async () => {
    workers.script = failing("WSCTL_EWORKER");
    const { code, stdout, stderr } = await wsctl(args);
    expect(code).toBe(98);
    expect(stdout).toContain("10 opened");
    expect(stdout).toMatch(/INVALID +worker-lost: worker 2 failed/);
    expect(stderr).toMatch(/^error: it failed with WSCTL_EWORKER .*\[WSCTL_EWORKER\]\n$/);
  });

  test("before anything was leaves only the cause", async () => {
    workers.script = (worker, message) => {
      if (message.type === "plan") {
        worker.say({ type: "failed", failure: failureOf("WSCTL_EWORKER") });
      }
    };
    const { code, stdout, stderr } = await wsctl(args);
    expect({ code, stdout }).toEqual({ code: 98, stdout: "" });
    expect(stderr).toContain("[WSCTL_EWORKER]");
  });

  test("over the flags it was given makes a mistake in usage, and no run", async () => {
    workers.script = failing("WSCTL_EUSAGE");
    const { code, stdout, stderr } = await wsctl(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("[WSCTL_EUSAGE]");
  });
});

test.each([
  ["a closed loop", ["-c", "5"], /a closed loop sends as replies come/],
  ["listening", ["-r", "0"], /nothing is sent/],
])("--pacer is refused for %s: there is nothing to pace", async (_what, more, message) => {
  const { code, stdout, stderr } = await wsctl([
    "load",
    "ws://127.0.0.1:1/",
    "--pacer",
    "spin",
    ...more,
  ]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
});
