/** Shows which ports of a table of sockets are held for a run, and which are not. */
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { localPorts, portUseOf, type PortUse } from "../../src/load/local-ports.js";

const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, "0");
const address = (last: number): string => {
  const bytes = [127, 0, 0, last].map((byte) => hex(byte).slice(2));
  return (endianness() === "LE" ? bytes.toReversed() : bytes).join("");
};
const established = "01";
const timeWait = "06";
const listening = "0A";

type Row = readonly [from: number, port: number, to: number, state: string];

/** A table as /proc/net/tcp has it, heading and all. */
function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ([from, port, to, state], index) =>
      `${String(index).padStart(4)}: ${address(from)}:${hex(port)} ${address(1)}:${hex(to)} ${state} 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 100 0 0 10 0\n`,
  );
  return `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n${lines.join("")}`;
}

const rows: readonly Row[] = [
  [1, 40_000, 8080, established],
  [1, 40_001, 8080, timeWait],
  [1, 40_002, 9090, timeWait],
  [2, 40_003, 8080, established],
  // The other end of one of them, a server that listens within the range, and a port outside of it.
  [1, 8080, 40_000, established],
  [1, 40_009, 0, listening],
  [1, 39_999, 8080, established],
];

const free = (...ports: number[]): PortUse => ({
  localAddresses: [],
  destinations: ports.map((port) => [`127.0.0.1:${port}`]),
});

test.each<[string, PortUse, number, number]>([
  ["by destination, whatever the local address", free(8080), 3, 1],
  ["of another destination", free(9090), 1, 1],
  ["of the fullest of several", free(9090, 8080), 3, 1],
  ["of a destination that nobody goes to", free(7070), 0, 0],
  [
    "by local address, whatever the destination",
    { ...free(7070), localAddresses: ["127.0.0.1"] },
    3,
    2,
  ],
  ["of another local address", { ...free(7070), localAddresses: ["127.0.0.2"] }, 1, 0],
  [
    "of the fullest local address",
    { ...free(7070), localAddresses: ["127.0.0.3", "127.0.0.2", "127.0.0.1", "::1"] },
    3,
    2,
  ],
])("ports are held %s", (_what, use, held, waiting) => {
  const found = localPorts(40_000, 40_099, table(rows), use);
  expect(found.range).toBe(100);
  const counts = [...found.held.values()].toSorted((a, b) => b.count - a.count);
  expect(counts[0] ?? { count: 0, timeWait: 0 }).toEqual({ count: held, timeWait: waiting });
});

/** Rows between any addresses, written as the machine's words. */
function between(to: string, toPort: number, count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `  ${i}: ${words([10, 0, 0, 5])}:${hex(40_000 + i)} ${to}:${hex(toPort)} 01 0:0\n`,
  ).join("");
}
function words(bytes: readonly number[]): string {
  const buffer = Buffer.from(bytes);
  return (endianness() === "LE" ? buffer.swap32() : buffer).toString("hex").toUpperCase();
}
const six = (...tail: number[]) => [...Array.from({ length: 16 - tail.length }, () => 0), ...tail];
const count = (tables: string, ...destinations: string[]) => {
  const use = { localAddresses: [], destinations: destinations.map((one) => [one]) };
  const { held } = localPorts(40_000, 40_099, tables, use);
  return destinations.map((one) => held.get(one)?.count ?? 0);
};

test("ports held to another address of the same port are not held", () => {
  const tables =
    between(words([93, 184, 216, 34]), 443, 90) + between(words([10, 0, 0, 9]), 443, 7);
  expect(count(tables, "10.0.0.9:443", "10.0.0.10:443", "93.184.216.34:443")).toEqual([7, 0, 90]);
});

test("of a name the port alone is known: what goes there may be its own", () => {
  const tables = between(words([93, 184, 216, 34]), 443, 90);
  expect(count(tables, "example.com:443", "example.org:443", "example.com:80")).toEqual([
    90, 90, 0,
  ]);
});

