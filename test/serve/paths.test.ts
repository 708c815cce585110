/** Shows what is at which path, for upgrades and for browsers. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { ask, connect, http, start, tcp, upgradeHead } from "./running.js";

function httpUrl(url: string, path: string): string {
  return new URL(path, url.replace("ws:", "http:")).href;
}

describe("WebSocket", () => {
  test("is spoken everywhere unless paths are named", async () => {
    const server = await start();
    for (const path of ["", "any/where?x=1"]) {
      expect(await ask(await connect(server.url + path), "x")).toBe("x");
    }
    await expect(connect(`${server.url}healthz`)).rejects.toThrow("404");
  });

  test("is spoken at the named paths alone, whatever the query", async () => {
    const server = await start({ paths: ["/chat", "/news"] });
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/chat$/);
    for (const path of ["/chat", "/chat?token=1", "/news"]) {
      expect(await ask(await connect(new URL(path, server.url).href), "x")).toBe("x");
    }
    for (const path of ["/", "/chat/", "/Chat", "/chat%2f", "/other"]) {
      await expect(connect(new URL(path, server.url).href)).rejects.toThrow("404");
    }
  });
});

describe("an upgrade", () => {
  async function answerTo(url: string, head: string): Promise<string> {
    const socket = await tcp(url);
    socket.write(head);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString();
  }

  test("may name the whole URL, as through a proxy", async () => {
    const { url } = await start({ paths: ["/chat"] });
    for (const [target, status] of [
      ["http://any.test/chat", 101],
      ["http://any.test:80/chat?q=http://x/y", 101],
      ["http://any.test/", 404],
      ["http://any.test", 404],
      ["http://any.test/x/chat", 404],
    ] as const) {
      const answer = await answerTo(url, upgradeHead.replace("/ ", `${target} `));
      expect([target, answer.slice(9, 12)]).toEqual([target, String(status)]);
    }
    const everywhere = await start();
    const head = upgradeHead.replace("/ ", "http://any.test/healthz ");
    expect(await answerTo(everywhere.url, head)).toMatch(/^HTTP\/1\.1 404 /);
  });

  test("needs HTTP/1.1", async () => {
    const { url } = await start();
    const answer = await answerTo(url, upgradeHead.replace("HTTP/1.1", "HTTP/1.0"));
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*an upgrade needs HTTP\/1\.1/);
  });

  test("of another version is told which, in a header that Connection names", async () => {
    const { url } = await start();
    const answer = await answerTo(url, upgradeHead.replace("Version: 13", "Version: 7"));
    expect(answer).toMatch(/^HTTP\/1\.1 426 /);
    expect(answer).toContain("\r\nupgrade: websocket\r\n");
    expect(answer).toContain("\r\nconnection: upgrade, close\r\n");
  });
});

describe("HTTP", () => {
  test("gets the health", async () => {
    const server = await start({ paths: ["/chat"] });
    await connect(server.url);
    const { status, body } = await http(httpUrl(server.url, "/healthz?x"));
    expect([status, JSON.parse(body)]).toEqual([200, { status: "ok", connections: 1 }]);
  });

  test("is told to upgrade where WebSocket is spoken, and 404 elsewhere", async () => {
    const server = await start({ paths: ["/chat"] });
    const here = await http(httpUrl(server.url, "/chat"));
    expect([here.status, here.headers["upgrade"]]).toEqual([426, "websocket"]);
    expect(here.body).toBe("this is a WebSocket server: connect with ws://\n");
    for (const path of ["/", "/favicon.ico", "/chat/x"]) {
      expect((await http(httpUrl(server.url, path))).status).toBe(404);
    }
    const everywhere = await start();
    expect((await http(httpUrl(everywhere.url, "/"))).status).toBe(426);
  });

  test("gets the page of a mode that has one, with its headers", async () => {
    const page = {
      html: "<p>hé</p>",
      headers: { "content-security-policy": "default-src 'none'" },
    };
    const server = await start({ page });
    const { status, headers, body } = await http(httpUrl(server.url, "/"));
    expect([status, body]).toEqual([200, page.html]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'",
      "x-content-type-options": "nosniff",
    });
    expect((await http(httpUrl(server.url, "/"), { method: "HEAD" })).body).toBe("");
    expect(await ask(await connect(server.url), "x")).toBe("x");
  });

  test("may only read", async () => {
    const server = await start();
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const answer = await http(httpUrl(server.url, "/"), { method });
      expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, HEAD"]);
    }
  });
});
