/** Shows faults of the test server to a client that reads bytes, and to one that behaves well. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { FaultSet } from "../../src/faults/fault-set.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { makeCertificates } from "../support/certificates.js";
import { connect, gone, order, start, tcp, told, until, upgradeHead } from "./running.js";

const clients: { terminate(): void }[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
});

function setOf(specs: readonly string[]): FaultSet {
  const set = new FaultSet({ seed: "seed", now: () => performance.now() });
  for (const spec of specs) set.add(spec);
  return set;
}

/** What a client of the package ws makes of a server. */
async function outcome(
  url: string,
  options: ClientOptions = {},
  say: readonly string[] = ["hello"],
): Promise<{ got: string[]; error: string | undefined; code: number }> {
  const client = new WebSocket(url, { handshakeTimeout: 400, ...options });
  clients.push(client);
  const got: string[] = [];
  let error: string | undefined;
  client.on("message", (data: Buffer) => void got.push(data.toString().slice(0, 40)));
  client.on("pong", (data) => void got.push(`pong ${data.toString("latin1")}`));
  client.on("error", ({ message }) => void (error = message));
  client.on("open", () => {
    client.ping("ping");
    for (const each of say) client.send(each);
    client.close(1000);
  });
  const code = await new Promise<number>((resolve) => void client.once("close", resolve));
  return { got, error, code };
}

async function raw(url: string, more: readonly Buffer[] = []): Promise<() => Buffer> {
  const socket = await tcp(url);
  return reading(socket, more);
}

function reading(socket: Socket | tls.TLSSocket, more: readonly Buffer[]): () => Buffer {
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  socket.write(Buffer.concat([Buffer.from(upgradeHead), ...more]));
  return () => bytes;
}

function said(opcode: number, payload: string): Buffer {
  return encodeFrame({ opcode, mask: 0x1234_5678 }, Buffer.from(payload, "latin1"));
}

const closing = said(8, "\x03\xe8");

