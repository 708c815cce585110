/** Shows rules, faults and the control port of a proxy at work between real clients and a real server. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer, type ClientOptions, type ServerOptions } from "ws";
import { Random, seedOf } from "../../src/base/random.js";
import { parseTarget } from "../../src/dial/target.js";
import { FaultSet } from "../../src/faults/fault-set.js";
import { type ControlPort, openControlPort, ProxyControl } from "../../src/proxy/control.js";
import type { ProxyEvent } from "../../src/proxy/events.js";
import { ProxyFaults } from "../../src/proxy/faults.js";
import { type RunningProxy, startProxy } from "../../src/proxy/proxy.js";
import { Rules } from "../../src/proxy/rules.js";
import { RuleHand } from "../../src/proxy/rules-interference.js";

const closers: (() => unknown)[] = [];
const patient = { timeout: 10_000 };

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Setting {
  readonly proxy: RunningProxy;
  readonly port: ControlPort;
  readonly events: ProxyEvent[];
  /** What the server heard. */
  readonly heard: string[];
  readonly server: WebSocketServer;
}

interface Asked {
  readonly rules?: readonly string[];
  readonly faults?: readonly string[];
  readonly server?: ServerOptions;
}

/** An echo server and a proxy before it. */
async function set({
  rules: texts = [],
  faults: specs = [],
  server: how = {},
}: Asked = {}): Promise<Setting> {
  const heard: string[] = [];
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...how });
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  closers.push(() => {
    for (const client of server.clients) client.terminate();
  });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data: Buffer, binary) => {
      heard.push(data.toString());
      socket.send(data, { binary });
    });
  });
  await once(server, "listening");
  const { port: serverPort } = server.address() as AddressInfo;
  const sources = {
    file: () => Buffer.alloc(0),
    env: new Map<string, string>(),
    wallClock: () => 0,
    now: () => 0,
  };
  const rules = new Rules(texts, sources, "seed");
  const faultSet = new FaultSet({ seed: "seed", now: () => performance.now() });
  for (const spec of specs) faultSet.add(spec);
  const faults = new ProxyFaults(faultSet);
  const hand = new RuleHand(rules);
  const events: ProxyEvent[] = [];
  const proxy = await startProxy({
    host: "127.0.0.1",
    port: 0,
    target: parseTarget(`ws://127.0.0.1:${serverPort}/`),
    maxPayload: 16 * 1024 * 1024,
    watcher: { messages: true, tell: (event) => void events.push(event) },
    ...(texts.length > 0 && { interfere: (facts) => hand.interfere(facts) }),
    onLink(link) {
      hand.meet(link);
      faults.meet(link);
    },
  });
  closers.push(() => proxy.close());
  const random = new Random(seedOf("test"));
  const port = await openControlPort(new ProxyControl({ proxy, faults, rules, random }), 0);
  closers.push(() => port.close());
  closers.push(() => faults.close());
  return { proxy, port, events, heard, server };
}

interface Client {
  readonly socket: WebSocket;
  readonly got: string[];
}

async function connect({ proxy }: Setting, options: ClientOptions = {}): Promise<Client> {
  const socket = new WebSocket(proxy.url, options);
  closers.push(() => socket.terminate());
  const got: string[] = [];
  socket.on("error", () => {});
  socket.on("message", (data: Buffer) => void got.push(data.toString()));
  await once(socket, "open");
  return { socket, got };
}

async function told({ port }: Setting, what: string): Promise<unknown> {
  return (await fetch(`${port.url}${what}`)).json();
}

async function order(
  { port }: Setting,
  what: string,
  body: unknown,
  method = "POST",
): Promise<unknown> {
  const answer = await fetch(`${port.url}${what}`, {
    method,
    headers: { authorization: `Bearer ${port.token}`, "content-type": "application/json" },
    ...(method === "POST" && { body: JSON.stringify(body) }),
  });
  return answer.json();
}

