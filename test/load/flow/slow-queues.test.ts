/** Shows what is read out of the kernel's tables of sockets. */
import { describe, expect, test } from "vitest";
import { KernelQueues, kernelBuffers } from "../../../src/load/flow/slow-queues.js";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (from: string, to: string, state: string, sending: string, received: string): string =>
  `   0: ${from} ${to} ${state} ${sending}:${received} 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1\n`;
// 127.0.0.1:40000 to 127.0.0.1:8080, and its other end.
const near = row("0100007F:9C40", "0100007F:1F90", "01", "00000000", "00010000");
const far = row("0100007F:1F90", "0100007F:9C40", "01", "003B0000", "00000000");
const ends = {
  localPort: 40_000,
  remotePort: 8080,
  localAddress: "127.0.0.1",
  remoteAddress: "127.0.0.1",
};

describe("the kernel's queues of a connection", () => {
  test("within this machine are those of both its ends", () => {
    const queues = new KernelQueues(head + far + near);
    expect(queues.of(ends)).toEqual({ received: 65_536, sending: 0x3b0000 });
  });

  test("to another machine are those of this one", () => {
    const queues = new KernelQueues(head + near + far);
    const elsewhere = { ...ends, localAddress: "10.0.0.1", remoteAddress: "10.0.0.2" };
    expect(queues.of(elsewhere)).toEqual({ received: 65_536, sending: undefined });
  });

  test("of IPv6 stand in the other table", () => {
    const address = "00000000000000000000000001000000";
    const table = head + row(`${address}:9C40`, `${address}:1F90`, "01", "00000000", "00000007");
    const loopback = { ...ends, localAddress: "::1", remoteAddress: "::1" };
    expect(new KernelQueues(head + table).of(loopback)).toMatchObject({ received: 7 });
  });

  test.each([
    ["there are no tables", ""],
    ["it has gone", head + far],
    ["it is closing", head + row("0100007F:9C40", "0100007F:1F90", "04", "00000000", "00010000")],
    ["the table is of another shape", "garbage\n".repeat(10)],
  ])("are not known when %s", (_why, tables) => {
    expect(new KernelQueues(tables).of(ends)).toBeUndefined();
  });

  test("are not known of a socket without ports, such as a socket file's", () => {
    const none = { ...ends, localPort: undefined };
    expect(new KernelQueues(head + near).of(none as never)).toBeUndefined();
  });
});

test("what the kernel holds at most is told by itself, or not at all", () => {
  const buffers = kernelBuffers();
  if (process.platform !== "linux") {
    expect(buffers).toBeUndefined();
    return;
  }
  const { receive, send } = buffers!;
  expect(receive.most).toBeGreaterThanOrEqual(receive.initial);
  expect(send.most).toBeGreaterThanOrEqual(send.initial);
});
