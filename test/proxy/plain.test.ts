/** Shows what becomes of plain requests, head by head: nothing is smuggled, lost or left without an answer. */
import { describe, expect, test, vi } from "vitest";
import {
  agreeing,
  asking,
  head,
  type Proxied,
  type RawServer,
  rawClient,
  rawServer,
  startTestProxy,
  type Wiretap,
} from "./running.js";

async function between(): Promise<{ raw: RawServer; proxy: Proxied; client: Wiretap }> {
  const raw = await rawServer();
  const proxy = await startTestProxy(raw.url);
  return { raw, proxy, client: await rawClient(proxy.port) };
}

describe("a request", () => {
  test.each(["GET", "POST"])("%s keeps what says where its body ends", async (method) => {
    const { raw, client } = await between();
    const inner = head("GET /admin HTTP/1.1", "Host: x");
    const length = `Content-Length: ${inner.length}`;
    const named = "Connection: content-length, host, x-mine";
    client.socket.write(
      head(`${method} /a HTTP/1.1`, "Host: x", "X-Mine: 1", named, length) + inner,
    );
    const server = await raw.next();
    const asked = await server.head();
    expect(asked).toContain(`\r\n${length}\r\n`);
    expect(asked).toMatch(/\r\nHost: 127/);
    expect(asked).not.toMatch(/x-mine/i);
    expect((await server.take(inner.length)).toString()).toBe(inner);
  });

  test("with a coding that is not understood goes nowhere", async () => {
    const { client } = await between();
    client.socket.write(head("POST / HTTP/1.1", "Host: x", "Transfer-Encoding: gzip, chunked"));
    expect(await client.head()).toMatch("HTTP/1.1 501 ");
  });

  test("of HTTP/1.0 gets a Host, and its answer after its end was said", async () => {
    const { raw, client } = await between();
    client.socket.end("GET /x HTTP/1.0\r\n\r\n");
    const server = await raw.next();
    expect(await server.head()).toMatch(`\r\nHost: 127.0.0.1:${raw.port}\r\n`);
    server.socket.end(`${head("HTTP/1.1 200 OK", "Content-Length: 2")}ok`);
    expect(await client.head()).toMatch("HTTP/1.1 200 OK");
    expect((await client.take(2)).toString()).toBe("ok");
  });

  test("that expects a word gets that of the server", async () => {
    const { raw, client } = await between();
    const ask = (what: string): string =>
      head("POST / HTTP/1.1", "Host: x", `Expect: ${what}`, "Content-Length: 3");
    client.socket.write(ask("100-continue"));
    const server = await raw.next();
    expect(await server.head()).toMatch("Expect: 100-continue");
    expect(client.bytes).toHaveLength(0);
    server.socket.write(head("HTTP/1.1 100 Continue"));
    expect(await client.head()).toMatch("HTTP/1.1 100 ");
    client.socket.write("abc");
    expect((await server.take(3)).toString()).toBe("abc");
    server.socket.write(head("HTTP/1.1 204 No"));
    expect(await client.head()).toMatch("HTTP/1.1 204 ");
    client.socket.write(ask("miracles"));
    const other = await raw.next();
    expect(await other.head()).toMatch("Expect: miracles");
  });

  test("for another protocol is one without that wish, and so is the next", async () => {
    const { raw, proxy, client } = await between();
    const upgrade = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA"];
    const ask = head("POST /p HTTP/1.1", "Host: x", ...upgrade, "Content-Length: 5");
    for (const connection of ["keep-alive", "close"]) {
      client.socket.write(`${ask}hello`);
      const server = await raw.next();
      expect(await server.head()).not.toMatch(/upgrade|http2/i);
      expect((await server.take(5)).toString()).toBe("hello");
      server.socket.write(`${head("HTTP/1.1 200 OK", "Content-Length: 2")}ok`);
      expect(await client.head()).toMatch(new RegExp(`^Connection: ${connection}\r$`, "im"));
      expect((await client.take(2)).toString()).toBe("ok");
    }
    expect(proxy.stats()).toMatchObject({ refused: 0, requests: 2 });
  });

  test("is answered before the upgrade behind it", async () => {
    const { raw, client } = await between();
    client.socket.write(head("GET /slow HTTP/1.1", "Host: x") + head(...asking));
    const slow = await raw.next();
    expect(await slow.head()).toMatch("GET /slow");
    slow.socket.write(`${head("HTTP/1.1 200 OK", "Content-Length: 4")}SLOW`);
    const server = await raw.next();
    server.socket.write(head(...agreeing));
    expect(await client.head()).toMatch("HTTP/1.1 200 OK");
    expect((await client.take(4)).toString()).toBe("SLOW");
    expect(await client.head()).toBe(head(...agreeing));
    client.socket.write("frames");
    await server.head();
    expect((await server.take(6)).toString()).toBe("frames");
  });

  test("with a large head passes, with a larger one or none at all is told", async () => {
    const { raw, proxy, client } = await between();
    client.socket.write(head("GET / HTTP/1.1", "Host: x", `Cookie: ${"a".repeat(40_000)}`));
    expect(await (await raw.next()).head()).toContain("a".repeat(40_000));
    for (const [said, status] of [
      [head("GET / HTTP/1.1", `Cookie: ${"a".repeat(70_000)}`), 431],
      [head("what is this"), 400],
    ] as const) {
      const other = await rawClient(proxy.port);
      other.socket.write(said);
      expect(await other.head()).toMatch(`HTTP/1.1 ${status} `);
      await vi.waitFor(() => expect(proxy.events.at(-1)).toMatchObject({ event: "note" }));
    }
    expect(proxy.events).toMatchObject([
      { text: expect.stringContaining("larger than 64 KiB") },
      { text: expect.stringContaining("no HTTP request") },
    ]);
  });
});

