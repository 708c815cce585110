/** Shows that echo sends back what came, in order, and tells the truth about its delays. */
import { describe, expect, test } from "vitest";
import { playPython } from "../../support/python-client.js";
import { requirePythonWebsockets } from "../../support/python-echo.js";
import { mistakeOf } from "../../message/mistake.js";
import { Client, createMode, startMode } from "./mode-server.js";

describe("echo", () => {
  test("sends text back as text and binary as binary", async () => {
    const client = await Client.open((await startMode("echo")).url);
    client.send("häll😀");
    client.send(Buffer.from([0, 255]));
    client.send("");
    expect(await client.text()).toBe("häll😀");
    expect(await client.next()).toEqual({ data: Buffer.from([0, 255]), isBinary: true });
    expect(await client.next()).toEqual({ data: Buffer.alloc(0), isBinary: false });
  });

  test("logs each reply when that is wanted, and only then", async () => {
    const [wanted, unwanted] = [
      await startMode("echo"),
      await startMode("echo", {}, { wanted: false }),
    ];
    for (const { url } of [wanted, unwanted]) {
      const client = await Client.open(url);
      client.send("a");
      client.send("b");
      await client.text();
      await client.text();
    }
    expect(unwanted.entries).toEqual([]);
    expect(wanted.entries).toMatchObject([
      { connection: 1, sequence: 0, delay: 0 },
      { connection: 1, sequence: 1, delay: 0 },
    ]);
  });
});

describe("echo --delay", () => {
  test("keeps the order, and every reply is held at least as long as was drawn", async () => {
    const { url, entries } = await startMode("echo", { delay: "uniform=0ms..20ms" });
    const client = await Client.open(url);
    const sent = Array.from({ length: 200 }, (_, n) => `message ${n}`);
    for (const text of sent) client.send(text);
    const came: string[] = [];
    for (const _ of sent) came.push(await client.text());
    expect(came).toEqual(sent);
    expect(entries.map(({ sequence }) => sequence)).toEqual(sent.map((_, n) => n));
    for (const { arrived, delay, left } of entries) {
      expect(left - arrived).toBeGreaterThanOrEqual(delay);
    }
  });

  test("draws from the seed and the connection", async () => {
    const delaysOf = async (seed: string): Promise<number[]> => {
      const { url, entries } = await startMode("echo", { delay: "uniform=0ms..2ms" }, { seed });
      for (let n = 0; n < 2; n++) {
        const client = await Client.open(url);
        client.send("x");
        await client.text();
      }
      return entries.map(({ delay }) => delay);
    };
    const [first, same, other] = [await delaysOf("a"), await delaysOf("a"), await delaysOf("b")];
    expect(first).toEqual(same);
    expect(first).not.toEqual(other);
    expect(first[0]).not.toBe(first[1]);
  });

  test("stops reading from a client for which too much is held, and loses nothing", async () => {
    const { url, entries, server } = await startMode("echo", { delay: "fixed=500ms" });
    const client = await Client.open(url);
    const block = Buffer.alloc(8 * 1024 ** 2, 7);
    // 96 MiB: more than the 64 MiB that are held for one client.
    for (let n = 0; n < 12; n++) client.send(block);
    for (let n = 0; n < 12; n++) expect((await client.next()).data.equals(block)).toBe(true);
    expect(entries).toHaveLength(12);
    expect(entries[11]!.arrived).toBeGreaterThanOrEqual(entries[0]!.left);
    expect(server.truth.total.stats().messages).toMatchObject({ received: 12, sent: 12 });
  });

  test("forgets what it held when the client goes", async () => {
    const { url, entries, server } = await startMode("echo", { delay: "1h" });
    const client = await Client.open(url);
    client.send("never answered");
    client.socket.close(1000);
    expect(await client.closed).toBe(1000);
    expect(entries).toEqual([]);
    expect(server.truth.total.stats().messages).toMatchObject({ received: 1, sent: 0 });
  });

  test("names the flag in its mistakes", () => {
    const told = mistakeOf(() => createMode("echo", { delay: "normal=1ms" }));
    expect(told).toContain("--delay: normal takes 2 values");
  });
});

describe.skipIf(!requirePythonWebsockets())("echo, for Python's websockets", () => {
  test.each([{}, { delay: "uniform=1ms..10ms" }])("sends everything back: %o", async (flags) => {
    const { url } = await startMode("echo", flags);
    const came = await playPython(url, [
      { send: "one" },
      { send_hex: "00ff" },
      { send: { two: 2 } },
      { expect: "one" },
      { expect_hex: "00ff" },
      { expect: { two: 2 } },
    ]);
    expect(came).toHaveLength(3);
  });
});
