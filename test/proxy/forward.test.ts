/** Shows the proxy as an HTTP proxy: whole URLs, tunnels with HTTP, TLS and anything else inside; and plain requests. */
import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Authority } from "../../src/proxy/authority.js";
import { selfSigned } from "../../src/serve/certificate.js";
import {
  agreeing,
  asking,
  atEnd,
  directory,
  head,
  type Proxied,
  rawClient,
  rawServer,
  startTestProxy,
  type Wiretap,
} from "./running.js";

/** A server that tells what it was asked, and echoes WebSocket. */
async function site(tls?: {
  cert: string;
  key: string;
}): Promise<{ port: number; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    asked.push(request);
    const body: Buffer[] = [];
    request.on("data", (chunk: Buffer) => body.push(chunk));
    request.on("end", () => {
      response.writeHead(201, "Made", [
        "X-One",
        "1",
        "x-one",
        "2",
        "Set-Cookie",
        "a=b",
        "Connection",
        "close",
      ]);
      response.end(`${request.method} ${request.url} ${Buffer.concat(body).toString()}`);
    });
  };
  const http: Server = tls ? createTlsServer(tls, answer) : createServer(answer);
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket, request) => {
    asked.push(request);
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  atEnd(() => {
    for (const client of sockets.clients) client.terminate();
    http.closeAllConnections();
    http.close();
  });
  return { port: (http.address() as AddressInfo).port, asked };
}

/** What a client of TLS 1.2 begins with. */
const clientHello = Buffer.from(
  [
    "16030100830100007f030306b05767da324810b645c74b3403f99381c467f7dc5de38c444285a5cf",
    "94522b000004c02b00ff01000052000b000403000102000a000c000a001d0017001e001900180023",
    "00000016000000170000000d002a0028040305030603080708080809080a080b0804080508060401",
    "05010601030303010302040205020602",
  ].join(""),
  "hex",
);

async function tunnel(proxy: Proxied, to: string): Promise<Wiretap> {
  const client = await rawClient(proxy.port);
  client.socket.write(head(`CONNECT ${to} HTTP/1.1`, `Host: ${to}`));
  return client;
}

interface Got {
  readonly status: number;
  readonly message: string;
  readonly headers: readonly string[];
  readonly body: string;
}

async function get(options: RequestOptions, body = ""): Promise<Got> {
  const request = httpRequest({ host: "127.0.0.1", agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    status: response.statusCode ?? 0,
    message: response.statusMessage ?? "",
    headers: response.rawHeaders,
    body: Buffer.concat(chunks).toString(),
  };
}

describe("plain requests", () => {
  test("go to the target and come back, with bodies and headers as they were", async () => {
    const { port, asked } = await site();
    const proxy = await startTestProxy(`ws://127.0.0.1:${port}`);
    const got = await get(
      { port: proxy.port, method: "POST", path: "/a?b=1", headers: { "X-Mine": "y" } },
      "body",
    );
    expect(got).toMatchObject({ status: 201, message: "Made", body: "POST /a?b=1 body" });
    expect(got.headers.slice(0, 6)).toEqual(["X-One", "1", "x-one", "2", "Set-Cookie", "a=b"]);
    expect(asked[0]!.rawHeaders).toContain("X-Mine");
    expect(asked[0]!.headers.host).toBe(`127.0.0.1:${port}`);
    expect(proxy.events).toMatchObject([{ event: "request", method: "POST", status: 201 }]);
    expect(JSON.stringify(proxy.events)).not.toContain("b=1");
  });

  test("whole URLs lead where they say, Host with them", async () => {
    const { port, asked } = await site();
    const proxy = await startTestProxy(undefined);
    const path = `http://127.0.0.1:${port}/x`;
    const got = await get({ port: proxy.port, path, headers: { Host: "else.example" } });
    expect(got).toMatchObject({ status: 201, body: "GET /x " });
    expect(asked[0]!.headers.host).toBe(`127.0.0.1:${port}`);
  });

  test("what leads nowhere is answered with why", async () => {
    const proxy = await startTestProxy(undefined);
    const asked = async (path: string): Promise<Got> => get({ port: proxy.port, path });
    expect(await asked("/x")).toMatchObject({
      status: 400,
      body: expect.stringContaining("HTTP proxy"),
    });
    expect(await asked("http://127.0.0.1:1/")).toMatchObject({ status: 502 });
    expect(await asked("http://127.0.0.1:99999/")).toMatchObject({ status: 400 });
    expect(await asked(`http://127.0.0.1:${proxy.port}/`)).toMatchObject({ status: 508 });
  });

  test("a server that breaks off breaks off for the client", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    const client = await rawClient(proxy.port);
    client.socket.write(head("GET / HTTP/1.1", "Host: x"));
    const server = await raw.next();
    await server.head();
    server.socket.write(head("HTTP/1.1 200 OK", "Content-Length: 100") + "half");
    await client.until(() => client.bytes.includes("half"));
    server.socket.resetAndDestroy();
    await client.until(() => client.ended || client.closed);
    expect(client.bytes.toString()).toMatch(/half$/);
  });
});

