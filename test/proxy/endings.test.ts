/** Shows how connections end through the proxy, from either side and by the proxy's own hand. */
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { encodeClosePayload } from "../../src/frame/close.js";
import { encodeFrame } from "../../src/frame/encode.js";
import type { Passing, Verdict } from "../../src/proxy/interference.js";
import { selfSigned } from "../../src/serve/certificate.js";
import {
  agreeing,
  asking,
  atEnd,
  directory,
  head,
  joined,
  rawServer,
  recorded,
  startTestProxy,
  Wiretap,
} from "./running.js";

const closeFrame = (code: number, reason: string, mask?: number): Buffer =>
  encodeFrame({ opcode: 8, mask }, encodeClosePayload(code, reason));

describe("an end is passed on as what it was", () => {
  test("a FIN of the client is a FIN for the server, which may go on", async () => {
    const { proxy, client, server } = await joined();
    client.socket.end();
    await server.until(() => server.ended);
    server.socket.write(encodeFrame({ opcode: 1 }, Buffer.from("still here")));
    expect(await client.take(12)).toHaveLength(12);
    server.socket.end();
    await Promise.all([client.gone(), server.gone()]);
    expect([client.error, server.error]).toEqual([undefined, undefined]);
    await vi.waitFor(() => expect(proxy.stats()).toMatchObject({ open: 0, closes: { 1006: 1 } }));
  });

  test("a reset of either side is a reset for the other, after what was sent before", async () => {
    for (const way of ["client", "server"] as const) {
      const both = await joined();
      const [one, other] =
        way === "client" ? [both.client, both.server] : [both.server, both.client];
      const last = encodeFrame(
        { opcode: 1, mask: way === "client" ? 1 : undefined },
        Buffer.of(97),
      );
      one.socket.write(last);
      await other.take(last.length);
      one.socket.resetAndDestroy();
      await other.gone();
      expect(other.error).toBe("ECONNRESET");
      await vi.waitFor(() => expect(both.proxy.stats().closes).toEqual({ 1006: 1 }));
      expect(both.proxy.events.at(-1)).toMatchObject({ event: "close", by: "nobody", code: 1006 });
    }
  });

  test("the first close frame is who closed, with its code and reason", async () => {
    const dir = directory();
    const { proxy, client, server } = await joined({
      record: { directory: dir, tool: "test", pause: true },
    });
    const first = closeFrame(4001, "enough of you");
    server.socket.write(first);
    expect(await client.take(first.length)).toEqual(first);
    const answer = closeFrame(1000, "fine", 7);
    client.socket.write(answer);
    expect(await server.take(answer.length)).toEqual(answer);
    server.socket.end();
    client.socket.end();
    const close = { by: "server", code: 4001, reason: "enough of you" };
    await vi.waitFor(() => expect(proxy.events.at(-1)).toMatchObject({ event: "close", ...close }));
    await proxy.close();
    expect(recorded(dir).slice(-2)).toMatchObject([
      { k: "close", ...close },
      { k: "end", in: 0, out: 0 },
    ]);
  });

  test("a close frame that breaks the rules goes on, and is told", async () => {
    const { proxy, client, server } = await joined();
    const odd = encodeFrame({ opcode: 8, mask: 0 }, Buffer.of(0x03));
    client.socket.write(odd);
    expect(await server.take(odd.length)).toEqual(odd);
    expect(proxy.events.at(-1)).toMatchObject({
      event: "note",
      text: expect.stringMatching(/2-byte/),
    });
  });

  test("the proxy is closed: both sides end, and the recording in good order", async () => {
    const dir = directory();
    const { proxy, client, server } = await joined({
      record: { directory: dir, tool: "test", pause: true },
    });
    client.socket.write(encodeFrame({ opcode: 1, mask: 9 }, Buffer.from("last words")));
    await server.take(16);
    await proxy.close();
    await Promise.all([
      client.until(() => client.ended || client.closed),
      server.until(() => server.ended || server.closed),
    ]);
    expect(recorded(dir).at(-1)).toMatchObject({ k: "end", out: 1 });
  });
});

