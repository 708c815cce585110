/** Shows whom the proxy leads nowhere: strangers by name, loops, and whoever asks for what it keeps to itself. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { asking, atEnd, head, rawClient, rawServer, startTestProxy } from "./running.js";

/** The first line of the answer to a head. */
async function answerTo(port: number, ...lines: readonly string[]): Promise<string> {
  const client = await rawClient(port);
  client.socket.write(head(...lines));
  return (await client.head()).split("\r\n", 1)[0]!;
}

describe("who comes by a name that is not the proxy's", () => {
  const [first, , ...rest] = asking;

  test.each([
    ["127.0.0.1:8080", false],
    ["[::1]:8080", false],
    ["LOCALHOST", false],
    ["app.localhost:1", false],
    ["127.0.0.1.evil.example", true],
    ["evil.example:8080", true],
    ["localhost.evil.example", true],
    ["dev.example", false],
    ["a.dev.example", true],
    ["a.b.test", false],
    ["b.test", true],
  ])("%s: refused %s", async (host, isRefused) => {
    const raw = await rawServer();
    const proxy = await startTestProxy(raw.url, { allowHosts: ["dev.example", "*.b.test"] });
    for (const lines of [
      ["GET /private HTTP/1.1", `Host: ${host}`],
      [first!, `Host: ${host}`, ...rest],
    ]) {
      if (isRefused) {
        expect(await answerTo(proxy.port, ...lines)).toMatch("HTTP/1.1 421 ");
      } else {
        const client = await rawClient(proxy.port);
        client.socket.write(head(...lines));
        await (await raw.next()).head();
      }
    }
    expect(proxy.events.filter(({ event }) => event === "open")).toEqual([]);
  });
});

describe("whole URLs and CONNECT", () => {
  test("are not for a proxy that has a target, unless it is told", async () => {
    const raw = await rawServer();
    const url = `GET http://127.0.0.1:${raw.port}/z HTTP/1.1`;
    const tunnel = `CONNECT 127.0.0.1:${raw.port} HTTP/1.1`;
    const closed = await startTestProxy(raw.url);
    for (const line of [url, tunnel]) {
      expect(await answerTo(closed.port, line, "Host: x")).toMatch("HTTP/1.1 403 ");
    }
    const open = await startTestProxy(raw.url, { forward: true });
    expect(await answerTo(open.port, tunnel, "Host: x")).toMatch("HTTP/1.1 200 ");
    const client = await rawClient(open.port);
    client.socket.write(head(url, "Host: x"));
    expect(await (await raw.next()).head()).toMatch("GET /z ");
  });

  test("never lead to a port that is shunned, by any of its names", async () => {
    const raw = await rawServer();
    const proxy = await startTestProxy(undefined);
    proxy.shun(raw.port);
    for (const host of ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"]) {
      const url = `GET http://${host}:${raw.port}/ HTTP/1.1`;
      expect([host, await answerTo(proxy.port, url, "Host: x")]).toEqual([
        host,
        expect.stringMatching("HTTP/1.1 403 "),
      ]);
    }
  });
});

test("two proxies that lead to each other give up", async () => {
  const limits = { connections: 500 };
  let behind = 0;
  // The first one leads here, and from here it goes to the second, which leads to the first.
  const middle = createServer((socket) => {
    const onward = connect(behind, "127.0.0.1");
    for (const each of [socket, onward]) each.on("error", () => {});
    atEnd(() => void onward.destroy());
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(middle, "listening");
  atEnd(() => void middle.close());
  const { port } = middle.address() as AddressInfo;
  const first = await startTestProxy(`ws://127.0.0.1:${port}`, { limits });
  const second = await startTestProxy(first.url, { limits });
  behind = second.port;
  for (const lines of [["GET / HTTP/1.1", "Host: x"], asking]) {
    expect(await answerTo(second.port, ...lines)).toMatch("HTTP/1.1 508 ");
  }
  expect(first.stats().requests + second.stats().requests).toBeLessThan(300);
});
