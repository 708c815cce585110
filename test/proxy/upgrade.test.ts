/** Shows the two heads of an upgrade as the other side sees them, refusals, and servers not there. */
import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import {
  agreeing,
  asking,
  directory,
  head,
  joined,
  rawClient,
  rawServer,
  recorded,
  startTestProxy,
} from "./running.js";

describe("the request", () => {
  test("goes on in its order and case, with duplicates; only Host is the target's", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    const server = await raw.next();
    const expected = asking.map((line) =>
      line.startsWith("Host:") ? `Host: 127.0.0.1:${raw.port}` : line,
    );
    expect(await server.head()).toBe(head(...expected));
  });

  test("keeps Host where asked, and gets another Origin where asked", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url, { setHost: "keep", setOrigin: "target" });
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    const got = await (await raw.next()).head();
    expect(got).toContain("Host: proxy.example\r\n");
    expect(got).toContain(`Origin: http://127.0.0.1:${raw.port}\r\n`);
  });

  test("says nothing to the server of what is for the proxy, and names the target's user", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(`ws://ada:secret@127.0.0.1:${raw.port}/`);
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking, "Proxy-Connection: x", "Proxy-Authorization: Basic eDp5"));
    const got = await (await raw.next()).head();
    expect(got).not.toMatch(/proxy-/i);
    expect(got).toContain("Authorization: Basic YWRhOnNlY3JldA==");
  });

  test.each([
    ["/", "/base/live?k=1", "the target's own path where just the place is asked for"],
    ["/?a=2", "/base/live?k=1&a=2", "with the query behind it"],
    ["/other?x", "/other?x", "another path as it is"],
    ["/games", "/play", "a route's path"],
    ["/games/7?x", "/games/7?x", "below a route as it is"],
    ["/gamesx", "/gamesx", "what only begins like a route is none"],
  ])("%s leads to %s: %s", async (asked, path) => {
    const raw = await rawServer();
    const proxy = await startTestProxy(`${raw.url}/base/live?k=1`, {
      routes: [{ prefix: "/games", target: parseTarget(`${raw.url}/play`) }],
    });
    const client = await rawClient(proxy.port);
    client.socket.write(head(`GET ${asked} HTTP/1.1`, ...asking.slice(1)));
    expect(await (await raw.next()).head()).toMatch(`GET ${path} HTTP/1.1\r\n`);
  });
});

describe("the answer", () => {
  test("comes byte for byte, interim answers and glued frames too", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    const client = await rawClient(proxy.port);
    // A frame glued to the request waits for the answer, as it is.
    const early = Buffer.from("818312345678737135", "hex");
    client.socket.write(Buffer.concat([Buffer.from(head(...asking)), early]));
    const server = await raw.next();
    await server.head();
    const answer = Buffer.concat([
      Buffer.from(`HTTP/1.1 103 Early Hints\nLink: </x>\r\n\r\n${head(...agreeing)}`),
      Buffer.from("8103616263", "hex"),
    ]);
    for (const byte of answer) server.socket.write(Buffer.of(byte));
    expect(await client.take(answer.length)).toEqual(answer);
    expect(await server.take(early.length)).toEqual(early);
    const said = proxy.events.flatMap((event) =>
      event.event === "message" ? [[event.direction, event.data?.toString()]] : [],
    );
    expect(said).toEqual([
      ["in", "abc"],
      ["out", "aEc"],
    ]);
    expect(proxy.events[0]).toMatchObject({ event: "open", path: "/chat", connection: 1 });
  });

  test("a refusal comes with its body, and the connection ends", async () => {
    const dir = directory();
    const raw = await rawServer();
    const record = { directory: dir, tool: "test", pause: true };
    const proxy = await startTestProxy(raw.url, { record });
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    const server = await raw.next();
    await server.head();
    const answer = `${head("HTTP/1.1 403 No", "X-why: because", "Content-Length: 5")}never`;
    server.socket.write(answer);
    // It cannot be asked again here, which is said.
    const told = answer.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    expect((await client.take(told.length)).toString()).toBe(told);
    await client.until(() => client.ended);
    client.socket.end();
    await vi.waitFor(() => expect(proxy.stats().refused).toBe(1));
    expect(proxy.events).toMatchObject([{ event: "refused", status: 403, by: "server" }]);
    await proxy.close();
    const lines = recorded(dir);
    expect(lines[1]).toMatchObject({ k: "upgrade", status: 403 });
    expect(lines.at(-1)).toMatchObject({ k: "end", in: 0, out: 0 });
  });

  test("a refusal in chunks comes with its trailers and its last line", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    for (const trailers of ["", "X-Trailer: yes\r\n"]) {
      const client = await rawClient(proxy.port);
      client.socket.write(head(...asking));
      const server = await raw.next();
      await server.head();
      const chunks = `2\r\nok\r\n0\r\n${trailers}\r\n`;
      const answer = `${head("HTTP/1.1 403 No", "Connection: close", "Transfer-Encoding: chunked")}${chunks}`;
      server.socket.setNoDelay(true);
      for (const byte of answer) {
        server.socket.write(byte);
        await new Promise((resolve) => void setImmediate(resolve));
      }
      await client.until(() => client.ended);
      expect(client.bytes.toString()).toBe(answer);
    }
  });

  test.each([
    ["a name that is none", "X Bad: 1"],
    ["more than is read", `X: ${"a".repeat(70_000)}`],
  ])("a 101 whose head has %s leads both ways all the same", async (_what, line) => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    const client = await rawClient(proxy.port);
    client.socket.write(`${head(...asking)}early`);
    const server = await raw.next();
    await server.head();
    const answer = head(agreeing[0]!, line, ...agreeing.slice(1));
    server.socket.write(answer);
    expect((await client.take(answer.length)).toString()).toBe(answer);
    expect((await server.take(5)).toString()).toBe("early");
    client.socket.write("there");
    expect((await server.take(5)).toString()).toBe("there");
    server.socket.write("back");
    expect((await client.take(4)).toString()).toBe("back");
    expect(proxy.events).toMatchObject([{ event: "refused", status: 0 }]);
  });

  test("what is no HTTP comes as it is", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    const server = await raw.next();
    await server.head();
    server.socket.end("SSH-2.0-OpenSSH_9\r\n");
    expect((await client.take(19)).toString()).toBe("SSH-2.0-OpenSSH_9\r\n");
    await client.until(() => client.ended);
  });
});