async function all(got: readonly string[], expected: readonly string[]): Promise<void> {
  await expect.poll(() => got, patient).toEqual(expected);
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index} ${"and so on ".repeat(9)}`);

describe("rules", () => {
  test.each([
    ["plain", false],
    ["compressed with context takeover", { threshold: 0 }],
    [
      "compressed without",
      { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
  ])("change what both sides hear, %s", async (_how, perMessageDeflate) => {
    const setting = await set({
      rules: [
        "out:/^3 / => drop",
        "in:/^5 / => replace five",
        "out:/^7 / => replace seven {{ text }}",
        "in:/^8 / => delay 30ms",
      ],
      server: { perMessageDeflate },
    });
    const { socket, got } = await connect(setting, { perMessageDeflate });
    const said = numbers(0, 12);
    for (const text of said) socket.send(text);
    const heard = said
      .filter((_, n) => n !== 3)
      .map((text) => (text.startsWith("7") ? `seven ${text}` : text));
    await all(setting.heard, heard);
    await all(
      got,
      heard.map((text) => (text.startsWith("5") ? "five" : text)),
    );
    expect(setting.events.filter(({ event }) => event === "note")).toHaveLength(4);
    expect(await told(setting, "/stats")).toMatchObject({
      mode: { "rule 1": 1, "rule 2": 1, "rule 3": 1, "rule 4": 1 },
    });
  });

  test.each(["in", "out"])("close the client, seen from the way %s", async (direction) => {
    const setting = await set({ rules: [`${direction}:bad => close 4001 no`] });
    const { socket } = await connect(setting);
    const closed = once(socket, "close");
    socket.send("good");
    socket.send("bad");
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4001, "no"]);
    expect(setting.heard).toEqual(direction === "in" ? ["good", "bad"] : ["good"]);
    await expect.poll(() => setting.server.clients.size, patient).toBe(0);
  });

  test("hold what comes behind a message that waits", async () => {
    const setting = await set({ rules: ["in:first => delay 50ms"] });
    const { socket, got } = await connect(setting);
    const came: number[] = [];
    const sent = performance.now();
    socket.on("message", () => came.push(performance.now() - sent));
    for (const text of ["first", "second", "third"]) socket.send(text);
    await all(got, ["first", "second", "third"]);
    // A timer of 50 ms never fires early; had nothing waited, all would have come before.
    expect(came).toHaveLength(3);
    expect(Math.min(...came)).toBeGreaterThanOrEqual(49);
  });

  test("act on large and fragmented messages", async () => {
    const setting = await set({ rules: ["out:$.big == true => edit $.n = 5"] });
    const { socket } = await connect(setting);
    const text = JSON.stringify({ big: true, n: 1, filler: "x".repeat(200_000) });
    socket.send(text.slice(0, 70_000), { fin: false });
    socket.send(text.slice(70_000, 70_001), { fin: false });
    socket.send(text.slice(70_001), { fin: true });
    await all(setting.heard, [text.replace('"n":1', '"n":5')]);
  });
});

describe("faults", () => {
  test("that were there from the start", async () => {
    const setting = await set({ faults: ["drop,every=2"] });
    const { socket, got } = await connect(setting);
    for (const text of ["1", "2", "3", "4"]) socket.send(text);
    await all(got, ["1", "3"]);
    expect(await told(setting, "/stats")).toMatchObject({
      messages: { received: 4, sent: 4, delivered: 2 },
      injected: { drop: 2 },
    });
  });

  test("of the handshake", async () => {
    const setting = await set({ faults: ["upgrade-503"] });
    await expect(connect(setting)).rejects.toThrow("503");
  });

  test("come to connections that are open, between two frames, and go again", async () => {
    const setting = await set();
    const { socket, got } = await connect(setting);
    socket.send("before");
    await all(got, ["before"]);
    expect(await order(setting, "/faults", { fault: "dup" })).toMatchObject({ id: 1, name: "dup" });
    socket.send("during");
    await all(got, ["before", "during", "during"]);
    expect(await told(setting, "/faults")).toMatchObject([{ id: 1, fired: 1 }]);
    expect(await order(setting, "/faults/1", undefined, "DELETE")).toEqual({ removed: 1 });
    socket.send("after");
    await all(got, ["before", "during", "during", "after"]);
  });

  test("wait for the end of a frame that has begun", async () => {
    const setting = await set();
    const { socket, got } = await connect(setting);
    socket.send("hello");
    await all(got, ["hello"]);
    const [client] = setting.server.clients;
    const { _socket: wire } = client as unknown as { _socket: NodeJS.WritableStream };
    // A frame of which only the beginning has come.
    wire.write(Buffer.from([0x81, 6, 0x61, 0x62]));
    const passed = (): number =>
      (socket as unknown as { _socket: { bytesRead: number } })._socket.bytesRead;
    const before = passed();
    wire.write(Buffer.from([0x63]));
    await expect.poll(passed, patient).toBeGreaterThan(before);
    await order(setting, "/faults", { fault: "dup" });
    const next = Buffer.concat([Buffer.from("def"), Buffer.from([0x81, 1, 0x78])]);
    wire.write(next);
    await all(got, ["hello", "abcdef", "x", "x"]);
  });

  test("close with a code that nobody sent", async () => {
    const setting = await set();
    const { socket } = await connect(setting);
    const closed = once(socket, "close");
    await order(setting, "/faults", { fault: "close-1012" });
    socket.send("x");
    expect((await closed)[0]).toBe(1012);
  });
});

describe("the control port", () => {
  test("tells who is there, and what passed", async () => {
    const setting = await set();
    const [one] = [await connect(setting, { origin: "https://o.test" }), await connect(setting)];
    one.socket.send("12345");
    await all(one.got, ["12345"]);
    expect(await told(setting, "/connections?limit=1")).toMatchObject({
      total: 2,
      connections: [{ connection: 1, path: "/", origin: "https://o.test", buffered: 0 }],
    });
    expect(await told(setting, "/stats")).toMatchObject({
      connections: { open: 2, opened: 2, peak: 2 },
      messages: { received: 1, sent: 1, delivered: 1 },
      bytes: { received: 5, sent: 5 },
      mode: { refused: 0 },
    });
    const metrics = await (await fetch(`${setting.port.url}/metrics`)).text();
    expect(metrics).toContain("wsctl_connections_open 2");
  });

  test("says what a proxy does not have", async () => {
    const setting = await set();
    expect(await told(setting, "/log")).toMatchObject({ code: "WSCTL_EUSAGE" });
    expect(await told(setting, "/stats?run=x")).toMatchObject({ code: "WSCTL_EUSAGE" });
    expect(await order(setting, "/faults", { fault: "nonsense" })).toMatchObject({
      code: "WSCTL_EUSAGE",
    });
    const refused = await fetch(`${setting.port.url}/cut`, { method: "POST" });
    expect(refused.status).toBe(401);
  });

  test.each([
    ["close", 4000],
    ["fin", 1006],
    ["reset", 1006],
  ])("cuts a share by %s", async (how, code) => {
    const setting = await set();
    const clients = [await connect(setting), await connect(setting)];
    const codes: number[] = [];
    for (const { socket } of clients) socket.on("close", (each) => void codes.push(each));
    const body = { share: "50%", how, ...(how === "close" && { code }) };
    expect(await order(setting, "/cut", body)).toEqual({ cut: 1 });
    await expect.poll(() => codes, patient).toEqual([code]);
  });

  test("cuts silently, and ends then", async () => {
    const setting = await set({ faults: ["delay=20ms"] });
    const { socket, got } = await connect(setting);
    expect(await order(setting, "/cut", { share: "100%", how: "silent" })).toEqual({ cut: 1 });
    socket.send("nobody hears");
    expect(await order(setting, "/cut", { share: "100%", how: "silent" })).toEqual({ cut: 0 });
    const closed = once(socket, "close");
    expect(await order(setting, "/cut", { share: "100%", how: "reset" })).toEqual({ cut: 1 });
    await closed;
    expect([got, setting.heard]).toEqual([[], []]);
  });

  test("freezes what leaves, and thaws it", async () => {
    const setting = await set();
    const { socket, got } = await connect(setting);
    expect(await order(setting, "/stall", { for: "60s" })).toEqual({ stalled: 60_000 });
    socket.send("frozen");
    await all(setting.heard, ["frozen"]);
    expect(await order(setting, "/stall", { for: "0" })).toEqual({ stalled: 0 });
    await all(got, ["frozen"]);
  });
});