describe("a client of the package ws", () => {
  test.each<[string, RegExp | undefined, number]>([
    ["unasked-subprotocol", /subprotocol/i, 1006],
    ["unasked-extension", /extension that was not requested/, 1006],
    ["drip-headers=2s", /handshake has timed out/, 1006],
    ["timeout=10s", /handshake has timed out/, 1006],
    ["timeout=50ms", /socket hang up/, 1006],
    ["down", /ECONNRESET|hang up/, 1006],
    ["limit-data=60", /socket hang up|aborted/, 1006],
    ["long-length=2^63", /payload length/, 1009],
    ["masked-frame", /MASK/, 1006],
  ])("notices %s", async (spec, error, code) => {
    const server = await start({ faults: setOf([spec]) });
    const met = await outcome(server.url);
    expect(met.error).toMatch(error!);
    expect(met.code === code || met.code === 1006).toBe(true);
    const { injected } = await told(server, "/stats");
    expect(injected).toEqual({ [spec.replace(/=.*/, "")]: 1 });
  });

  test.each([
    "drip-headers=1ms",
    "split-utf8",
    "empty-fragments=5000",
    "fragment-drip=1ms",
    "latency=20ms±20ms",
    "slicer=3B±2B 1ms",
    "bandwidth=4kB/s",
    "slow-close=50ms",
    "data-after-close",
  ])("gets everything in spite of %s", async (spec) => {
    const server = await start({ faults: setOf([spec]) });
    const met = await outcome(server.url, {}, ["one é two ☃", "x"]);
    expect(met).toEqual({
      got: expect.arrayContaining(["one é two ☃", "x", "pong ping"]) as string[],
      error: undefined,
      code: 1000,
    });
    expect(met.got.filter((each) => !each.startsWith("pong"))).toEqual(["one é two ☃", "x"]);
    const { messages, injected } = await told(server, "/stats");
    expect(messages).toMatchObject({ sent: 2, delivered: 2 });
    expect(Object.keys(injected as object)).toEqual([spec.replace(/=.*/, "")]);
  });

  test("waits for the 101 for longer than its time limit, as long as bytes drip", async () => {
    const server = await start({ faults: setOf(["drip-headers=5ms"]) });
    const begun = performance.now();
    const { got } = await outcome(server.url);
    expect(got).toContain("hello");
    expect(performance.now() - begun).toBeGreaterThan(400);
  });

  test("sees that a pong is not the one that it asked for", async () => {
    const server = await start({ faults: setOf(["wrong-pong"]) });
    const { got } = await outcome(server.url);
    const pong = got.find((each) => each.startsWith("pong"));
    expect(pong).toHaveLength("pong ping".length);
    expect(pong).not.toBe("pong ping");
  });

  test("ends an endless message by its own bound", async () => {
    const server = await start({ faults: setOf(["fragment-drip=1ms endless"]) });
    const client = await connect(server.url, { maxPayload: 50 });
    const failed = once(client, "error");
    client.send("hello");
    const [error] = (await failed) as [Error];
    expect(error.message).toMatch(/Max payload size exceeded/);
  });

  test.each(["bomb=8MiB", "bomb=8MiB,at=1"])("does not inflate %s without bound", async (spec) => {
    const server = await start({ faults: setOf([spec]), compress: true });
    const { error, code } = await outcome(server.url, { maxPayload: 1024 * 1024 });
    expect(error).toMatch(/Max payload size exceeded/);
    expect([1006, 1009]).toContain(code);
    const { injected, messages } = await told(server, "/stats");
    expect(injected).toEqual({ bomb: 1 });
    expect(messages).toMatchObject({ sent: 1 });
  });

  test.each<[string, (sent: readonly string[]) => readonly string[]]>([
    ["drop,at=3", (sent) => sent.toSpliced(2, 1)],
    ["dup,at=3", (sent) => sent.toSpliced(2, 0, sent[2]!)],
    ["reorder,at=3", (sent) => sent.toSpliced(2, 2, sent[3]!, sent[2]!)],
    ["bomb=1KiB,at=3", (sent) => sent.toSpliced(3, 0, "\0".repeat(1024))],
  ])("hears all else as it was said, with compression, in spite of %s", async (spec, heard) => {
    const server = await start({ faults: setOf([spec]), compress: true });
    const client = await connect(server.url, { perMessageDeflate: { threshold: 0 } });
    const got: string[] = [];
    client.on("message", (data: Buffer) => void got.push(data.toString()));
    // Alike, so that they would be said in terms of each other.
    const sent = Array.from({ length: 8 }, (_, n) => `${"all say the same ".repeat(90)}${n ** 9}`);
    for (const each of sent) client.send(each);
    const expected = heard(sent);
    await until("all", () => got.length === expected.length);
    expect(got).toEqual(expected);
  });

  test("messages are compressed without context while there are faults, or when it asks", async () => {
    const server = await start({ compress: true });
    const agreed = async (options: ClientOptions["perMessageDeflate"]): Promise<unknown> => {
      const client = new WebSocket(server.url, { perMessageDeflate: options! });
      clients.push(client);
      const [{ headers }] = (await once(client, "upgrade")) as [IncomingMessage];
      return headers["sec-websocket-extensions"];
    };
    const alone = "permessage-deflate; server_no_context_takeover";
    expect(await agreed(true)).toBe("permessage-deflate");
    expect(await agreed({ serverNoContextTakeover: true })).toBe(alone);
    await order(server, "/faults", { fault: "drop,p=0" });
    expect(await agreed(true)).toBe(alone);
    await order(server, "/faults/1", undefined, "DELETE");
    expect(await agreed(true)).toBe("permessage-deflate");
  });

  test("fails where a message refers to what it does not have", async () => {
    const server = await start({ faults: setOf(["deflate-context-break"]), compress: true });
    const { error, got } = await outcome(server.url);
    expect(error).toMatch(/invalid distance too far back/);
    expect(got.join()).not.toMatch(/never said/);
  });
});