describe("servers that are not there", () => {
  test("nobody listens: 502, and why as JSON", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy("ws://127.0.0.1:1/");
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    expect(await client.head()).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/);
    await client.until(() => client.ended);
    expect(JSON.parse(client.bytes.toString())).toMatchObject({ code: "WSCTL_EREFUSED" });
    expect(raw.port).toBeGreaterThan(0);
    expect(proxy.events).toMatchObject([{ event: "refused", status: 502, by: "proxy" }]);
  });

  test("it closes without an answer: 502; it never answers: 504", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url, { dial: { timeouts: { upgrade: 50 } } });
    for (const [status, act] of [
      [502, true],
      [504, false],
    ] as const) {
      const client = await rawClient(proxy.port);
      client.socket.write(head(...asking));
      const server = await raw.next();
      await server.head();
      if (act) server.socket.end();
      expect(await client.head()).toMatch(`HTTP/1.1 ${status} `);
    }
  });

  test("a proxy that is its own target: 508 instead of a loop", async () => {
    const proxy = await startTestProxy(undefined);
    const client = await rawClient(proxy.port);
    const [, ...rest] = asking;
    client.socket.write(head(`GET http://127.0.0.1:${proxy.port}/x HTTP/1.1`, ...rest));
    // The proxy that is asked by itself sees paths alone, which lead nowhere: it is not that.
    expect(await client.head()).toMatch(/^HTTP\/1.1 508 /);
  });

  test("a client that leaves while its server is dialled leaves nothing behind", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url);
    const client = await rawClient(proxy.port);
    client.socket.write(head(...asking));
    const server = await raw.next();
    await server.head();
    client.socket.resetAndDestroy();
    await server.gone();
    expect(server.error).toBe("ECONNRESET");
    await vi.waitFor(() => expect([...proxy.links()]).toEqual([]));
  });
});

test("a head that never comes to its end is not waited for", async () => {
  const proxy = await startTestProxy("ws://127.0.0.1:1/", { limits: { patience: 50 } });
  const client = await rawClient(proxy.port);
  client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
  await client.until(() => client.ended);
  expect(client.bytes.toString()).toMatch(/^HTTP\/1.1 408 /);
});

test("connections over the bound are not taken", async () => {
  const { proxy } = await joined({ limits: { connections: 1 } });
  const socket = connect(proxy.port, "127.0.0.1");
  const closed = await new Promise((resolve) => {
    socket.on("error", () => {});
    socket.on("close", () => resolve(true));
    socket.resume();
  });
  expect(closed).toBe(true);
});