describe("under TLS on the client's side", () => {
  /** A client that speaks TLS, and its server that does not. */
  async function securely(): Promise<{ client: Wiretap; server: Wiretap }> {
    const raw = await rawServer();
    const tls = await selfSigned("127.0.0.1");
    const proxy = await startTestProxy(raw.url, { tls });
    const socket = connectTls({
      host: "127.0.0.1",
      port: proxy.port,
      ca: tls.cert,
    });
    socket.allowHalfOpen = true;
    const client = new Wiretap(socket);
    atEnd(() => void socket.destroy());
    await once(socket, "secureConnect");
    socket.write(head(...asking));
    const server = await raw.next();
    await server.head();
    server.socket.write(head(...agreeing));
    await client.head();
    return { client, server };
  }

  test("a FIN is a FIN, and the other direction goes on", async () => {
    const { client, server } = await securely();
    client.socket.end(encodeFrame({ opcode: 1, mask: 1 }, Buffer.from("bye")));
    await server.until(() => server.ended);
    expect(server.bytes).toHaveLength(9);
    server.socket.end(encodeFrame({ opcode: 1 }, Buffer.from("and you")));
    await client.until(() => client.ended);
    expect(client.bytes.toString("latin1", 2)).toBe("and you");
  });

  test("a reset of the server is one for the client", async () => {
    const { client, server } = await securely();
    server.socket.resetAndDestroy();
    await client.gone();
    expect(client.error).toBe("ECONNRESET");
  });
});

describe("a link is cut", () => {
  test("close: the client hears a close frame, the server its answer", async () => {
    const { proxy, client, server } = await joined();
    const [link] = [...proxy.links()];
    link!.cut("close", 4002);
    const sent = closeFrame(4002, "cut off");
    expect(await client.take(sent.length)).toEqual(sent);
    server.socket.write("never seen");
    const answer = closeFrame(4002, "", 3);
    client.socket.write(answer);
    expect(await server.take(answer.length)).toEqual(answer);
    server.socket.end();
    await client.until(() => client.ended);
    expect(client.bytes).toHaveLength(0);
    // The client's frame is only the answer.
    client.socket.end();
    const close = { event: "close", by: "proxy", code: 4002 };
    await vi.waitFor(() => expect(proxy.events.at(-1)).toMatchObject(close));
  });

  test("fin, reset and silent", async () => {
    const fin = await joined();
    [...fin.proxy.links()][0]!.cut("fin");
    await fin.client.until(() => fin.client.ended);
    await fin.server.until(() => fin.server.ended);
    const reset = await joined();
    [...reset.proxy.links()][0]!.cut("reset");
    await Promise.all([reset.client.gone(), reset.server.gone()]);
    expect([reset.client.error, reset.server.error]).toEqual(["ECONNRESET", "ECONNRESET"]);
    const close = { event: "close", by: "proxy", code: 1006 };
    await vi.waitFor(() => expect(reset.proxy.events.at(-1)).toMatchObject(close));
    const silent = await joined();
    [...silent.proxy.links()][0]!.cut("silent");
    silent.server.socket.write("x".repeat(1000));
    await new Promise((resolve) => void silent.server.socket.write("y", resolve));
    expect(silent.client.bytes).toHaveLength(0);
    expect(silent.client.ended).toBe(false);
    silent.client.socket.write("z");
    // Whoever gives up is let go, and then there is nothing left of it.
    silent.client.socket.end();
    await Promise.all([silent.client.gone(), silent.server.until(() => silent.server.ended)]);
    expect(silent.server.bytes).toHaveLength(0);
    silent.server.socket.end();
    await vi.waitFor(() => expect([...silent.proxy.links()]).toEqual([]));
    expect(silent.proxy.stats()).toMatchObject({ open: 0, closes: { 1006: 1 } });
  });

  test("a close frame does not wait for the message that it came in the middle of", async () => {
    const { client, server } = await joined({ interfere: () => ({ in: letGo, out: letGo }) });
    const part = encodeFrame({ opcode: 1, fin: false }, Buffer.from("part"));
    const close = encodeFrame({ opcode: 8 }, Buffer.from([3, 0xe9]));
    server.socket.write(Buffer.concat([part, close]));
    expect(await client.take(part.length + close.length)).toEqual(Buffer.concat([part, close]));
  });

  test("a close is written where a frame has ended, whatever waits or has come of the next", async () => {
    const { proxy, client, server } = await joined({
      interfere: () => ({ in: { judge: () => ({ delay: 60_000 }), committed: false } }),
    });
    const late = encodeFrame({ opcode: 1 }, Buffer.from("late"));
    server.socket.write(Buffer.concat([late, late.subarray(0, 3)]));
    await vi.waitFor(() => expect([...proxy.links()][0]!.buffered).toBe(late.length));
    [...proxy.links()][0]!.cut("close", 4001, "no");
    expect((await client.take(6)).toString("hex")).toBe("88040fa16e6f");
  });

  test("nothing goes out behind a last word", async () => {
    const last = encodeFrame({ opcode: 8 }, Buffer.from([3, 0xe8]));
    const { proxy, client, server } = await joined({
      maxPayload: 100,
      interfere: () => ({
        in: { judge: () => ({ bytes: last, isLast: true }), committed: false },
      }),
    });
    server.socket.write(encodeFrame({ opcode: 1 }, Buffer.from("bye")));
    server.socket.write(encodeFrame({ opcode: 2 }, Buffer.alloc(1000)));
    // And what no frame begins with.
    server.socket.end(Buffer.from("ffff", "hex"));
    await client.until(() => client.ended);
    expect(client.bytes).toEqual(last);
    expect(proxy.stats().messages.in).toBe(2);
  });
});

