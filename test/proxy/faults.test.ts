/** Shows faults of a proxy between real clients and servers: on the wire, over TLS, and to other backends. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { parseTarget } from "../../src/dial/target.js";
import { FaultSet } from "../../src/faults/fault-set.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { ProxyBackends } from "../../src/proxy/backends.js";
import { FaultMarks } from "../../src/proxy/fault-marks.js";
import { ProxyFaults } from "../../src/proxy/faults.js";
import type { ProxyOptions } from "../../src/proxy/options.js";
import { RuleHand } from "../../src/proxy/rules-interference.js";
import { Rules } from "../../src/proxy/rules.js";
import { makeCertificates } from "../support/certificates.js";
import {
  agreeing,
  asking,
  atEnd,
  directory,
  head,
  type Proxied,
  rawClient,
  rawServer,
  recorded,
  startTestProxy,
} from "./running.js";

/** An echo server that says its name first. */
async function backend(name: string, perMessageDeflate = false): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.send(name);
    socket.on("message", (data: Buffer, binary) => socket.send(data, { binary }));
  });
  await once(server, "listening");
  atEnd(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

interface Faulty {
  readonly proxy: Proxied;
  readonly faults: ProxyFaults;
}

/** A proxy with faults. */
async function faulty(
  target: string,
  specs: readonly string[],
  options: Partial<ProxyOptions> = {},
): Promise<Faulty> {
  const backends = new ProxyBackends({ target: parseTarget(target), routes: options.routes });
  const set = new FaultSet({ seed: "seed", now: () => performance.now(), backends });
  for (const spec of specs) set.add(spec);
  const faults = new ProxyFaults(set, backends);
  atEnd(() => faults.close());
  const proxy = await startTestProxy(target, {
    divert: (index, client, usual) => faults.divert(index, client, usual),
    onLink: (link) => faults.meet(link),
    ...options,
  });
  return { proxy, faults };
}

/** What a client of the package ws hears, until it is closed or has heard so much. */
async function hears(
  url: string,
  say: readonly string[] = [],
): Promise<{ got: string[]; error: string | undefined; code: number }> {
  const client = new WebSocket(url, { maxPayload: 1024 * 1024, rejectUnauthorized: false });
  atEnd(() => client.terminate());
  const got: string[] = [];
  let error: string | undefined;
  client.on("error", ({ message }) => void (error = message));
  client.on("open", () => {
    for (const each of say) client.send(each);
  });
  client.on("message", (data: Buffer) => {
    got.push(data.toString());
    if (got.length === say.length + 1) client.close(1000);
  });
  const code = await new Promise<number>((resolve) => void client.once("close", resolve));
  return { got, error, code };
}

/** The marks and the messages in a recording of a directory, in their order. */
function linesIn(dir: string, file?: string): string[] {
  return recorded(dir, file)
    .filter(({ k, op }) => k === "mark" || op === 1)
    .map(({ k, data, text }) => (k === "mark" ? String(text) : `${String(k)} ${String(data)}`));
}

/** Files of recordings end with the number of their connection. */
function byConnection(one: string, other: string): number {
  const [a = 0, b = 0] = [one, other].map((name) => Number(/-(\d+)\.wsrec$/.exec(name)?.[1]));
  return a - b;
}

describe("in a recording", () => {
  test("each strike of a fault is marked where it was, with what it did", async () => {
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    const { proxy, faults } = await faulty(await backend("é"), ["dup", "latency=1ms,at=1"], {
      record,
    });
    await hears(proxy.url, ["one"]);
    await proxy.close();
    expect(faults.injected).toEqual({ dup: 2, latency: 1 });
    expect(linesIn(dir)).toEqual([
      expect.stringMatching(/^fault latency: holds [^()]*$/),
      "fault dup: sends messages twice (message 1 from the server)",
      "in é",
      "out one",
      "fault dup: sends messages twice (message 2 from the server)",
      "in one",
    ]);
  });

  const six = Buffer.concat(
    [1, 2, 3, 4, 5, 6].map((n) => encodeFrame({ opcode: 1 }, Buffer.from(`m${n}`))),
  );
  const drops = "fault drop: loses messages";

  /** What a recording says of six messages that come in one breath, two of which are lost. */
  async function sixOf(
    specs: readonly string[],
    options: Partial<ProxyOptions> = {},
    live?: string,
  ): Promise<string[]> {
    const raw = await rawServer();
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    const { proxy, faults } = await faulty(raw.url, specs, { record, ...options });
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    const server = await raw.next();
    await server.head();
    server.socket.write(head(...agreeing));
    await client.head();
    if (live !== undefined) {
      server.socket.write(encodeFrame({ opcode: 1 }, Buffer.from("m0")));
      await client.take(4);
      faults.add(live);
    }
    server.socket.write(six);
    await vi.waitFor(() => expect(faults.injected["drop"]).toBe(2));
    client.socket.resetAndDestroy();
    await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
    await proxy.close();
    return linesIn(dir);
  }

  test("of messages that come in one breath each has its own mark", async () => {
    const told = ["in m1", "in m2", "", "in m3", "in m4", "in m5", "", "in m6"];
    const marked = (...numbers: number[]): string[] =>
      told.map((line) => line || `${drops} (message ${numbers.shift()} from the server)`);
    expect(await sixOf(["drop,every=3"])).toEqual(marked(3, 6));
    // Switched on later, it knows of those before.
    expect(await sixOf([], {}, "drop,every=3")).toEqual(["in m0", ...marked(4, 7)]);
    // What is held back by another fault before is struck late: its number stays.
    const late = await sixOf(["latency=1ms", "delay=30ms", "drop,every=3"]);
    expect(late.filter((line) => line.startsWith(drops))).toEqual([
      `${drops} (message 3 from the server)`,
      `${drops} (message 6 from the server)`,
    ]);
  });

  test("with rules before it, it counts what the server said", async () => {
    const sources = {
      file: () => Buffer.alloc(0),
      env: new Map(),
      wallClock: () => 0,
      now: () => 0,
    };
    const hand = new RuleHand(new Rules(["in:m2 => drop"], sources, "seed"));
    const lines = await sixOf(["drop,every=2"], { interfere: (facts) => hand.interfere(facts) });
    expect(lines.filter((line) => line.startsWith("in "))).toHaveLength(6);
    // The rule took the second, so that the fault struck the third and the fifth.
    expect(lines.filter((line) => line.startsWith(drops))).toEqual([
      `${drops} (message 3 from the server)`,
      `${drops} (message 5 from the server)`,
    ]);
  });

  test("so is the server that a connection was led to, and a status in place of a 101", async () => {
    const [first, second] = [await backend("first"), await backend("second")];
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    const specs = [`swap-backend=${second}`, "upgrade-503"];
    const { proxy, faults } = await faulty(first, specs, { record });
    expect((await hears(proxy.url)).error).toMatch(/503/);
    // Who comes again is led elsewhere.
    expect((await hears(proxy.url)).error).toMatch(/503/);
    expect(faults.injected).toEqual({ "swap-backend": 1, "upgrade-503": 2 });
    await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
    await proxy.close();
    const status = "fault upgrade-503: answers the upgrade with that HTTP status";
    const swap = expect.stringMatching(/^fault swap-backend: /) as string;
    const [one, two] = readdirSync(dir).toSorted(byConnection);
    const marksIn = (file?: string): string[] =>
      linesIn(dir, file).filter((line) => line.startsWith("fault"));
    expect(marksIn(one)).toEqual([status]);
    expect(marksIn(two)).toEqual([swap, status]);
    // Before anything else: right behind the upgrade, which tells where it was led.
    expect(recorded(dir, two).slice(1, 3)).toMatchObject([{ k: "upgrade" }, { text: swap }]);
    expect(recorded(dir, two)[0]).toMatchObject({ url: second });
  });

  test("a fault of bytes does not fill it: it is counted from the thousandth on", () => {
    const marks: string[] = [];
    const faults = new FaultMarks((text) => marks.push(text));
    for (let n = 0; n < 3000; n++) faults.strike("slicer", 1);
    faults.strike("close-1001", 2);
    faults.end();
    expect(marks).toHaveLength(1003);
    expect(marks.slice(-3)).toEqual([
      "fault slicer: its further strikes are counted, and told at the end",
      "fault close-1001: closes the connection with that code (2 times)",
      "fault slicer: struck 3000 times in all",
    ]);
  });
});

describe("bytes and frames", () => {
  test.each([
    "drip-headers=1ms",
    "latency=10ms±10ms",
    "slicer=5B±3B 1ms",
    "bandwidth=8kB/s",
    "split-utf8",
    "empty-fragments=2000",
    "fragment-drip=1ms",
    "slow-close=30ms",
    "data-after-close",
    "slow-consumer=10MB/s",
  ])("a client gets everything in spite of %s", async (spec) => {
    const { proxy, faults } = await faulty(await backend("é"), [spec]);
    expect(await hears(proxy.url, ["one é", "two"])).toEqual({
      got: ["é", "one é", "two"],
      error: undefined,
      code: 1000,
    });
    expect(Object.keys(faults.injected)).toEqual([spec.replace(/=.*/, "")]);
    expect(faults.undelivered).toBe(0);
  });

  test("over TLS, with compression", async () => {
    const { cert, key } = (await makeCertificates()).server;
    const frames = ["fragment-drip=1ms", "empty-fragments=9"];
    const specs = [...frames, "slicer=7B 1ms", "latency=5ms", "slow-consumer=20kB/s"];
    const { proxy, faults } = await faulty(await backend("x".repeat(2000), true), specs, {
      tls: { cert, key },
    });
    expect(await hears(proxy.url, ["y".repeat(3000)])).toMatchObject({
      got: ["x".repeat(2000), "y".repeat(3000)],
      code: 1000,
    });
    expect(faults.injected).toMatchObject({ "empty-fragments": 2, "slow-consumer": 1 });
  });

  test("limit-data: as many bytes as that, over TLS as well", async () => {
    const { cert, key } = (await makeCertificates()).server;
    const target = await backend("x".repeat(1000));
    const { proxy } = await faulty(target, ["limit-data=150"], { tls: { cert, key } });
    const socket = tls.connect({ port: proxy.port, host: "127.0.0.1", rejectUnauthorized: false });
    atEnd(() => void socket.destroy());
    let bytes = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
    socket.write(head(...asking));
    await once(socket, "end");
    expect(bytes).toHaveLength(150);
  });

  test("down and timeout", async () => {
    const target = await backend("a");
    const down = await faulty(target, ["down"]);
    expect((await hears(down.proxy.url)).error).toMatch(/ECONNRESET|hang up/);
    const timeout = await faulty(target, ["timeout=50ms"]);
    expect((await hears(timeout.proxy.url)).error).toMatch(/hang up/);
  });

  test("bomb and deflate-context-break: only for who agreed, live too", async () => {
    const target = await backend("a", true);
    const { proxy, faults } = await faulty(target, []);
    const [packs, plain] = [true, false].map((perMessageDeflate) => {
      const client = new WebSocket(proxy.url, { perMessageDeflate, maxPayload: 1024 * 1024 });
      atEnd(() => client.terminate());
      return client;
    });
    await Promise.all([once(packs!, "message"), once(plain!, "message")]);
    const failed = once(packs!, "error");
    faults.add("bomb=8MiB");
    expect(String((await failed)[0])).toMatch(/Max payload size exceeded/);
    const answer = once(plain!, "message");
    plain!.send("still there");
    expect(String((await answer)[0])).toBe("still there");
    expect(faults.injected).toEqual({ bomb: 1 });
    faults.remove(1);
    faults.add("deflate-context-break,at=1");
    expect((await hears(proxy.url)).error).toMatch(/invalid distance too far back/);
  });

  test("slow-consumer: the client is not read from until it is taken away", async () => {
    const { proxy, faults } = await faulty(await backend("a"), ["slow-consumer"]);
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    await client.head();
    await client.take(3);
    client.socket.write(encodeFrame({ opcode: 1, mask: 7 }, Buffer.from("b")));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(proxy.stats().messages.out).toBe(0);
    faults.remove(1);
    expect((await client.take(3)).toString("latin1")).toBe("\x81\x01b");
    expect(faults.injected).toEqual({ "slow-consumer": 1 });
  });
});

describe("swap-backend", () => {
  const names = async (proxy: Proxied, count: number, path = ""): Promise<string> => {
    const all: string[] = [];
    for (let at = 0; at < count; at++) all.push((await hears(proxy.url + path)).got.join());
    return all.join("");
  };

  test("a client that comes again is led elsewhere than the last time", async () => {
    const [a, b] = [await backend("a"), await backend("b")];
    const { proxy, faults } = await faulty(a, [`swap-backend=${b}`]);
    expect(await names(proxy, 5)).toBe("ababa");
    expect(faults.injected).toEqual({ "swap-backend": 4 });
    expect(faults.list()[0]!.fired).toBe(4);
    faults.remove(1);
    expect(await names(proxy, 2)).toBe("aa");
  });

  test("by a schedule; the others are those of the routes", async () => {
    const [a, b, c] = [await backend("a"), await backend("b"), await backend("c")];
    const routes = [
      { prefix: "/b", target: parseTarget(b) },
      { prefix: "/c", target: parseTarget(c) },
    ];
    const { proxy } = await faulty(a, ["swap-backend"], { routes });
    expect(await names(proxy, 5)).toBe("abcab");
    expect((await hears(`${proxy.url}c`)).got).toEqual(["c"]);
    const every = await faulty(a, ["swap-backend,every=2"], { routes });
    expect(await names(every.proxy, 6)).toBe("ababab");
  });

  test("the server is told its own name, and the target is told", async () => {
    const [a, b] = [await backend("a"), await backend("b")];
    const { proxy } = await faulty(a, [`swap-backend=${b}`]);
    await names(proxy, 2);
    const targets = proxy.events.flatMap((event) => (event.event === "open" ? event.target : []));
    expect(targets).toEqual([a, b]);
  });

  test("needs another, and one that can be reached by an address", async () => {
    const { faults } = await faulty(await backend("a"), []);
    expect(() => faults.add("swap-backend")).toThrow(/needs another backend/);
    expect(() => faults.add("swap-backend=gopher://x")).toThrow(/not a WebSocket address/);
    expect(faults.list()).toEqual([]);
  });
});
