/** Shows that sink swallows everything, and that source pushes at its rate, whoever reads. */
import { describe, expect, test, vi } from "vitest";
import { mistakeOf } from "../../message/mistake.js";
import { playPython } from "../../support/python-client.js";
import { requirePythonWebsockets } from "../../support/python-echo.js";
import { Client, createMode, startMode } from "./mode-server.js";

describe("sink", () => {
  test("counts everything and answers nothing", async () => {
    const { url, server } = await startMode("sink");
    const client = await Client.open(url);
    client.send("text");
    client.send(Buffer.alloc(1000));
    client.socket.close(1000);
    await client.closed;
    expect(client.waiting).toBe(0);
    const { messages, bytes } = server.truth.total.stats();
    expect(messages).toMatchObject({ received: 2, sent: 0 });
    expect(bytes).toMatchObject({ received: 1004, sent: 0 });
  });
});

describe("source", () => {
  test("pushes numbered texts of the size asked for, to each client from 1", async () => {
    const { url } = await startMode("source", { rate: "1k/s", "push-size": "50" });
    const clients = [await Client.open(url), await Client.open(url)];
    for (const client of clients) {
      for (let n = 1; n <= 20; n++) {
        const { data, isBinary } = await client.next();
        expect(isBinary).toBe(false);
        expect(data.length).toBe(50);
        expect(data.toString()).toMatch(new RegExp(`^${n} \\.+$`));
      }
    }
  });

  test("stops after --push-total, and stays", async () => {
    const { url, mode, server } = await startMode("source", { rate: "10k/s", "push-total": "25" });
    const client = await Client.open(url);
    for (let n = 1; n <= 25; n++) expect(await client.text()).toMatch(new RegExp(`^${n} `));
    client.send("ping");
    await vi.waitFor(() => expect(server.truth.total.received).toBe(1));
    expect(client.waiting).toBe(0);
    expect(mode.stats?.()).toEqual({ pushed: 25, skipped: 0 });
  });

  test("skips, counted and by their numbers, what a client that does not read has no place for", async () => {
    const { url, mode } = await startMode("source", {
      rate: "1k/s",
      "push-size": "1MiB",
      "push-backlog": "4MiB",
    });
    const client = await Client.open(url);
    client.socket.pause();
    await vi.waitFor(() => expect(mode.stats?.()["skipped"]).toBeGreaterThan(10), 10_000);
    client.socket.resume();
    let [last, missing] = [0, 0];
    for (let read = 0; read < 400 && missing === 0; read++) {
      const number = Number.parseInt(await client.text(), 10);
      missing += number - last - 1;
      last = number;
    }
    expect(missing).toBeGreaterThan(0);
  });

  test.each([
    [{ rate: "0" }, "--rate: 0 is out of range"],
    [{ rate: "2m/s" }, "out of range"],
    [{ "push-size": "15" }, "--push-size"],
    [{ "push-size": "1GiB" }, "--push-size"],
    [{ "push-backlog": "much" }, "--push-backlog"],
  ])("%o is a mistake", (flags, told) => {
    expect(mistakeOf(() => createMode("source", flags as Record<string, string>))).toContain(told);
  });
});

describe.skipIf(!requirePythonWebsockets())("for Python's websockets", () => {
  test("sink reads, source pushes", async () => {
    const sink = await startMode("sink");
    expect(await playPython(sink.url, [{ send: "a" }, { send_hex: "00" }])).toEqual([]);
    expect(sink.server.truth.total.received).toBe(2);
    const source = await startMode("source", { rate: "1k/s", "push-size": "16" });
    const came = await playPython(source.url, [
      { expect: "1 .............." },
      { until: "10 ............." },
    ]);
    expect(came).toHaveLength(10);
  });
});
