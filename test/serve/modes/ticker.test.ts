/** Shows the protocol of the ticker: one sequence per symbol, and no gap that is not told. */
import { describe, expect, test, vi } from "vitest";
import { mistakeOf } from "../../message/mistake.js";
import { playPython } from "../../support/python-client.js";
import { requirePythonWebsockets } from "../../support/python-echo.js";
import { Client, createMode, startMode } from "./mode-server.js";

interface Quote {
  readonly symbol: string;
  readonly seq: number;
  readonly price: number;
}

const quotesOf = (message: Record<string, unknown>): Quote[] => message["quotes"] as Quote[];

describe("subscribe", () => {
  test("a snapshot, then every update of each symbol without a gap", async () => {
    const { url } = await startMode("ticker", { tick: "2k/s", symbols: "A,B,C" });
    const client = await Client.open(url);
    client.send({ op: "subscribe", id: 1, symbols: ["A", "B", "A"] });
    const snapshot = await client.json();
    expect(snapshot).toMatchObject({ op: "snapshot", id: 1, re: "subscribe", node: "node-1" });
    const seqs = new Map(quotesOf(snapshot).map(({ symbol, seq }) => [symbol, seq]));
    expect([...seqs.keys()]).toEqual(["A", "B"]);
    for (let read = 0; read < 200; read++) {
      const update = await client.json();
      const symbol = String(update["symbol"]);
      expect(update).toMatchObject({ op: "update", seq: seqs.get(symbol)! + 1, node: "node-1" });
      expect(update["price"]).toBeGreaterThan(0);
      seqs.set(symbol, Number(update["seq"]));
    }
  });

  test("all symbols unless some are named; unsubscribed ones fall silent", async () => {
    const { url } = await startMode("ticker", { tick: "1k/s", symbols: "A,B" });
    const client = await Client.open(url);
    client.send({ op: "subscribe" });
    expect(quotesOf(await client.json()).map(({ symbol }) => symbol)).toEqual(["A", "B"]);
    client.send({ op: "unsubscribe", id: 2, symbols: ["A"] });
    expect(await client.until("ok")).toEqual({
      op: "ok",
      id: 2,
      re: "unsubscribe",
      symbols: ["A"],
    });
    for (let read = 0; read < 50; read++) expect((await client.json())["symbol"]).toBe("B");
  });

  test("the same seed walks the same way", async () => {
    const walk = async (seed: string): Promise<unknown[]> => {
      const { url } = await startMode("ticker", { tick: "1k/s", symbols: "A,B" }, { seed });
      const client = await Client.open(url);
      client.send({ op: "resume", from: { A: 0, B: 0 } });
      const prices: unknown[] = [];
      while (prices.length < 40) {
        const { op, symbol, seq, price } = await client.json();
        if (op === "update" && symbol === "A") prices.push([seq, price]);
      }
      return prices;
    };
    const [first, same, other] = [await walk("a"), await walk("a"), await walk("b")];
    expect(first).toEqual(same);
    expect(first).not.toEqual(other);
  });
});

describe("resume", () => {
  test("replays what was missed, in order and once", async () => {
    const { url } = await startMode("ticker", { tick: "2k/s", symbols: "A,B" });
    const first = await Client.open(url);
    first.send({ op: "subscribe" });
    const seen = new Map(quotesOf(await first.json()).map(({ symbol, seq }) => [symbol, seq]));
    first.socket.terminate();
    const witness = await Client.open(url);
    witness.send({ op: "subscribe" });
    for (let read = 0; read < 100; read++) await witness.json();
    const again = await Client.open(url);
    again.send({ op: "resume", id: 1, node: "node-1", from: Object.fromEntries(seen) });
    let replayed = 0;
    for (let message = await again.json(); ; message = await again.json(), replayed++) {
      if (message["op"] === "resumed") {
        expect(message).toMatchObject({ id: 1, replayed, gaps: 0 });
        expect(replayed).toBeGreaterThanOrEqual(98);
        for (const { symbol, seq } of quotesOf(message)) expect(seq).toBe(seen.get(symbol));
        break;
      }
      const symbol = String(message["symbol"]);
      expect(message).toMatchObject({ op: "update", seq: seen.get(symbol)! + 1 });
      seen.set(symbol, Number(message["seq"]));
    }
    const next = await again.json();
    expect(next["seq"]).toBe(seen.get(String(next["symbol"]))! + 1);
  });

  test("tells a gap when it is too long ago", async () => {
    const { url } = await startMode("ticker", { tick: "5k/s", symbols: "A", replay: "10" });
    const client = await Client.open(url);
    client.send({ op: "subscribe" });
    for (let read = 0; read < 60; read++) await client.json();
    client.send({ op: "resume", symbols: ["A"], from: 1 });
    const gap = await client.until("gap");
    const resumed = await client.until("resumed");
    expect(gap).toMatchObject({ symbol: "A", from: 2 });
    expect(resumed).toMatchObject({ replayed: 0, gaps: 1 });
    expect(quotesOf(resumed)[0]!.seq).toBe(gap["to"]);
  });

  test("numbers from the future or of another server are a gap over everything", async () => {
    const { url } = await startMode("ticker", { tick: "1k/s", symbols: "A" });
    const client = await Client.open(url);
    client.send({ op: "resume", from: { A: 1_000_000 } });
    expect(await client.json()).toMatchObject({ op: "gap", symbol: "A", from: 1 });
    await client.until("resumed");
    client.send({ op: "resume", node: "node-0", from: { A: 2 } });
    expect(await client.until("gap")).toMatchObject({ from: 1 });
  });

  test("nothing missed is nothing replayed, also before the first update", async () => {
    const { url } = await startMode("ticker", { tick: "1/h", symbols: "A" });
    const client = await Client.open(url);
    client.send({ op: "resume", from: 0 });
    expect(await client.json()).toMatchObject({ op: "resumed", replayed: 0, gaps: 0 });
  });
});