describe("on the wire", () => {
  test("data-after-close: the close frame, and a text behind it", async () => {
    const server = await start({ faults: setOf(["data-after-close=x"]) });
    const bytes = await raw(server.url, [closing]);
    await until("the text", () => bytes().includes(Buffer.from("880203e8810178", "hex")));
    expect(bytes().subarray(-7).toString("hex")).toBe("880203e8810178");
  });

  test("limit-data: as many bytes as that, over TLS as well", async () => {
    const { cert, key } = (await makeCertificates()).server;
    const server = await start({ faults: setOf(["limit-data=200"]), tls: { cert, key } });
    const port = Number(new URL(server.url).port);
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    clients.push({ terminate: () => void socket.destroy() });
    const ended = gone(socket);
    const bytes = reading(socket, [said(1, "x".repeat(125))]);
    await ended;
    expect(bytes()).toHaveLength(200);
    expect(bytes().toString("latin1")).toMatch(/^HTTP\/1.1 101 /);
  });

  test("slicer: every slice comes by itself", async () => {
    const server = await start({ faults: setOf(["slicer=1B 2ms"]) });
    const socket = await tcp(server.url);
    const sizes: number[] = [];
    socket.on("data", (chunk: Buffer) => void sizes.push(chunk.length));
    socket.write(upgradeHead);
    await until("many reads", () => sizes.length > 40);
    expect(Math.max(...sizes.slice(0, 40))).toBeLessThan(20);
  });

  test("down, live: who is there is cut, who comes is not answered, until it is over", async () => {
    const server = await start();
    const client = await connect(server.url);
    const lost = once(client, "close");
    await order(server, "/faults", { fault: "down" });
    expect((await lost)[0]).toBe(1006);
    expect((await outcome(server.url)).error).toMatch(/ECONNRESET|hang up/);
    await order(server, "/faults/1", undefined, "DELETE");
    expect((await outcome(server.url)).got).toContain("hello");
    expect(await told(server, "/stats")).toMatchObject({ injected: { down: 2 } });
  });
});

describe("slow-consumer", () => {
  test("leaves the client's bytes to the kernel, and reads them when it is taken away", async () => {
    const server = await start({ faults: setOf(["slow-consumer"]), maxPayload: 64 * 1024 * 1024 });
    const client = await connect(server.url);
    const large = Buffer.alloc(32 * 1024 * 1024);
    client.send(large);
    client.send("behind");
    await until("a queue that stays", async () => {
      const before = client.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return before > 0 && client.bufferedAmount === before;
    });
    expect(await told(server, "/stats")).toMatchObject({
      messages: { received: 0 },
      injected: { "slow-consumer": 1 },
    });
    await order(server, "/faults/1", undefined, "DELETE");
    await until("all", async () => {
      const { messages } = await told(server, "/stats");
      return (messages as { received: number }).received === 2;
    });
  });

  test("at a rate: what is said comes late, and in order", async () => {
    const server = await start({ faults: setOf(["slow-consumer=100kB/s"]) });
    const client = await connect(server.url);
    const got: string[] = [];
    client.on("message", (data: Buffer) => void got.push(data.toString().slice(0, 1)));
    const begun = performance.now();
    client.send("a".repeat(20_000));
    await until("the first", () => got.length === 1);
    client.send("b");
    await until("the second", () => got.length === 2);
    expect(performance.now() - begun).toBeGreaterThan(150);
    expect(got).toEqual(["a", "b"]);
  });
});

describe("what a server cannot do, it refuses", () => {
  test("swap-backend, and compressed messages without --compress", async () => {
    const server = await start();
    for (const fault of ["swap-backend", "swap-backend=ws://127.0.0.1:1", "bomb"]) {
      const { status, body } = await order(server, "/faults", { fault });
      expect(status).toBe(400);
      expect(body).toMatch(fault === "bomb" ? /needs compression/ : /is for wsctl proxy/);
    }
    expect(await told(server, "/faults")).toEqual([]);
  });
});