const letGo = { judge: () => undefined, committed: false };

/** Judges what the client says by its text. */
function byText(judge: (text: string, passing: Passing) => Verdict | undefined, committed = false) {
  return () => ({
    out: {
      judge: (passing: Passing) => judge(passing.payload.toString(), passing),
      committed,
    },
  });
}

const say = (text: string): Buffer => encodeFrame({ opcode: 1, mask: 3 }, Buffer.from(text));

describe("what something acts on", () => {
  test("is dropped, replaced, or late; what comes behind waits", async () => {
    const other = encodeFrame({ opcode: 1, mask: 0 }, Buffer.from("other"));
    const dir = directory();
    const { proxy, client, server } = await joined({
      record: { directory: dir, tool: "test", pause: true },
      interfere: byText((text) => {
        if (text === "drop") return { bytes: Buffer.alloc(0), note: "dropped" };
        if (text === "replace") return { bytes: other };
        return text === "late" ? { delay: 400 } : undefined;
      }),
    });
    const ping = encodeFrame({ opcode: 9, mask: 0 }, Buffer.of(1));
    client.socket.write(Buffer.concat(["drop", "a", "replace", "late", "b"].map(say)));
    client.socket.write(ping);
    const begun = performance.now();
    const before = Buffer.concat([say("a"), other]);
    expect(await server.take(before.length)).toEqual(before);
    expect(server.bytes).toHaveLength(0);
    const after = Buffer.concat([say("late"), say("b"), ping]);
    expect(await server.take(after.length)).toEqual(after);
    expect(performance.now() - begun).toBeGreaterThan(390);
    client.socket.end();
    await server.until(() => server.ended);
    await proxy.close();
    const marks = recorded(dir).filter(({ k }) => k === "mark");
    expect(marks).toMatchObject([
      { text: "dropped" },
      { text: "the proxy ended the connection: 1006" },
    ]);
  });

  test("a control frame between fragments does not wait for them", async () => {
    const seen: string[] = [];
    const { client, server } = await joined({
      interfere: byText((text, { opcode, frames, bytes }) => {
        seen.push(`${opcode} ${text} ${frames} ${Buffer.concat([...bytes]).length}`);
        return text === "gone" ? { bytes: Buffer.alloc(0) } : undefined;
      }),
    });
    const begin = encodeFrame({ opcode: 1, fin: false, mask: 0 }, Buffer.from("he"));
    const stays = encodeFrame({ opcode: 9, mask: 0 }, Buffer.from("stays"));
    const gone = encodeFrame({ opcode: 9, mask: 0 }, Buffer.from("gone"));
    const end = encodeFrame({ opcode: 0, mask: 0 }, Buffer.from("llo"));
    client.socket.write(Buffer.concat([begin, stays, gone]));
    expect(await server.take(stays.length)).toEqual(stays);
    client.socket.write(end);
    const left = Buffer.concat([begin, end]);
    expect(await server.take(left.length)).toEqual(left);
    expect(seen).toEqual(["9 stays 1 11", "9 gone 1 10", "1 hello 2 17"]);
  });

  test("a receiver that could not follow is cut off, and one whose judge throws", async () => {
    const deaf = await joined({ interfere: byText(() => undefined, true), maxPayload: 10 });
    deaf.client.socket.write(say("far too long for the bound"));
    await Promise.all([deaf.client.gone(), deaf.server.gone()]);
    expect(deaf.server.bytes).toHaveLength(0);
    const broken = await joined({
      interfere: byText(() => {
        throw new Error("oh");
      }),
    });
    broken.client.socket.write(say("hello"));
    await Promise.all([broken.client.gone(), broken.server.gone()]);
    expect(broken.proxy.events).toContainEqual(
      expect.objectContaining({ event: "note", text: expect.stringContaining("Error: oh") }),
    );
  });
});