describe("an answer", () => {
  const get = head("GET / HTTP/1.1", "Host: x", "TE: trailers");

  test("keeps its interim ones, its trailers, and what is for the client", async () => {
    const { raw, client } = await between();
    client.socket.write(get);
    const server = await raw.next();
    expect(await server.head()).toMatch(/\r\nTE: trailers\r\nConnection: close, TE\r\n/);
    server.socket.write(head("HTTP/1.1 103 Early Hints", "Link: </x>; rel=preload"));
    expect(await client.head()).toBe(head("HTTP/1.1 103 Early Hints", "Link: </x>; rel=preload"));
    const chunked = head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-T");
    server.socket.write(`${chunked}2\r\nok\r\n0\r\nX-T: 1\r\n\r\n`);
    expect(await client.head()).toMatch(/\r\nTrailer: X-T\r\n/);
    await client.until(() => client.bytes.includes("\r\n\r\n"));
    expect(client.bytes.toString()).toBe("2\r\nok\r\n0\r\nX-T: 1\r\n\r\n");
  });

  test.each([
    [426, ["Upgrade: websocket", "Connection: Upgrade"], /Upgrade: websocket\r\n/],
    [407, ["Proxy-Authenticate: Basic"], /Proxy-Authenticate: Basic\r\n/],
    [200, [`X: ${"a".repeat(20_000)}`], /X: a{20000}\r\n/],
  ])("%d keeps %j", async (status, lines, kept) => {
    const { raw, client } = await between();
    client.socket.write(get);
    const server = await raw.next();
    server.socket.write(head(`HTTP/1.1 ${status} So`, ...lines, "Content-Length: 0"));
    const answer = await client.head();
    expect(answer).toMatch(`HTTP/1.1 ${status} So`);
    expect(answer).toMatch(kept);
  });

  test("of 101 that nobody asked for, or none at all, is a 502", async () => {
    for (const said of [head(...agreeing), ""]) {
      const { raw, client } = await between();
      client.socket.write(get);
      const server = await raw.next();
      await server.head();
      server.socket.end(said);
      expect(await client.head()).toMatch("HTTP/1.1 502 ");
    }
  });
});