describe("an upgrade by its whole URL", () => {
  test("reaches the server in origin form", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(undefined);
    const client = await rawClient(proxy.port);
    const [, ...rest] = asking;
    client.socket.write(head(`GET ws://127.0.0.1:${raw.port}/chat?x HTTP/1.1`, ...rest));
    const server = await raw.next();
    const got = await server.head();
    expect(got).toMatch(/^GET \/chat\?x HTTP\/1.1\r\n/);
    expect(got).toContain(`Host: 127.0.0.1:${raw.port}\r\n`);
    server.socket.write(head(...agreeing));
    expect(await client.head()).toBe(head(...agreeing));
  });
});

describe("CONNECT", () => {
  test("with HTTP inside: several requests, then a WebSocket", async () => {
    const { port, asked } = await site();
    const proxy = await startTestProxy(undefined);
    const client = await tunnel(proxy, `127.0.0.1:${port}`);
    expect(await client.head()).toMatch(/^HTTP\/1.1 200 /);
    for (const path of ["/one", "/two"]) {
      client.socket.write(head(`GET ${path} HTTP/1.1`, "Host: virtual.example"));
      expect(await client.head()).toMatch(/^HTTP\/1.1 201 Made/);
      await client.until(() => client.bytes.includes("0\r\n\r\n"));
      await client.take(client.bytes.length);
    }
    client.socket.write(head(...asking));
    expect(await client.head()).toMatch(/^HTTP\/1.1 101 /);
    expect(asked.map(({ headers }) => headers.host)).toEqual([
      "virtual.example",
      "virtual.example",
      "proxy.example",
    ]);
    expect(proxy.stats()).toMatchObject({ requests: 2, opened: 1, tunnels: 0 });
  });

  test("with TLS inside: a certificate of the authority's, and TLS to the server", async () => {
    const { cert, key } = await selfSigned("127.0.0.1");
    const { port } = await site({ cert, key });
    const authority = await Authority.open(directory());
    const proxy = await startTestProxy(undefined, { authority, dial: { tls: { ca: cert } } });
    const ca = authority.certificate.cert;
    const client = await tunnel(proxy, `127.0.0.1:${port}`);
    await client.head();
    client.socket.removeAllListeners("data");
    const socket = client.socket;
    const message = await new Promise<string>((resolve, reject) => {
      const secure = connectTls({ socket, ca, host: "127.0.0.1" });
      secure.on("error", reject);
      const ws = new WebSocket(`ws://127.0.0.1:${port}/echo`, {
        createConnection: () => secure,
        perMessageDeflate: false,
      });
      ws.on("error", reject);
      ws.on("open", () => ws.send("through two kinds of TLS"));
      ws.on("message", (data: Buffer) => {
        resolve(data.toString());
        ws.close(1000);
      });
    });
    expect(message).toBe("through two kinds of TLS");
    await vi.waitFor(() => expect(proxy.stats()).toMatchObject({ open: 0, closes: { 1000: 1 } }));
    expect(proxy.events[0]).toMatchObject({
      event: "open",
      target: `wss://127.0.0.1:${port}/echo`,
    });
  });

  test("a server whose certificate is no good: 502 inside of TLS, with why", async () => {
    const { port } = await site(await selfSigned("127.0.0.1"));
    const authority = await Authority.open(directory());
    const proxy = await startTestProxy(undefined, { authority });
    const secure = await secured(proxy, authority, `127.0.0.1:${port}`, "name.example");
    secure.write(head("GET / HTTP/1.1", "Host: x"));
    const [answer] = (await once(secure, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 502 [^]*WSCTL_ETLS/);
    expect(secure.getPeerCertificate().subjectaltname).toBe("DNS:name.example");
  });

  test("a name that is none ends the handshake, not the proxy", async () => {
    const authority = await Authority.open(directory());
    const proxy = await startTestProxy(undefined, { authority });
    await expect(secured(proxy, authority, "127.0.0.1:9", "a..b")).rejects.toThrow();
    await vi.waitFor(() =>
      expect(proxy.events).toMatchObject([{ event: "note", text: expect.stringContaining("TLS") }]),
    );
  });

  test("a client that does not trust the CA is told of in words, inside and at the port", async () => {
    const authority = await Authority.open(directory());
    const proxy = await startTestProxy(undefined, { authority });
    const served = await startTestProxy("ws://127.0.0.1:1", { authority, tls: "authority" });
    const { port } = served;
    const inside = await tunnel(proxy, "127.0.0.1:9");
    await inside.head();
    const outside = await rawClient(port);
    // The alert of unknown_ca that OpenSSL sends, in the place of the first record of a handshake.
    const alert = Buffer.from("15030300020230", "hex");
    for (const { socket } of [inside, outside]) {
      socket.write(clientHello);
      socket.once("data", () => socket.write(alert));
    }
    const plain = await rawClient(port);
    plain.socket.write(head("GET / HTTP/1.1", "Host: x"));
    const told = expect.stringMatching(/does not trust the proxy's CA: see `wsctl proxy ca`/);
    await vi.waitFor(() =>
      expect(proxy.events).toEqual([{ event: "note", connection: undefined, text: told }]),
    );
    await vi.waitFor(() => {
      const texts = served.events.map((event) => (event.event === "note" ? event.text : ""));
      expect(texts.sort()).toEqual([
        told,
        expect.stringMatching(/plain HTTP to a port that serves TLS/),
      ]);
    });
  });

  test.each<[string, string, { only?: readonly string[]; silence?: number }]>([
    ["not HTTP", "\0\x01 any protocol", {}],
    ["excluded", "GET / HTTP/1.1\r\n", { only: ["*.else.example", "else.example"] }],
    ["not HTTP", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {}],
    ["not HTTP", "EHLO x\r\n", {}],
    ["not HTTP", "GET without end", { silence: 20 }],
    ["silent", "", { silence: 20 }],
  ])("bytes pass unseen: %s", async (why, first, { only, silence }) => {
    const raw = await rawServer();
    const proxy = await startTestProxy(undefined, { only, limits: { silence } });
    const client = await tunnel(proxy, `127.0.0.1:${raw.port}`);
    expect(await client.head()).toMatch(/^HTTP\/1.1 200 /);
    client.socket.write(first);
    const server = await raw.next();
    expect((await server.take(first.length)).toString()).toBe(first);
    server.socket.write("hello");
    expect((await client.take(5)).toString()).toBe("hello");
    client.socket.end("bye");
    await server.until(() => server.ended);
    expect(server.bytes.toString()).toBe("bye");
    server.socket.end("and you");
    await client.until(() => client.ended);
    expect(client.bytes.toString()).toBe("and you");
    expect(proxy.events).toEqual([
      { event: "tunnel", remote: expect.any(String), host: `127.0.0.1:${raw.port}`, why },
    ]);
  });

  test("TLS that nobody can look into passes", async () => {
    const { cert, key } = await selfSigned("127.0.0.1");
    const { port } = await site({ cert, key });
    const proxy = await startTestProxy(undefined);
    const client = await tunnel(proxy, `127.0.0.1:${port}`);
    await client.head();
    client.socket.removeAllListeners("data");
    const secure = connectTls({ socket: client.socket, ca: cert, host: "127.0.0.1" });
    await once(secure, "secureConnect");
    expect(secure.authorized).toBe(true);
    secure.destroy();
  });

  test("targets that are none, or not there, are refused", async () => {
    const proxy = await startTestProxy(undefined, { only: ["x.example"] });
    for (const [to, status] of [
      ["nowhere", 400],
      ["a:0", 400],
      ["a:70000", 400],
      ["[zz]:1", 400],
      ["127.0.0.1:1", 502],
    ] as const) {
      const client = await tunnel(proxy, to);
      expect(await client.head()).toMatch(`HTTP/1.1 ${status} `);
    }
  });
});

/** TLS to the proxy inside of a tunnel. */
async function secured(
  proxy: Proxied,
  authority: Authority,
  to: string,
  servername: string,
): Promise<TLSSocket> {
  const client = await tunnel(proxy, to);
  await client.head();
  client.socket.removeAllListeners("data");
  const secure = connectTls({ socket: client.socket, ca: authority.certificate.cert, servername });
  atEnd(() => void secure.destroy());
  await once(secure, "secureConnect");
  secure.on("error", () => {});
  return secure;
}

describe("TLS on the port of the proxy", () => {
  test.each(["127.0.0.1", "localhost"])(
    "with a certificate of the authority's, as %s",
    async (host) => {
      const { cert, key } = await selfSigned("127.0.0.1");
      const { port } = await site({ cert, key });
      const authority = await Authority.open(directory());
      const proxy = await startTestProxy(`wss://127.0.0.1:${port}/`, {
        authority,
        tls: "authority",
        dial: { tls: { insecure: true } },
      });
      expect(proxy.url).toMatch(/^wss:/);
      const ws = new WebSocket(`wss://${host}:${proxy.port}/`, { ca: authority.certificate.cert });
      await once(ws, "open");
      ws.send(Buffer.of(1, 2, 3));
      const [data] = (await once(ws, "message")) as [Buffer];
      expect(data).toEqual(Buffer.of(1, 2, 3));
      ws.terminate();
      await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
    },
  );

  test("a tunnel inside of it works too", async () => {
    const { port } = await site();
    const certificate = await selfSigned("127.0.0.1");
    const proxy = await startTestProxy(undefined, { tls: certificate });
    const socket = connectTls({ host: "127.0.0.1", port: proxy.port, ca: certificate.cert });
    atEnd(() => void socket.destroy());
    await once(socket, "secureConnect");
    socket.write(head(`CONNECT 127.0.0.1:${port} HTTP/1.1`, "Host: x"));
    await once(socket, "data");
    socket.write(head("GET /inner HTTP/1.1", "Host: x", "Connection: close"));
    let text = "";
    for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
    expect(text).toMatch(/^HTTP\/1.1 201 Made[^]*GET \/inner /);
  });

  test("without an authority it cannot", async () => {
    await expect(startTestProxy(undefined, { tls: "authority" })).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
    });
  });
});
