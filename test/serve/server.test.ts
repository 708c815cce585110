/** Drives the server as clients do, good and bad, and sees that one does not hurt the others. */
import { once } from "node:events";
import { expect, describe, test } from "vitest";
import type { Guard } from "../../src/serve/guard.js";
import type { Peer } from "../../src/serve/peer.js";
import type { ServeOptions } from "../../src/serve/server.js";
import { ask, closeCode, connect, http, start, tcp, until, upgradeHead, gone } from "./running.js";

describe("an upgrade", () => {
  test("tells clients on this machine where the control port is", async () => {
    const server = await start();
    const socket = await tcp(server.url);
    socket.write(upgradeHead);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toContain(`\r\nWsctl-Control: ${server.control}\r\n`);
    expect(answer.toString()).not.toContain(server.token);
  });

  test("that a guard still thinks about is dropped when the server closes", async () => {
    const server = await start({ guards: [{ admit: () => new Promise(() => {}) }] });
    const socket = await tcp(server.url);
    socket.write(upgradeHead);
    const closed = gone(socket);
    await server.close();
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  test("that was refused does not keep its connection, whatever the client does", async () => {
    const server = await start({ guards: [{ admit: () => ({ status: 403, error: "no" }) }] });
    const socket = await tcp(server.url);
    socket.write(upgradeHead);
    let text = "";
    socket.on("data", (data: Buffer) => (text += data.toString()));
    // It neither ends its side nor stops sending.
    const talk = setInterval(() => socket.write("x".repeat(1000)), 10);
    await gone(socket);
    clearInterval(talk);
    expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(text).toMatch(/\{"error":"no"\}\n$/);
  });
});

describe("a client that breaks the rules", () => {
  test.each([
    ["an unmasked frame", Buffer.from("8101 41".replace(" ", ""), "hex"), 1002],
    ["a reserved opcode", Buffer.from("838000000000", "hex"), 1002],
    ["a reserved bit", Buffer.from("c18000000000", "hex"), 1002],
    ["text that is no UTF-8", Buffer.from("818200000000c328", "hex"), 1007],
    ["a message that is too large", Buffer.from("81ff000000001000000000000000", "hex"), 1009],
    ["a length with its top bit set", Buffer.from("81ffffffffffffffffff00000000", "hex"), 1009],
    ["a fragmented ping", Buffer.from("098000000000", "hex"), 1002],
  ])("by %s is closed, and the others are not", async (_what, bytes, code) => {
    const server = await start();
    const good = await connect(server.url);
    const bad = await tcp(server.url);
    bad.write(Buffer.concat([Buffer.from(upgradeHead), bytes]));
    let heard = Buffer.alloc(0);
    bad.on("data", (data: Buffer) => (heard = Buffer.concat([heard, data])));
    await gone(bad);
    const frames = heard.subarray(heard.indexOf("\r\n\r\n") + 4);
    expect([frames[0], frames.readUInt16BE(2)]).toEqual([0x88, code]);
    expect(await ask(good, "well")).toBe("well");
    await until("it is counted", () => server.truth.total.open === 1);
  });

  test.each([
    [
      "a head that is too large",
      `${upgradeHead.trimEnd()}\r\nX: ${"y".repeat(20_000)}\r\n\r\n`,
      431,
    ],
    ["no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n", 400],
    ["a key that is none", upgradeHead.replace("dGhl", "??"), 400],
    ["another version", upgradeHead.replace("Version: 13", "Version: 7"), 426],
    ["13 in another spelling", upgradeHead.replace("Version: 13", "Version: 013"), 426],
    ["13 as a fraction", upgradeHead.replace("Version: 13", "Version: 13.0"), 426],
    ["13 in hexadecimal", upgradeHead.replace("Version: 13", "Version: 0xd"), 426],
    ["a draft's version in hexadecimal", upgradeHead.replace("Version: 13", "Version: 0x8"), 426],
    ["a draft's version", upgradeHead.replace("Version: 13", "Version: 8"), 426],
    ["no Host", upgradeHead.replace("Host: x\r\n", ""), 400],
    ["HTTP/1.0", upgradeHead.replace("HTTP/1.1", "HTTP/1.0"), 400],
  ])("by %s gets an HTTP error", async (_what, head, status) => {
    const server = await start();
    const bad = await tcp(server.url);
    bad.write(head);
    let text = "";
    bad.on("data", (data: Buffer) => (text += data.toString()));
    await gone(bad);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(await ask(await connect(server.url), "well")).toBe("well");
  });

  test("ends only itself by a reset at any moment", async () => {
    const server = await start();
    const good = await connect(server.url);
    for (let cut = 0; cut <= upgradeHead.length; cut += 16) {
      const bad = await tcp(server.url);
      bad.write(upgradeHead.slice(0, cut), () => bad.resetAndDestroy());
      await gone(bad);
    }
    expect(await ask(good, "well")).toBe("well");
    await until("only one is open", () => server.truth.total.open === 1);
  });

  test("by ending its side in the middle is gone", async () => {
    const server = await start();
    const bad = await tcp(server.url);
    bad.end(upgradeHead);
    bad.resume();
    await gone(bad);
    await until("none is open", () => server.truth.total.open === 0);
    expect(server.truth.total.stats().connections.open).toBe(0);
  });
});

describe("a mode or a guard that throws", () => {
  const bug = (): never => {
    throw new RangeError("Maximum call stack size exceeded");
  };

  test.each<[string, Partial<ServeOptions>]>([
    ["at a message", { mode: { accept: (peer) => void (peer.onMessage = onBad) } }],
    ["before the mode", { guards: [{ attach: (peer) => peer.intercept((data) => passes(data)) }] }],
  ])("%s loses only that client, and is told of", async (_when, options) => {
    const server = await start(options);
    const [good, bad] = [await connect(server.url), await connect(server.url)];
    bad.send("bad");
    bad.send("bad");
    expect(await closeCode(bad)).toBe(1011);
    expect(await ask(good, "well")).toBe("well");
    const failures = server.events.filter(({ event }) => event === "failed");
    const error = "Maximum call stack size exceeded";
    expect(failures).toEqual([{ event: "failed", connection: 2, error }]);
  });

  test("when a client comes loses that client", async () => {
    let comes = 0;
    const accept = (peer: Peer): void => {
      if (++comes === 2) bug();
      peer.onMessage = (data, isBinary) => peer.send(data, isBinary);
    };
    const server = await start({ mode: { accept } });
    const good = await connect(server.url);
    expect(await closeCode(await connect(server.url))).toBe(1011);
    expect(await ask(good, "well")).toBe("well");
  });

  function onBad(this: Peer, data: Buffer, isBinary: boolean): void {
    if (passes(data)) this.send(data, isBinary);
  }

  function passes(data: Buffer): boolean {
    return data.toString() === "bad" ? bug() : true;
  }
});

test.each<[string, Guard[]]>([
  ["without guards", []],
  ["under a guard", [{ attach: (peer) => peer.interceptOutgoing(() => true) }]],
])("who asks and does not read fills no memory, and loses nothing, %s", async (_what, guards) => {
  const server = await start({ maxPayload: 16 * 1024 * 1024, guards });
  const good = await connect(server.url);
  const greedy = await connect(server.url);
  const [count, size] = [150, 256 * 1024];
  let heard = 0;
  greedy.on("message", (data) => (heard += (data as Buffer).length));
  greedy.pause();
  for (let n = 0; n < count; n++) greedy.send(Buffer.alloc(size));
  let most = 0;
  for (let round = 0; round < 50; round++) {
    await ask(good, "well");
    const { connections } = await server.controlled.connections(9);
    most = Math.max(most, ...connections.map(({ buffered }) => buffered));
  }
  expect(most).toBeLessThan(2 * 1024 * 1024);
  expect(server.truth.total.received).toBeLessThan(count);
  greedy.resume();
  await until("it has every answer", () => heard === count * size);
  expect(heard).toBe(count * size);
});

describe("the end of the server", () => {
  test("closes every client with 1001, also one that does not answer", async () => {
    const server = await start();
    const client = await connect(server.url);
    const mute = await tcp(server.url);
    mute.write(upgradeHead);
    await once(mute, "data");
    const closed = closeCode(client);
    const ended = gone(mute);
    await server.close();
    expect(await closed).toBe(1001);
    await ended;
    expect(server.truth.total.stats().closes).toEqual({ 1001: 1, 1006: 1 });
    await expect(http(server.url.replace("ws:", "http:"))).rejects.toThrow("ECONNREFUSED");
  });

  test("does not come by a port that is taken", async () => {
    const server = await start();
    const port = Number(new URL(server.url).port);
    await expect(start({ port })).rejects.toMatchObject({
      code: "WSCTL_ELISTEN",
      hint: "the port is taken: choose another with --port, or 0 for any free one",
    });
    await expect(start({ controlPort: port })).rejects.toMatchObject({ code: "WSCTL_ELISTEN" });
  });
});
