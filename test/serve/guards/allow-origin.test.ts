/** Holds the guard of origins against the origins that `inspect --origins` tries. */
import { expect, test } from "vitest";
import { guarded, guardsFor, statusOf, upgrade } from "./guarded.js";

const site = { "allow-origin": ["https://app.example.com", "https://*.example.org:8443"] };

test("the origin itself gets through, another is told so in HTTP", async () => {
  const server = await guarded(site);
  expect((await upgrade(server, ["Origin: https://app.example.com"])).status).toBe(
    "HTTP/1.1 101 Switching Protocols",
  );
  const refused = await upgrade(server, ["Origin: https://evil.example"]);
  expect(refused.status).toBe("HTTP/1.1 403 Forbidden");
  expect(refused.headers.get("content-type")).toBe("application/json");
  expect(refused.headers.get("connection")).toBe("close");
  expect(refused.body).toBe('{"error":"origin not allowed"}\n');
  expect(server.truth.total.opened).toBe(1);
});

test("what is the same origin, written differently, gets through", async () => {
  const server = await guarded(site);
  for (const origin of [
    "https://app.example.com:443",
    "HTTPS://APP.Example.COM",
    "https://a.example.org:8443",
    "https://a.b.example.org:8443",
    "https://A.EXAMPLE.ORG:8443",
  ]) {
    expect([origin, await statusOf(server, [`oRiGiN: ${origin}`])]).toEqual([origin, 101]);
  }
});

test("nothing that only looks like it does", async () => {
  const server = await guarded(site);
  for (const origin of [
    "",
    "null",
    "*",
    "none",
    "https://evil.example",
    "http://app.example.com",
    "wss://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com:0443x",
    "https://app.example.com:",
    "https://app.example.com/",
    "https://app.example.com/path",
    "https://app.example.com?",
    "https://app.example.com#",
    "https://app.example.com.",
    "https://sub.app.example.com",
    "https://app.example.com.evil.example",
    "https://evilapp.example.com",
    "https://appXexample.com",
    "https://appxexamplexcom",
    "https://app.example.com@evil.example",
    "https://app.example.com:443@evil.example",
    "https://evil.example#https://app.example.com",
    "https://evil.example`https://app.example.com",
    "https://app.example.com`.evil.example",
    "https://app.example.com_.evil.example",
    "https://app.example.com%00.evil.example",
    "https://app.example.com\t.evil.example",
    "https://\xe4pp.example.com",
    "https://xn--pp-viad.example.com",
    "https://localhost",
    "https://127.0.0.1",
    "https://192.168.0.1",
    "https://[::1]",
    "https:app.example.com",
    "https:///app.example.com",
    "//app.example.com",
    "app.example.com",
    "https://app.example.com https://evil.example",
    "https://evil.example https://app.example.com",
    "https://app.example.com, https://app.example.com",
    "https://example.org:8443",
    "https://.example.org:8443",
    "https://..example.org:8443",
    "https://*.example.org:8443",
    "https://evilexample.org:8443",
    "https://a.example.org",
    "https://a.example.org:443",
    "http://a.example.org:8443",
    "https://a.example.org.evil:8443",
    "https://a.example.org:8443.evil",
  ]) {
    expect([origin, await statusOf(server, [`Origin: ${origin}`])]).toEqual([origin, 403]);
  }
});

test("neither Host nor what a proxy would add stands in for it", async () => {
  const server = await guarded(site);
  for (const lines of [
    ["X-Forwarded-Host: app.example.com"],
    ["Referer: https://app.example.com/"],
    ["Sec-WebSocket-Origin: https://app.example.com"],
  ]) {
    const answer = await upgrade(server, lines);
    expect(answer.status).toBe("HTTP/1.1 403 Forbidden");
    expect(answer.body).toBe('{"error":"the Origin is missing"}\n');
  }
});

test("two Origin fields are refused, whatever they say", async () => {
  const server = await guarded({ "allow-origin": ["https://app.example.com", "none"] });
  const good = "Origin: https://app.example.com";
  for (const lines of [
    [good, good],
    [good, "Origin: https://evil.example"],
    ["Origin: https://evil.example", good],
    [good, "origin:"],
  ]) {
    const answer = await upgrade(server, lines);
    expect(answer.status).toBe("HTTP/1.1 403 Forbidden");
    expect(answer.body).toBe('{"error":"there are several Origins"}\n');
  }
});

test("none admits a missing Origin and nothing else, null the opaque one", async () => {
  const none = await guarded({ "allow-origin": "none" });
  expect(await statusOf(none)).toBe(101);
  expect(await statusOf(none, ["Origin:"])).toBe(403);
  expect(await statusOf(none, ["Origin: none"])).toBe(403);
  expect(await statusOf(none, ["Origin: null"])).toBe(403);
  const opaque = await guarded({ "allow-origin": "null" });
  expect(await statusOf(opaque, ["Origin: null"])).toBe(101);
  expect(await statusOf(opaque)).toBe(403);
});

test("schemes of apps and addresses can be allowed", async () => {
  const server = await guarded({
    "allow-origin": ["chrome-extension://abcdef", "http://[::1]:3000", "http://localhost:5173"],
  });
  expect(await statusOf(server, ["Origin: chrome-extension://abcdef"])).toBe(101);
  expect(await statusOf(server, ["Origin: chrome-extension://abcdeg"])).toBe(403);
  expect(await statusOf(server, ["Origin: http://[::1]:3000"])).toBe(101);
  expect(await statusOf(server, ["Origin: http://localhost:5173"])).toBe(101);
  expect(await statusOf(server, ["Origin: http://localhost"])).toBe(403);
});

test.each([
  "",
  "*",
  "https://*",
  "https://*.",
  "https://*.*.example.com",
  "https://a.*.example.com",
  "https://*example.com",
  "example.com",
  "https://app.example.com/",
  "https://app.example.com/path",
  "https://user@app.example.com",
  "https://app.example.com:port",
])("the value %j cannot be meant", (value) => {
  expect(() => guardsFor({ "allow-origin": ["https://fine.example", value] })).toThrow(
    expect.objectContaining({
      code: "WSCTL_EUSAGE",
      message: expect.stringContaining("--allow-origin") as string,
      hint: expect.stringContaining("https://*.example.com") as string,
    }),
  );
});
