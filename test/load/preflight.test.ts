/** Shows that what this machine cannot do is said before anything is opened, with the remedy. */
import { describe, expect, test } from "vitest";
import { localAddresses } from "../../src/base/local-addresses.js";
import { WsctlError } from "../../src/base/errors.js";
import type { PortUse } from "../../src/load/local-ports.js";
import { preflight, readLimits, type Demand, type Limits } from "../../src/load/preflight.js";

const one: PortUse = { localAddresses: [], destinations: [["127.0.0.1:8080"]] };
const from = (...addresses: string[]): PortUse => ({ ...one, localAddresses: addresses });
const range = 28_232;

const demand: Demand = {
  connections: 1000,
  workers: undefined,
  cores: 4,
  portUse: one,
  secure: false,
};
const ports = { range, held: new Map() };
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

  test("of connections that are left open without a word are counted too", () => {
    const wanted = { ...demand, workers: 1, connections: 500 };
    expect(preflight({ ...wanted, silenced: 1 }, limits).workers).toBe(1);
    const error = refusal({ ...wanted, connections: 801, silenced: 0.25 });
    expect(error.message).toMatch(/1.066 file descriptors/);
    expect(error.hint).toContain("--workers 2");
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
  const holding = (count: number, timeWait: number, source = "127.0.0.1:8080") => ({
    ...wide,
    ports: { range, held: new Map([[source, { count, timeWait }]]) },
  });
  const to = (...destinations: string[]): PortUse => ({
    ...one,
    destinations: destinations.map((at) => [at]),
  });
  const two = to("127.0.0.1:8080", "127.0.0.1:8081");

  test.each<[string, Partial<Demand>, Partial<Limits>]>([
    ["to the very last", { connections: range }, wide],
    ["less those that are held", { connections: 28_132 }, holding(100, 40)],
    [
      "of the destination that most targets share",
      {
        connections: 37_642,
        portUse: to("10.0.0.1:80", "10.0.0.1:80", "10.0.0.1:80", "10.0.0.2:80"),
      },
      wide,
    ],
    [
      "of localhost and its address, which are one",
      {
        connections: range,
        portUse: { ...one, destinations: [["127.0.0.1:80", "[::1]:80"], ["127.0.0.1:80"]] },
      },
      wide,
    ],
    [
      "beside those held of one destination of several",
      { connections: 2 * (range - 20_000), portUse: two },
      holding(20_000, 0),
    ],
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
      /120.000 connections of a destination.*27.732 are free for 127.0.0.1:8080; 500 of 28.232 are in use, 400 .*TIME_WAIT/,
    );
    expect(error.hint).toMatch(/TIME_WAIT to pass$/);
    const block = /--local-address (\S+?),/.exec(error.hint!)![1]!;
    const portUse = from(...localAddresses([block]));
    const cleared = preflight({ ...demand, connections: 120_000, portUse }, { ...limits, ...wide });
    expect(cleared.warnings).toEqual([]);
  });

  test("of a target elsewhere ask for addresses of this machine, not for loopback", () => {
    const portUse = { ...one, destinations: [["192.0.2.7:80"]] };
    const { hint } = refusal({ connections: 60_000, portUse }, wide);
    expect(hint).toMatch(/9 addresses of this machine.*--local-address.*ip addr add/);
    expect(hint).not.toContain("127.");
  });

  test("held to where nobody of the run goes do not count; to a name they warn, and no more", () => {
    const run = (portUse: PortUse, given: Partial<Limits>) =>
      preflight({ ...demand, portUse, connections: 2000 }, { ...limits, ...given }).warnings;
    expect(run(to("10.0.0.9:443"), holding(27_000, 0, "93.184.216.34:443"))).toEqual([]);
    const [warning] = run(to("example.com:443"), holding(27_000, 9, "example.com:443"));
    expect(warning?.message).toMatch(/may find none: .*27.000 ports are in use .*of any host, 9 /);
    const wanted = { connections: 2000, portUse: to("10.0.0.9:443") };
    expect(refusal(wanted, holding(27_000, 0, "10.0.0.9:443")).code).toBe("WSCTL_EPREFLIGHT");
  });

  test("held by others: the remedy names addresses that have theirs", () => {
    const wanted = { connections: 5000, portUse: to("10.0.0.1:80") };
    const { hint } = refusal(wanted, holding(27_000, 26_000, "10.0.0.1:80"));
    expect(hint).toMatch(/^leave from 1 other address of this machine/);
    const bound = refusal(
      { connections: 5000, portUse: from("127.0.0.1", "127.1.0.1") },
      holding(27_000, 0, "127.1.0.1"),
    );
    expect(bound.hint).toContain("--local-address 127.2.0.0/28");
  });

  test("a warning tells those held from those asked for", () => {
    const portUse = to("10.0.0.1:80");
    const given = { ...limits, ...holding(12_000, 7, "10.0.0.1:80") };
    const [warning] = preflight({ ...demand, connections: 5000, portUse }, given).warnings;
    expect(warning?.message).toMatch(
      /10\.0\.0\.1:80 gets 5.000, and 12.000 ports are in use, 7 of/,
    );
  });

  test("of the loopback of IPv6 ask for no address to be added", () => {
    const { hint } = refusal({ connections: 30_000, portUse: to("[::1]:80") }, wide);
    expect(hint).toMatch(/go to 127\.0\.0\.1.*--local-address 127\.0\.0\.0\/28/);
    expect(hint).not.toContain("ip addr add");
    const both = { ...one, destinations: [["127.0.0.1:80", "[::1]:80"]] };
    const other = refusal({ connections: 30_000, portUse: both }, wide);
    expect(other.hint).toMatch(/^leave from several addresses: --local-address 127/);
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
