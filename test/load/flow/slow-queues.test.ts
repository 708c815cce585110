/** Shows what is read out of the kernel's tables of sockets. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
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

/** Not every machine has one of IPv6. */
const loopbacks = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .flatMap(({ internal, address }) => (internal ? [address] : []));

describe("the kernel's queues of a connection", () => {
  test("within this machine are those of both its ends", () => {
    const queues = new KernelQueues(head + far + near);
    expect(queues.of(ends)).toEqual({ received: 65_536, sending: 0x3b0000 });
  });

  test("to another machine are those of this one", () => {
    const outer = near.replace("0100007F", "0100000A").replace("0100007F", "0200000A");
    const queues = new KernelQueues(head + outer + far);
    const elsewhere = { ...ends, localAddress: "10.0.0.1", remoteAddress: "10.0.0.2" };
    expect(queues.of(elsewhere)).toEqual({ received: 65_536, sending: undefined });
  });

  test("are not those of another connection with the same two ports", () => {
    // As `--local-address` makes them: 127.0.0.2 and 127.0.0.3 to the same service.
    const one = row("0200007F:9C40", "0100007F:1F90", "01", "00000000", "00010000");
    const other = row("0300007F:9C40", "0100007F:1F90", "01", "00000000", "00000000");
    const itsFar = row("0100007F:1F90", "0300007F:9C40", "01", "00000009", "00000000");
    const queues = new KernelQueues(head + one + other + itsFar);
    expect(queues.of({ ...ends, localAddress: "127.0.0.2" })).toEqual({
      received: 65_536,
      sending: undefined,
    });
    expect(queues.of({ ...ends, localAddress: "127.0.0.3" })).toEqual({ received: 0, sending: 9 });
    expect(queues.of(ends)).toBeUndefined();
  });

  test("of a server that takes IPv4 at a socket of IPv6 are found", () => {
    const mapped = "0000000000000000FFFF00000100007F";
    const itsEnd = row(`${mapped}:1F90`, `${mapped}:9C40`, "01", "003B0000", "00000000");
    const queues = new KernelQueues(head + near + itsEnd);
    const both = { ...ends, localAddress: "::ffff:127.0.0.1", remoteAddress: "::ffff:127.0.0.1" };
    for (const each of [ends, both]) expect(queues.of(each)).toMatchObject({ sending: 0x3b0000 });
  });

  test("of IPv6 stand in the other table", () => {
    const address = "00000000000000000000000001000000";
    const table = head + row(`${address}:9C40`, `${address}:1F90`, "01", "00000000", "00000007");
    const loopback = { ...ends, localAddress: "::1", remoteAddress: "::1" };
    expect(new KernelQueues(head + table).of(loopback)).toMatchObject({ received: 7 });
    const long = "B80D01200000000000000000EFCD3412";
    const far6 = row(`${address}:9C40`, `${long}:1F90`, "01", "00000000", "00000008");
    const there = { ...loopback, remoteAddress: "2001:db8::1234:cdef" };
    expect(new KernelQueues(head + far6).of(there)).toMatchObject({ received: 8 });
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
    for (const localAddress of ["", "example.com", "1:2", "::1.2.3.4"]) {
      expect(new KernelQueues(head + near).of({ ...ends, localAddress })).toBeUndefined();
    }
  });

  test.runIf(process.platform === "linux").each(loopbacks)(
    "are found in this machine's own tables, at %s",
    async (host) => {
      const server = createServer();
      await once(server.listen(0, host), "listening");
      const { port } = server.address() as AddressInfo;
      const accepted = once(server, "connection") as Promise<[Socket]>;
      const client = connect(port, host);
      try {
        await once(client, "connect");
        const [peer] = await accepted;
        expect(new KernelQueues().of(client)).toEqual({ received: 0, sending: 0 });
        expect(new KernelQueues().of(peer)).toEqual({ received: 0, sending: 0 });
        peer.destroy();
      } finally {
        client.destroy();
        server.close();
      }
    },
  );
});

describe("what sockets say of themselves", () => {
  test("in full and with a zone is read as well", () => {
    const address = "000080FE000000000000000001000000";
    const table = head + row(`${address}:9C40`, `${address}:1F90`, "01", "00000000", "00000007");
    const local = { ...ends, localAddress: "fe80::1%eth0", remoteAddress: "fe80:0:0:0:0:0:0:1" };
    expect(new KernelQueues(table).of(local)).toMatchObject({ received: 7 });
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
