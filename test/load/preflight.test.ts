/** Shows that what this machine cannot do is said before anything is opened, with the remedy. */
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { preflight, readLimits, type Demand, type Limits } from "../../src/load/preflight.js";

const demand: Demand = {
  connections: 1000,
  workers: undefined,
  cores: 4,
  targets: 1,
  localAddresses: 0,
  secure: false,
};
const limits: Limits = { fds: 1064, ports: 28_232, timeWait: 0, memory: 2 ** 33 };
const unknown: Limits = { fds: undefined, ports: undefined, timeWait: 0, memory: undefined };

function refusal(wanted: Partial<Demand>, given: Partial<Limits> = {}): WsctlError {
  try {
    preflight({ ...demand, ...wanted }, { ...limits, ...given });
  } catch (error) {
    if (error instanceof WsctlError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("the number of workers", () => {
  test.each<[string, Partial<Demand>, Partial<Limits>, number]>([
    ["is cores less one", {}, {}, 3],
    ["is one on a single core", { cores: 1 }, {}, 1],
    ["is what the fd limit asks for, where that is more", { connections: 10_000 }, {}, 10],
    ["just fits", { connections: 3000, cores: 2 }, {}, 3],
    ["is one more for one connection more", { connections: 3001, cores: 2 }, {}, 4],
    ["is never more than connections", { connections: 2, cores: 64 }, {}, 2],
    ["is never more than places", { places: 2, cores: 64 }, {}, 2],
    ["is what those ask for that are open at once", { connections: 1e6, places: 1000 }, {}, 3],
    ["is what was asked for", { workers: 7 }, {}, 7],
    ["is what was asked for, but no worker is idle", { connections: 3, workers: 7 }, {}, 3],
    ["is not held up by what the system does not tell", { connections: 1e6 }, unknown, 3],
  ])("%s", (_what, wanted, given, workers) => {
    expect(preflight({ ...demand, ...wanted }, { ...limits, ...given })).toBe(workers);
  });

  test("is at least one: none would measure nothing", () => {
    expect(refusal({ workers: 0 }).code).toBe("WSCTL_EUSAGE");
    expect(refusal({ workers: 0 }, unknown).code).toBe("WSCTL_EUSAGE");
  });
});

describe("file descriptors", () => {
  test("suffice to the very last", () => {
    expect(preflight({ ...demand, workers: 1 }, limits)).toBe(1);
  });

  test("are missing for one connection more, and both remedies fit", () => {
    const error = refusal({ workers: 1, connections: 1001 });
    expect(error.code).toBe("WSCTL_EPREFLIGHT");
    expect(error.message).toMatch(/1.065 file descriptors.*1.064/);
    expect(error.hint).toContain("ulimit -n 1065");
    expect(error.hint).toContain("--workers 2");
    const raised = { ...limits, fds: 1065 };
    expect(preflight({ ...demand, workers: 1, connections: 1001 }, raised)).toBe(1);
    expect(preflight({ ...demand, workers: 2, connections: 1001 }, limits)).toBe(2);
  });

  test("of the embedded server, one process, are counted too", () => {
    const wanted = { ...demand, workers: 2, connections: 1000, embedded: true };
    expect(preflight(wanted, limits)).toBe(2);
    const error = refusal({ ...wanted, connections: 1001 });
    expect(error.message).toMatch(/embedded server.*1.065 file descriptors/);
    expect(error.hint).toContain("ulimit -n 1065");
  });

  test("without a limit suffice for anything", () => {
    const endless = { ...limits, fds: Infinity, ports: undefined };
    expect(preflight({ ...demand, workers: 1, connections: 300_000 }, endless)).toBe(1);
  });
});

describe("local ports", () => {
  const wide = { fds: 1e6 };

  test.each<[string, Partial<Demand>, Partial<Limits>]>([
    ["to the very last", { connections: 28_232 }, wide],
    ["less those in TIME_WAIT", { connections: 28_132 }, { ...wide, timeWait: 100 }],
    ["of each target", { connections: 56_464, targets: 2 }, wide],
    ["of each source address", { connections: 84_696, localAddresses: 3 }, wide],
  ])("suffice %s, and not for one more", (_what, wanted, given) => {
    expect(preflight({ ...demand, ...wanted }, { ...limits, ...given })).toBeGreaterThan(0);
    const more = { ...wanted, connections: wanted.connections! + 1 };
    expect(refusal(more, given).code).toBe("WSCTL_EPREFLIGHT");
  });

  test("that are missing are told with TIME_WAIT and the number of addresses that would do", () => {
    const error = refusal({ connections: 60_000 }, { ...wide, timeWait: 500 });
    expect(error.message).toMatch(/60.000 connections.*27.732 are free.*500 sockets.*TIME_WAIT/);
    const addresses = Number(/use (\d+) source addresses/.exec(error.hint!)![1]);
    expect(error.hint).toContain("--local-address");
    const with_ = { ...demand, connections: 60_000, localAddresses: addresses };
    expect(preflight(with_, { ...limits, ...wide, timeWait: 500 })).toBeGreaterThan(0);
    expect(
      refusal({ ...with_, localAddresses: addresses - 1 }, { ...wide, timeWait: 500 }),
    ).toBeDefined();
  });
});

describe("memory", () => {
  test.each([
    ["plain", false, 16 * 1024],
    ["TLS", true, 64 * 1024],
  ])("of %s connections suffices to the byte", (_what, secure, each) => {
    const memory = 1000 * each;
    expect(preflight({ ...demand, secure }, { ...limits, memory })).toBe(3);
    const error = refusal({ secure }, { memory: memory - 1 });
    expect(error.code).toBe("WSCTL_EPREFLIGHT");
    expect(error.message).toMatch(/memory.*are free/);
    expect(error.hint).toContain("fewer connections");
  });
});

test("this machine's limits can be read, and a small run passes them", async () => {
  const own = await readLimits();
  expect(own.timeWait).toBeGreaterThanOrEqual(0);
  for (const limit of [own.fds, own.ports, own.memory]) {
    if (limit !== undefined) expect(limit).toBeGreaterThan(0);
  }
  expect(preflight({ ...demand, connections: 1 }, own)).toBe(1);
});