test("who does not read is not sent to: nothing piles up in the proxy", async () => {
  const { proxy, client, server } = await joined();
  client.socket.removeAllListeners("data");
  client.socket.pause();
  const chunk = encodeFrame({ opcode: 2 }, Buffer.alloc(200_000));
  let sent = 0;
  // Until the kernels on the way are full, and the server's own socket is told to wait.
  for (let round = 0; round < 2000 && server.socket.writableLength < 2_000_000; round++) {
    server.socket.write(chunk);
    sent += chunk.length;
    await new Promise((resolve) => void setImmediate(resolve));
  }
  expect(server.socket.writableLength).toBeGreaterThan(1_000_000);
  const [link] = [...proxy.links()];
  expect(link!.buffered).toBeLessThan(1_000_000);
  let got = 0;
  client.socket.on("data", ({ length }: Buffer) => (got += length));
  client.socket.resume();
  await vi.waitFor(() => expect(got).toBe(sent), { timeout: 10_000 });
});

test(
  "many clients at once, each with its own server's end and its own file",
  { timeout: 20_000 },
  async () => {
    const server = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      perMessageDeflate: { threshold: 0 },
    });
    await once(server, "listening");
    atEnd(() => {
      server.close();
    });
    server.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const { port } = server.address() as { port: number };
    const dir = directory();
    const proxy = await startTestProxy(`ws://127.0.0.1:${port}/`, {
      record: { directory: dir, tool: "test", pause: true, fsync: "none" },
    });
    const count = 40;
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const client = new WebSocket(proxy.url, { perMessageDeflate: { threshold: 0 } });
        await once(client, "open");
        for (let n = 0; n < 5; n++) {
          // Each refers to what was said before: the inflaters have to keep up.
          client.send(`client ${index} says the same again, number ${n}`);
          const [data] = (await once(client, "message")) as [Buffer];
          expect(data.toString()).toBe(`client ${index} says the same again, number ${n}`);
        }
        client.close(4000 + (index % 3), "done");
        await once(client, "close");
      }),
    );
    await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
    expect(proxy.stats()).toMatchObject({ opened: count, messages: { in: 200, out: 200 } });
    const said = proxy.events.filter((event) => event.event === "message");
    expect(said.every(({ compressed }) => compressed)).toBe(true);
    expect(said.every(({ data }) => data?.toString().includes("says the same again"))).toBe(true);
    expect(Object.keys(proxy.stats().closes)).toEqual(["4000", "4001", "4002"]);
  },
);
