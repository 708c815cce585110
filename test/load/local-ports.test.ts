/** Shows which ports of a table of sockets are held for a run, and which are not. */
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { localPorts, type PortUse } from "../../src/load/local-ports.js";

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
  destinations: ports.map((port) => `127.0.0.1:${port}`),
});

test.each<[string, PortUse, number, number]>([
  ["by destination, whatever the address", free(8080), 3, 1],
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
  expect(localPorts(40_000, 40_099, table(rows), use)).toEqual({
    range: 100,
    held,
    timeWait: waiting,
  });
});

test("a port that many connections share is held once, in TIME_WAIT only if all are", () => {
  const use = { ...free(1), localAddresses: ["127.0.0.1"] };
  const shared = Array.from({ length: 50 }, (_, i): Row => [1, 40_007, 50_000 + i, timeWait]);
  expect(localPorts(40_000, 40_099, table(shared), use)).toMatchObject({ held: 1, timeWait: 1 });
  const mixed = table([[1, 40_007, 1, established], ...shared]);
  expect(localPorts(40_000, 40_099, mixed, use)).toMatchObject({ held: 1, timeWait: 0 });
});

test("nothing is known of a system without such tables", () => {
  expect(localPorts(40_000, 40_099, "", free(8080))).toEqual({ range: 100, held: 0, timeWait: 0 });
});