describe("mistakes and bounds", () => {
  test.each([
    [{ op: "subscribe", symbols: ["AAPLE"] }, "unknown-symbol", "did you mean AAPL?"],
    [{ op: "subscribe", symbols: ["__proto__"] }, "unknown-symbol", "there are AAPL"],
    [{ op: "subscribe", symbols: [5] }, "bad-request", "a symbol is a text"],
    [
      `{"op":"subscribe","symbols":[${"[".repeat(8000)}${"]".repeat(8000)}]}`,
      "bad-request",
      "text",
    ],
    [{ op: "subscribe", symbols: "AAPL" }, "bad-request", "list"],
    [{ op: "resume" }, "bad-request", "from is a seq"],
    [{ op: "resume", from: { AAPL: -1 } }, "bad-request", "from is a seq"],
    [{ op: "resume", from: { AAPL: 1.5 } }, "bad-request", "from is a seq"],
    [{ op: "resume", from: { NOPE: 1 } }, "unknown-symbol", "NOPE"],
    [{ op: "buy" }, "unknown-op", "subscribe, unsubscribe, resume"],
    ["{", "bad-json", "JSON object"],
  ])("%o", async (message, code, told) => {
    const client = await Client.open((await startMode("ticker")).url);
    client.send(message);
    const answer = await client.json();
    expect(answer).toMatchObject({ op: "error", code });
    expect(answer["error"]).toContain(told);
  });

  test("who does not read misses updates instead of filling memory", async () => {
    const { url, mode } = await startMode("ticker", { tick: "100k/s", symbols: "A" });
    const client = await Client.open(url);
    client.send({ op: "subscribe" });
    await client.json();
    client.socket.pause();
    await vi.waitFor(() => expect(mode.stats?.()["skipped"]).toBeGreaterThan(0), 15_000);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  test.each([
    [{ tick: "0" }, "--tick"],
    [{ tick: "1m/s" }, "--tick"],
    [{ symbols: "" }, "--symbols"],
    [{ symbols: "A,<b>" }, "--symbols"],
    [{ replay: "1m" }, "--replay"],
  ])("%o is refused", (flags, told) => {
    expect(mistakeOf(() => createMode("ticker", flags as Record<string, string>))).toContain(told);
  });
});

describe.skipIf(!requirePythonWebsockets())("for Python's websockets", () => {
  test("subscribes, hears, resumes", async () => {
    const { url } = await startMode("ticker", { tick: "500/s", symbols: "A" });
    const came = await playPython(url, [
      { send: { op: "subscribe", id: 1 } },
      { expect: { op: "snapshot", id: 1 } },
      { expect: { op: "update", symbol: "A" } },
      { send: { op: "unsubscribe", id: 2 } },
      { until: { op: "ok", id: 2 } },
      { send: { op: "resume", id: 3, from: { A: 0 } } },
      { expect: { op: "update", seq: 1 } },
      { expect: { op: "update", seq: 2 } },
      { until: { op: "resumed", gaps: 0 } },
    ]);
    expect(came.length).toBeGreaterThan(5);
  });
});
