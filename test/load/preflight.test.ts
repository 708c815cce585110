/** Shows that what this machine cannot do is said before anything is opened, with the remedy. */
import { describe, expect, test } from "vitest";
import { localAddresses } from "../../src/base/local-addresses.js";
import { WsctlError } from "../../src/base/errors.js";
import type { PortUse } from "../../src/load/local-ports.js";
import { preflight, readLimits, type Demand, type Limits } from "../../src/load/preflight.js";

const one: PortUse = { localAddresses: [], destinations: ["127.0.0.1:8080"] };
const from = (...addresses: string[]): PortUse => ({ ...one, localAddresses: addresses });
const range = 28_232;

const demand: Demand = {
  connections: 1000,
  workers: undefined,
  cores: 4,
  portUse: one,
  secure: false,
};
const ports = { range, held: 0, timeWait: 0 };
const limits: Limits = { fds: 1064, ports, memory: 2 ** 33 };
const unknown: Limits = { fds: undefined, ports: undefined, memory: undefined };

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
    expect(preflight({ ...demand, ...wanted }, { ...limits, ...given }).workers).toBe(workers);
  });

  test("is at least one: none would measure nothing", () => {
    expect(refusal({ workers: 0 }).code).toBe("WSCTL_EUSAGE");
    expect(refusal({ workers: 0 }, unknown).code).toBe("WSCTL_EUSAGE");
  });
});

describe("file descriptors", () => {
  test("suffice to the very last", () => {
    expect(preflight({ ...demand, workers: 1 }, limits).workers).toBe(1);
  });

  test("are missing for one connection more, and both remedies fit", () => {
    const error = refusal({ workers: 1, connections: 1001 });
    expect(error.code).toBe("WSCTL_EPREFLIGHT");
    expect(error.message).toMatch(/1.065 file descriptors.*1.064/);
    expect(error.hint).toContain("ulimit -n 1065");
    expect(error.hint).toContain("--workers 2");
    const raised = { ...limits, fds: 1065 };
    expect(preflight({ ...demand, workers: 1, connections: 1001 }, raised).workers).toBe(1);
    expect(preflight({ ...demand, workers: 2, connections: 1001 }, limits).workers).toBe(2);
  });

  test("of the embedded server, one process, are counted too", () => {
    const wanted = { ...demand, workers: 2, connections: 1000, embedded: true };
    expect(preflight(wanted, limits).workers).toBe(2);
    const error = refusal({ ...wanted, connections: 1001 });
    expect(error.message).toMatch(/embedded server.*1.065 file descriptors/);
    expect(error.hint).toContain("ulimit -n 1065");
  });

  test("without a limit suffice for anything", () => {
    const endless = { ...limits, fds: Infinity, ports: undefined };
    expect(preflight({ ...demand, workers: 1, connections: 300_000 }, endless).workers).toBe(1);
  });
});

describe("local ports", () => {
  const wide = { fds: 1e6 };
  const holding = (held: number, timeWait: number) => ({
    ...wide,
    ports: { range, held, timeWait },
  });
  const two = { ...one, destinations: ["127.0.0.1:8080", "127.0.0.1:8081"] };

  test.each<[string, Partial<Demand>, Partial<Limits>]>([
    ["to the very last", { connections: range }, wide],
    ["less those that are held", { connections: 28_132 }, holding(100, 40)],
    ["of each destination", { connections: 2 * range, portUse: two }, wide],
    [
      "of each local address",
      { connections: 3 * range, portUse: from("127.0.0.1", "127.0.0.2", "127.0.0.3") },
      wide,
    ],
    [
      "of a local address for all destinations together, as it is bound before it connects",
      { connections: range, portUse: { ...two, localAddresses: ["127.0.0.1"] } },
      wide,
    ],
  ])("suffice %s, and not for one more", (_what, wanted, given) => {
    expect(preflight({ ...demand, ...wanted }, { ...limits, ...given }).workers).toBeGreaterThan(0);
    const more = { ...wanted, connections: wanted.connections! + 1 };
    expect(refusal(more, given).code).toBe("WSCTL_EPREFLIGHT");
  });

  test("are not needed for a socket file", () => {
    const portUse = { localAddresses: [], destinations: [] };
    const { warnings } = preflight(
      { ...demand, portUse, connections: 100_000 },
      { ...limits, ...wide },
    );
    expect(warnings).toEqual([]);
  });

  test("that are missing are told with those in use, and the remedy is enough", () => {
    const error = refusal({ connections: 120_000 }, holding(500, 400));
    expect(error.message).toMatch(
      /120.000 connections of a destination.*27.732 are free; 500 of 28.232 are in use, 400 .*TIME_WAIT/,
    );
    expect(error.hint).toMatch(/TIME_WAIT to pass$/);
    const block = /--local-address (\S+?),/.exec(error.hint!)![1]!;
    const portUse = from(...localAddresses([block]));
    const cleared = preflight({ ...demand, connections: 120_000, portUse }, { ...limits, ...wide });
    expect(cleared.warnings).toEqual([]);
  });

  test("of a target elsewhere ask for addresses of this machine, not for loopback", () => {
    const portUse = { ...one, destinations: ["192.0.2.7:80"] };
    const { hint } = refusal({ connections: 60_000, portUse }, wide);
    expect(hint).toMatch(/9 addresses of this machine.*--local-address.*ip addr add/);
    expect(hint).not.toContain("127.");
  });

  test.each<[string, PortUse, number]>([
    ["half the ports of a destination", one, 14_116],
    ["a quarter of those of a local address", from("127.0.0.1"), 7058],
    ["a quarter of those of each local address", from("127.0.0.1", "127.0.0.2"), 14_116],
  ])("beyond %s are found slowly: a warning, with a remedy", (_what, portUse, quick) => {
    const at = (connections: number) =>
      preflight({ ...demand, connections, portUse }, { ...limits, ...wide }).warnings;
    expect(at(quick)).toEqual([]);
    expect(at(quick + 1)).toMatchObject([
      {
        message: expect.stringContaining("searches long"),
        hint: expect.stringContaining("--local-address 127.0.0.0/28"),
      },
    ]);
  });
});

describe("memory", () => {
  test.each([
    ["plain", false, 16 * 1024],
    ["TLS", true, 64 * 1024],
  ])("of %s connections suffices to the byte", (_what, secure, each) => {
    const memory = 1000 * each;
    expect(preflight({ ...demand, secure }, { ...limits, memory }).workers).toBe(3);
    const error = refusal({ secure }, { memory: memory - 1 });
    expect(error.code).toBe("WSCTL_EPREFLIGHT");
    expect(error.message).toMatch(/memory.*are free/);
    expect(error.hint).toContain("fewer connections");
  });
});

test("this machine's limits can be read, and a small run passes them", async () => {
  const own = await readLimits(one);
  for (const limit of [own.fds, own.ports?.range, own.memory]) {
    if (limit !== undefined) expect(limit).toBeGreaterThan(0);
  }
  expect(preflight({ ...demand, connections: 1 }, own).workers).toBe(1);
});
