/** Shows that every way to end has its exit code, and that Ctrl-C is heard once, then obeyed. */
import { describe, expect, test } from "vitest";
import { errorCodes, type ErrorCode } from "../../src/base/errors.js";
import { ExitCode, exitCodeOf } from "../../src/cli/exit-codes.js";
import { Interrupt } from "../../src/cli/interrupt.js";
import { fakeHost } from "./fake-host.js";

const contract: Readonly<Record<ErrorCode, number>> = {
  WSCTL_EUSAGE: 2,
  WSCTL_EDNS: 3,
  WSCTL_EREFUSED: 3,
  WSCTL_ETCP: 3,
  WSCTL_ETLS: 3,
  WSCTL_ETIMEOUT: 3,
  WSCTL_ECLOSED: 3,
  WSCTL_EUPGRADE: 4,
  WSCTL_EHANDSHAKE: 4,
  WSCTL_EPROTOCOL: 5,
  WSCTL_ELOST: 5,
  WSCTL_EEXPECT: 6,
  WSCTL_EWAIT: 7,
  WSCTL_EPREFLIGHT: 2,
  WSCTL_ELISTEN: 2,
  WSCTL_EWORKER: 98,
  WSCTL_EDISK: 1,
  WSCTL_EABORTED: 130,
};

test.each(Object.keys(errorCodes))("%s has the exit code that scripts rely on", (code) => {
  expect(exitCodeOf(code)).toBe(contract[code as ErrorCode]);
});

test.each(["", "ENOENT", "WSCTL_ENEW", "toString", "__proto__", "constructor"])(
  "a code that is not ours, such as %j, is a failure of wsctl",
  (code) => {
    expect(exitCodeOf(code)).toBe(1);
  },
);

test("the numbers are those of the contract, and none means two things", () => {
  expect(ExitCode).toMatchObject({
    ok: 0,
    failed: 1,
    usage: 2,
    connect: 3,
    upgrade: 4,
    abnormal: 5,
    invalid: 98,
    interrupted: 130,
    terminated: 143,
  });
  const numbers = Object.values(ExitCode);
  expect(new Set(numbers).size).toBe(numbers.length);
});

describe("an interrupt", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s stops first and aborts second, and ends with %d", (signal, code) => {
    const host = fakeHost([]);
    let notices = 0;
    const interrupt = new Interrupt(host, () => notices++);
    expect([interrupt.stop.aborted, interrupt.exitCode]).toEqual([false, undefined]);
    host.signal(signal);
    expect([interrupt.stop.aborted, interrupt.abort.aborted, notices]).toEqual([true, false, 1]);
    host.signal("SIGINT");
    host.signal("SIGTERM");
    expect([interrupt.abort.aborted, notices, interrupt.exitCode]).toEqual([true, 1, code]);
  });

  test("gives the signals back", () => {
    const host = fakeHost([]);
    const interrupt = new Interrupt(host, () => {});
    expect(host.listeners()).toBe(1);
    interrupt.dispose();
    expect(host.listeners()).toBe(0);
  });
});
