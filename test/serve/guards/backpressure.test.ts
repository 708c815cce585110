/** Holds the guard against slow consumers against clients that do not read while they are told. */
import { expect, test, vi } from "vitest";
import type { Mode } from "../../../src/serve/mode.js";
import { connect, guarded, guardsFor } from "./guarded.js";

const large = Buffer.alloc(1024 * 1024, "x");
const many = 128;

/** Says far more at once than the kernel would buffer; "more" is answered by one small message. */
const flood: Mode = {
  accept(peer) {
    peer.onMessage = (data) => {
      if (data.toString() === "more") return peer.sendJson("more");
      for (let at = 0; at < many; at++) peer.send(large, true);
    };
  },
};

test("who takes too little is closed", async () => {
  const server = await guarded({ backpressure: "1MiB" }, { mode: flood });
  const client = await connect(server);
  client.send("go");
  expect(await client.closed).toEqual([1013, "slow consumer"]);
  expect(client.unread.length).toBeLessThan(many);
  expect(server.truth.total.stats().messages).toMatchObject({
    sent: client.unread.length,
    dropped: 0,
  });
});

test("or misses messages, which are counted; what comes later arrives", async () => {
  const server = await guarded({ backpressure: "1MiB,drop" }, { mode: flood });
  const client = await connect(server);
  client.send("go", "more");
  await vi.waitFor(() => expect(server.truth.total.received).toBe(2), { interval: 5 });
  const { sent, dropped } = server.truth.total.stats().messages;
  expect(dropped).toBeGreaterThan(0);
  expect(sent + dropped).toBe(many + 1);
  await vi.waitFor(() => expect(client.unread).toHaveLength(sent), { interval: 5 });
  client.send("more");
  await vi.waitFor(() => expect(client.unread.at(-1)).toBe('"more"'), { interval: 5 });
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test("a message larger than the limit reaches who has taken all before", async () => {
  const server = await guarded({ backpressure: "1,drop" });
  const client = await connect(server);
  for (let round = 0; round < 3; round++) {
    client.send("x".repeat(100_000));
    expect(await client.next()).toHaveLength(100_000);
  }
});

test.each(["", "much", ",drop", "1MiB,", "1MiB,wait", "1MiB,drop,close"])(
  "--backpressure %j cannot be meant",
  (value) => {
    expect(() => guardsFor({ backpressure: value })).toThrow(
      expect.objectContaining({
        code: "WSCTL_EUSAGE",
        message: expect.stringContaining("--backpressure") as string,
        hint: expect.any(String) as string,
      }),
    );
  },
);