test("addresses of IPv6 are found, and those of IPv4 in its guise", () => {
  const tables =
    between(words(six(1)), 80, 5) +
    between(words([0xfd, ...six(9).slice(1)]), 80, 6) +
    between(words(six(0xff, 0xff, 127, 0, 0, 1)), 80, 8);
  expect(count(tables, "[::1]:80", "[fd00::9]:80", "127.0.0.1:80", "[::2]:80")).toEqual([
    5, 6, 8, 0,
  ]);
  const use = { localAddresses: ["fd00::9"], destinations: [] };
  const bound = `  0: ${words([0xfd, ...six(9).slice(1)])}:${hex(40_000)} ${words(six(1))}:0050 01 0:0\n`;
  expect(localPorts(40_000, 40_099, bound, use).held.get("fd00::9")?.count).toBe(1);
});

const connection: Parameters<typeof portUseOf>[0]["connection"] = {
  headers: [],
  subprotocols: [],
  origin: undefined,
  handshakeTimeout: 1,
  maxPayload: 1,
  family: undefined,
  localAddress: [],
  tls: {},
};

test.each<[string, string[], Partial<typeof connection>, string[][]]>([
  [
    "each target has its own, in order",
    ["ws://10.0.0.1/a", "ws://10.0.0.2/", "wss://10.0.0.1/b", "ws+unix:/x.sock:/"],
    {},
    [["10.0.0.1:80"], ["10.0.0.2:80"], ["10.0.0.1:443"], []],
  ],
  [
    "localhost is both loopback addresses",
    ["ws://localhost/", "ws://127.0.0.1/", "ws://[::1]/", "ws://[::ffff:127.0.0.1]/"],
    {},
    [["127.0.0.1:80", "[::1]:80"], ["127.0.0.1:80"], ["[::1]:80"], ["127.0.0.1:80"]],
  ],
  ["localhost of one family is one", ["ws://localhost/"], { family: 6 }, [["[::1]:80"]]],
  ["a name stays one", ["ws://Example.com/"], {}, [["example.com:80"]]],
  [
    "--connect-to leads elsewhere",
    ["ws://a.test/", "ws://b.test/"],
    { route: { connectTo: ["a.test:80:10.0.0.1:8080", "::localhost:8081"] } },
    [["10.0.0.1:8080"], ["127.0.0.1:8081", "[::1]:8081"]],
  ],
  [
    "--resolve makes a name an address, of the family that is wanted",
    ["ws://a.test/", "ws://a.test:81/"],
    { family: 6, route: { resolve: ["a.test:80:10.0.0.1,[fd00:0::9]"] } },
    [["[fd00::9]:80"], ["a.test:81"]],
  ],
  [
    "a proxy is where connections go",
    ["ws://a.test/", "ws://b.test/"],
    { route: { proxies: ["http://10.0.0.7:3128"], connectTo: ["::10.0.0.1:"] } },
    [["10.0.0.7:3128"], ["10.0.0.1:80"]],
  ],
])("destinations: %s", async (_what, targets, more, expected) => {
  const use = await portUseOf({ targets, connection: { ...connection, ...more } });
  expect(use.destinations).toEqual(expected);
});

test("a port that many connections share is held once, in TIME_WAIT only if all are", () => {
  const use = { ...free(1), localAddresses: ["127.0.0.1"] };
  const shared = Array.from({ length: 50 }, (_, i): Row => [1, 40_007, 50_000 + i, timeWait]);
  expect(localPorts(40_000, 40_099, table(shared), use).held.get("127.0.0.1")).toEqual({
    count: 1,
    timeWait: 1,
  });
  const mixed = table([[1, 40_007, 1, established], ...shared]);
  expect(localPorts(40_000, 40_099, mixed, use).held.get("127.0.0.1")).toEqual({
    count: 1,
    timeWait: 0,
  });
});

test("nothing is known of a system without such tables", () => {
  expect(localPorts(40_000, 40_099, "", free(8080))).toEqual({ range: 100, held: new Map() });
});
