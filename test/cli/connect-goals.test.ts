/** Shows when what was asked for has come, and what a session without a person comes to. */
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { Goals, type GoalFlags } from "../../src/cli/pipe/goals.js";
import { outcomeOf, type Course } from "../../src/cli/pipe/outcome.js";
import { Opcode } from "../../src/frame/opcode.js";
import { MessageView } from "../../src/message/view.js";
import type { SessionEnd } from "../../src/session/session-events.js";

function text(data: string): MessageView {
  return new MessageView(Opcode.text, Buffer.from(data));
}

/** Goals that have seen those texts. */
function after(flags: GoalFlags, ...seen: readonly string[]): Goals {
  const goals = new Goals(flags);
  for (const one of seen) goals.see(text(one), true);
  return goals;
}

describe("goals", () => {
  test("none are met at once and never over", () => {
    const goals = after({}, "a");
    expect([goals.any, goals.isMet, goals.isOver]).toEqual([false, true, false]);
  });

  test("--expect wants every match, in any order", () => {
    const flags = { expect: ["a", "b"] };
    expect(after(flags, "b").missing).toEqual(["--expect a"]);
    expect(after(flags, "b", "x", "a").isComplete).toBe(true);
    expect(after(flags, "ab").isComplete).toBe(true);
  });

  test("--until wants one, and ends whatever else was asked for", () => {
    const goals = after({ until: ["z", "y"], expect: ["a"] }, "y");
    expect([goals.isOver, goals.isMet]).toEqual([true, false]);
    expect(goals.missing).toEqual(["--expect a"]);
  });

  test("--count counts messages, and no control frames", () => {
    const goals = after({ count: 2, expect: ["opcode:ping"] }, "a");
    goals.see(new MessageView(Opcode.ping, Buffer.alloc(0)), false);
    expect(goals.isOver).toBe(false);
    expect(goals.missing).toEqual(["--count 2: 1 came"]);
    goals.see(text("b"), true);
    expect([goals.isOver, goals.isMet]).toEqual([true, true]);
  });

  test("a match that cannot be read is a mistake in usage", () => {
    expect(() => new Goals({ expect: ["$.a =="] })).toThrow(
      expect.objectContaining({ code: "WSCTL_EUSAGE" }),
    );
  });
});

const closed: SessionEnd = { code: 1000, reason: "", by: "us", clean: true, error: undefined };
const cut: SessionEnd = {
  ...closed,
  code: 1006,
  by: undefined,
  clean: false,
  error: new WsctlError("WSCTL_ELOST", "the server hung up", { where: ["somewhere"] }),
};

function codeOf(course: Partial<Course>): [number, string | undefined] {
  const usual = { why: undefined, end: closed, goals: after({}), wait: 1000, lost: 0 };
  const { exitCode, report } = outcomeOf({ ...usual, ...course });
  return [exitCode, report?.code];
}

describe("an outcome", () => {
  test.each<[string, Partial<Course>, number, string | undefined]>([
    ["silence after all was said", { why: "silence" }, 0, undefined],
    ["the server closing with 1000", { end: { ...closed, by: "them" } }, 0, undefined],
    [
      "the server closing without a code",
      { end: { ...closed, by: "them", code: 1005 } },
      0,
      undefined,
    ],
    [
      "the server closing with 1011",
      { end: { ...closed, by: "them", code: 1011 } },
      5,
      "WSCTL_ELOST",
    ],
    [
      "the server closing with 4000",
      { end: { ...closed, by: "them", code: 4000 } },
      5,
      "WSCTL_ELOST",
    ],
    ["a cut", { end: cut }, 5, "WSCTL_ELOST"],
    ["messages lost on the way", { lost: 3, end: { ...closed, by: "them" } }, 5, "WSCTL_ELOST"],
    ["a goal that was met", { why: "met", goals: after({ count: 1 }, "a") }, 0, undefined],
    ["a goal met before a cut", { end: cut, goals: after({ count: 1 }, "a") }, 0, undefined],
    [
      "a goal not met in time",
      { why: "timeout", goals: after({ expect: ["a"] }) },
      7,
      "WSCTL_EWAIT",
    ],
    ["a close before the goal", { goals: after({ expect: ["a"] }) }, 6, "WSCTL_EEXPECT"],
    ["a cut before the goal", { end: cut, goals: after({ until: ["a"] }) }, 6, "WSCTL_EEXPECT"],
    [
      "an end before what was expected",
      { why: "met", goals: after({ until: ["b"], expect: ["a"] }, "b") },
      6,
      "WSCTL_EEXPECT",
    ],
  ])("%s", (_what, course, exitCode, errorCode) => {
    expect(codeOf(course)).toEqual([exitCode, errorCode]);
  });

  test("tells what the server said, made harmless", () => {
    const end: SessionEnd = { ...closed, by: "them", code: 1008, reason: "go\x1b[2J away" };
    const { report } = outcomeOf({ why: undefined, end, goals: after({}), wait: 1, lost: 0 });
    expect(report?.where?.join()).toContain("1008 (Policy Violation");
    expect(report?.where?.join()).toContain("␛[2J away");
  });
});
