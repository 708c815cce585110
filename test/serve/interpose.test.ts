import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { FaultSet, type FaultLine } from "../../src/faults/fault-set.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { acceptFor } from "../../src/frame/handshake.js";
import { MessageReader } from "../../src/frame/message-reader.js";
import { interpose } from "../../src/serve/interpose.js";
import { makeCertificates } from "../support/certificates.js";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Host {
  readonly port: number;
  readonly faults: FaultSet;
  readonly injected: Map<string, number>;
  readonly sockets: Socket[];
  readonly lines: FaultLine[];
  /** The server's side of each WebSocket. */
  readonly clients: WebSocket[];
  /** Puts a connection under the faults that is open already. */
  attach(index: number): void;
}

/** A `ws` server whose connections are led through the faults, before the upgrade unless told. */
async function startHost(
  specs: readonly string[],
  options: { late?: boolean; server?: Server; compress?: boolean } = {},
): Promise<Host> {
  const faults = new FaultSet({ seed: "seed", now: () => performance.now() });
  for (const spec of specs) faults.add(spec);
  const injected = new Map<string, number>();
  const [sockets, clients, lines]: [Socket[], WebSocket[], FaultLine[]] = [[], [], []];
  const place = (index: number, opened: boolean): void => {
    const facts = {
      index,
      opened,
      injected: (name: string, count: number) =>
        void injected.set(name, (injected.get(name) ?? 0) + count),
      undelivered: () => {},
    };
    lines.push(interpose(sockets[index]!, faults, facts));
  };
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: options.compress ?? false });
  const server = options.server ?? createServer();
  server.on("upgrade", (request: IncomingMessage, socket: Socket, rest: Buffer) => {
    socket.on("error", () => {});
    const index = sockets.push(socket) - 1;
    if (options.late !== true) place(index, false);
    // As behind a guard that takes a while: what comes meanwhile must not be lost.
    setImmediate(() => {
      wss.handleUpgrade(request, socket, rest, (client) => {
        clients.push(client);
        client.on("error", () => {});
        client.on("message", (data, binary) => client.send(data, { binary }));
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    faults.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, faults, injected, sockets, lines, clients, attach: (index) => place(index, true) };
}

interface Client {
  readonly socket: Socket;
  /** All that came. */
  readonly bytes: () => string;
  /** Texts, and `ping`, `pong`, `close CODE`. */
  readonly said: string[];
  /** `end`, or the code of an error. */
  readonly ended: string[];
  until(condition: () => boolean): Promise<void>;
  send(...frames: Buffer[]): void;
}

/** A client that speaks by hand; it has asked for the upgrade. */
function dial(
  port: number,
  connect = (): Socket => net.connect(port, "127.0.0.1"),
  more: Buffer[] = [],
): Client {
  const socket = connect();
  cleanups.push(() => socket.destroy());
  socket.write(
    Buffer.concat([
      Buffer.from(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      ),
      ...more,
    ]),
  );
  const [said, ended]: [string[], string[]] = [[], []];
  const reader = new MessageReader(
    {
      message: (_opcode, buf, start, end) => void said.push(buf.toString("utf8", start, end)),
      control: (opcode, buf, start, end) =>
        void said.push(
          opcode === 8
            ? `close ${end - start >= 2 ? buf.readUInt16BE(start) : 1005}`
            : opcode === 9
              ? "ping"
              : "pong",
        ),
    },
    { role: "client", maxPayload: 1 << 30 },
  );
  let got = "";
  let isOpen = false;
  socket.on("data", (chunk: Buffer) => {
    const before = got.length;
    got += chunk.toString("latin1");
    if (isOpen) return reader.feed(chunk, 0, chunk.length);
    const end = got.indexOf("\r\n\r\n") + 4;
    if (end < 4 || !got.startsWith("HTTP/1.1 101")) return;
    isOpen = true;
    reader.feed(chunk, end - before, chunk.length);
  });
  socket.on("end", () => ended.push("end"));
  socket.on("error", (error: NodeJS.ErrnoException) => ended.push(error.code ?? "error"));
  const client: Client = {
    socket,
    said: said,
    ended: ended,
    bytes: () => got,
    until: async (condition) =>
      void (await vi.waitUntil(condition, { timeout: 5000, interval: 2 })),
    send: (...frames) => void socket.write(Buffer.concat(frames)),
  };
  return client;
}

function frame(opcode: number, payload: string | Buffer = ""): Buffer {
  return encodeFrame({ opcode, mask: 0x1234_5678 }, Buffer.from(payload));
}

const closing = frame(8, Buffer.from([0x03, 0xe8]));

describe("without a fault that fires", () => {
  test("messages, pings and the close pass; the socket is its own again", async () => {
    const host = await startHost(["drop,p=0", "no-pong,p=0"]);
    const client = dial(host.port);
    client.send(frame(1, "a"), frame(9), frame(1, "b".repeat(70_000)), closing);
    await client.until(() => client.ended.length > 0);
    expect(client.said.map((each) => each[0])).toEqual(["a", "p", "b", "c"]);
    expect(client.said[2]).toHaveLength(70_000);
    expect(client.bytes()).toContain(acceptFor(key));
    client.socket.end();
    const [socket] = host.sockets;
    await client.until(() => socket!.closed);
    expect(socket!.listenerCount("data")).toBe(0);
    expect(host.injected.size).toBe(0);
  });

  test("what comes with the request, before anyone listens, arrives", async () => {
    const host = await startHost(["drop,p=0"]);
    const client = dial(host.port, undefined, [frame(1, "early")]);
    client.send(frame(1, "later"));
    await client.until(() => client.said.length === 2);
    expect(client.said).toEqual(["early", "later"]);
  });

  test("compression passes", async () => {
    const host = await startHost(["drop,p=0"], { compress: true });
    const { WebSocket: Dialler } = await import("ws");
    const socket = new Dialler(`ws://127.0.0.1:${host.port}/`);
    cleanups.push(() => socket.terminate());
    await once(socket, "open");
    socket.send("x".repeat(5000));
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(data.toString()).toBe("x".repeat(5000));
  });

  test("write and end keep their manners: callbacks, encodings, a last chunk", async () => {
    const faults = new FaultSet({ seed: "", now: () => performance.now() });
    const calls: string[] = [];
    const server = net.createServer((socket) => {
      interpose(socket, faults, {
        index: 0,
        opened: false,
        injected: () => {},
        undelivered: () => {},
      });
      socket.write("68", "hex", () => calls.push("hex"));
      socket.write(new Uint8Array([0x65]), () => calls.push("bytes"));
      socket.write("l");
      socket.end("bG8=", "base64", () => calls.push("end"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
    cleanups.push(
      () => socket.destroy(),
      () => server.close(),
    );
    let got = "";
    socket.on("data", (chunk) => (got += chunk.toString()));
    await once(socket, "end");
    expect(got).toBe("hello");
    await vi.waitUntil(() => calls.length === 3, { interval: 2 });
    expect(calls.toSorted()).toEqual(["bytes", "end", "hex"]);
  });
});

describe("the handshake", () => {
  test("accept-wrong", async () => {
    const client = dial((await startHost(["accept-wrong"])).port);
    await client.until(() => client.bytes().includes("\r\n\r\n"));
    expect(client.bytes()).toContain("101 Switching Protocols");
    expect(client.bytes()).not.toContain(acceptFor(key));
  });

  test("upgrade-503: an answer, then the end; the server's side ends too", async () => {
    const host = await startHost(["upgrade-503=9s"]);
    const client = dial(host.port);
    await client.until(() => client.ended.length > 0);
    expect(client.bytes()).toMatch(
      /^HTTP\/1.1 503 [^]*Retry-After: 9\r\n[^]*503 Service Unavailable\n$/,
    );
    await client.until(() => host.clients[0]?.readyState === 3);
    expect(host.sockets[0]!.destroyed).toBe(true);
  });

  test("glued-frame: one read has both", async () => {
    const client = dial((await startHost(["glued-frame=hi"])).port);
    const [first] = (await once(client.socket, "data")) as [Buffer];
    expect(first.subarray(-4)).toEqual(Buffer.from("\x81\x02hi", "latin1"));
  });

  test("never-101: the server believes that it is open", async () => {
    const host = await startHost(["never-101"]);
    const client = dial(host.port);
    await client.until(() => host.clients.length === 1);
    expect(client.bytes()).toBe("");
    host.faults.remove(1);
    await client.until(() => client.bytes().includes("\r\n\r\n"));
    client.send(frame(1, "a"));
    await client.until(() => client.said.length === 1);
  });

  test("flap", async () => {
    const client = dial((await startHost(["flap"])).port);
    await client.until(() => client.ended.length > 0);
    expect(client.bytes()).toMatch(/^HTTP\/1.1 101 [^]*\r\n\r\n$/);
  });
});

describe("control frames and ends", () => {
  test("no-pong, while messages are echoed", async () => {
    const client = dial((await startHost(["no-pong"])).port);
    client.send(frame(9, "1"), frame(1, "a"), frame(9, "2"), frame(1, "b"));
    await client.until(() => client.said.length === 2);
    expect(client.said).toEqual(["a", "b"]);
  });

  test("late-pong: after the message that was sent behind the ping", async () => {
    const client = dial((await startHost(["late-pong=30ms"])).port);
    client.send(frame(9), frame(1, "a"));
    await client.until(() => client.said.length === 2);
    expect(client.said).toEqual(["a", "pong"]);
  });

  test("close-1012: the handshake runs to its end", async () => {
    const host = await startHost(["close-1012"]);
    const client = dial(host.port);
    await client.until(() => client.said.length === 1);
    expect(client.said).toEqual(["close 1012"]);
    client.send(frame(8, Buffer.from([0x03, 0xf4])));
    await client.until(() => client.ended.length > 0);
    expect(client.said).toEqual(["close 1012"]);
    expect(client.ended).toEqual(["end"]);
  });

  test("close-no-echo: the end without a close frame", async () => {
    const client = dial((await startHost(["close-no-echo"])).port);
    client.send(frame(1, "a"), closing);
    await client.until(() => client.ended.length > 0);
    expect(client.said).toEqual(["a"]);
  });

  test("close-no-fin: the close frame without the end", async () => {
    const host = await startHost(["close-no-fin"]);
    const client = dial(host.port);
    client.send(closing);
    await client.until(() => host.injected.get("close-no-fin") === 1);
    await client.until(() => client.said.length === 1);
    expect(client.said).toEqual(["close 1000"]);
    expect(client.ended).toEqual([]);
  });

  test("rst,at=2: the second message still arrives", async () => {
    const client = dial((await startHost(["rst,at=2"])).port);
    client.send(frame(1, "a"), frame(1, "b"), frame(1, "c"));
    await client.until(() => client.ended.length > 0);
    expect(client.said).toEqual(["a", "b"]);
  });

  // Node takes an RST for an end when it comes together with data: it has to come alone here.
  test("rst, switched on, is seen as such", async () => {
    const host = await startHost(["drop,p=0"]);
    const client = dial(host.port);
    client.send(frame(1, "a"));
    await client.until(() => client.said.length === 1);
    host.faults.add("rst");
    await client.until(() => client.ended.length > 0);
    expect(client.ended).toEqual(["ECONNRESET"]);
  });

  test("blackhole: the server hears, nothing comes back", async () => {
    const host = await startHost(["blackhole-after,at=1"]);
    const client = dial(host.port);
    client.send(frame(1, "a"));
    await client.until(() => client.said.length === 1);
    let heard = 0;
    host.clients[0]!.on("message", () => heard++);
    client.send(frame(1, "b"), frame(9), closing);
    await client.until(() => heard === 1 && host.clients[0]!.readyState !== 1);
    expect(client.said).toEqual(["a"]);
    expect(client.ended).toEqual([]);
  });

  test("rst and messages over TLS", async () => {
    const { cert, key: privateKey } = (await makeCertificates()).server;
    const host = await startHost(["dup,at=1"], {
      server: createSecureServer({ cert, key: privateKey }),
    });
    const client = dial(host.port, () =>
      tls.connect({ port: host.port, host: "127.0.0.1", rejectUnauthorized: false }),
    );
    client.send(frame(1, "a"));
    await client.until(() => client.said.length === 2);
    host.faults.add("rst");
    await client.until(() => client.ended.length > 0);
    expect(client.said).toEqual(["a", "a"]);
    expect(client.ended).toEqual(["ECONNRESET"]);
  });
});

describe("messages", () => {
  test("drop, reorder and dup over 10^4: the client sees what was counted", async () => {
    const host = await startHost(["drop,p=1%", "reorder,p=1%", "dup,p=1%"]);
    const client = dial(host.port);
    await client.until(() => host.clients.length === 1);
    const sent = 10_000;
    let called = 0;
    for (let number = 0; number < sent; number++) {
      host.clients[0]!.send(String(number), () => called++);
    }
    host.clients[0]!.close(1000);
    await client.until(() => client.said.at(-1) === "close 1000");
    const seen = new Set<number>();
    let [copies, late, latest] = [0, 0, -1];
    for (const number of client.said.slice(0, -1).map(Number)) {
      if (seen.has(number)) copies++;
      else if (number < latest) late++;
      latest = Math.max(latest, number);
      seen.add(number);
    }
    expect(Object.fromEntries(host.injected)).toEqual({
      drop: sent - seen.size,
      dup: copies,
      reorder: late,
    });
    expect(Math.min(sent - seen.size, copies, late)).toBeGreaterThan(40);
    await client.until(() => called === sent);
  });

  test("attached late, in the middle of much traffic, and taken off again", async () => {
    const host = await startHost([], { late: true });
    const client = dial(host.port);
    await client.until(() => host.clients.length === 1);
    const server = host.clients[0]!;
    for (let number = 0; number < 500; number++)
      server.send(`before ${number} ${"x".repeat(2000)}`);
    host.attach(0);
    const { id } = host.faults.add("drop");
    server.send("lost");
    host.faults.remove(id);
    server.send("last");
    await client.until(() => client.said.at(-1) === "last");
    expect(client.said).toHaveLength(501);
    expect(host.injected.get("drop")).toBe(1);
  });

  test("a stall holds all, and callbacks come when it is over", async () => {
    const host = await startHost([]);
    const client = dial(host.port);
    await client.until(() => client.bytes().includes("\r\n\r\n"));
    host.faults.stall(60_000);
    let called = 0;
    host.clients[0]!.send("a", () => called++);
    client.send(frame(1, "b"));
    await client.until(() => host.injected.get("stall") === 2);
    expect([client.said, called]).toEqual([[], 0]);
    host.faults.close();
    await client.until(() => client.said.length === 2 && called === 1);
  });

  test("64 MiB held back: the connection is reset, and the callbacks come", async () => {
    const host = await startHost(["delay=1h"]);
    const client = dial(host.port);
    await client.until(() => client.bytes().includes("\r\n\r\n"));
    let called = 0;
    const large = Buffer.alloc(16 * 1024 * 1024);
    for (let count = 0; count < 5; count++) host.clients[0]!.send(large, () => called++);
    await client.until(() => client.ended.length > 0 && called === 5);
    expect(client.ended).toEqual(["ECONNRESET"]);
  });

  test("a connection that goes takes its timers and callbacks with it", async () => {
    const host = await startHost(["delay=1h"]);
    const client = dial(host.port);
    await client.until(() => host.clients.length === 1);
    let called = 0;
    for (let count = 0; count < 3; count++) host.clients[0]!.send("a", () => called++);
    client.socket.resetAndDestroy();
    await client.until(() => host.sockets[0]!.closed && called === 3);
    expect(called).toBe(3);
  });
});
