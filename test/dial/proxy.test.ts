/** Shows what may be typed as a proxy, and which proxy the environment has for which target. */
import { describe, expect, test } from "vitest";
import { parseProxy } from "../../src/dial/proxy.js";
import { proxyFor } from "../../src/dial/proxy-env.js";
import { parseTarget } from "../../src/dial/target.js";

describe("a proxy", () => {
  test.each([
    ["proxy.test:3128", "http://proxy.test:3128", false],
    ["http://proxy.test", "http://proxy.test:80", false],
    ["http://proxy.test:443/ignored?x", "http://proxy.test:443", false],
    ["https://proxy.test", "https://proxy.test:443", true],
    ["https://proxy.test:80", "https://proxy.test:80", true],
    ["HTTP://[::1]:8080", "http://[::1]:8080", false],
    ["http://[::1]", "http://[::1]:80", false],
    ["socks5://proxy.test", "socks5://proxy.test:1080", false],
    ["socks5h://proxy.test:80", "socks5h://proxy.test:80", false],
    ["u:p@proxy.test:1", "http://proxy.test:1", false],
  ])("%s", (text, shown, secure) => {
    const proxy = parseProxy(text);
    expect(proxy.shown).toBe(shown);
    expect(proxy.target.secure).toBe(secure);
  });

  test("has its credentials decoded", () => {
    expect(parseProxy("http://m%40e:p%3Aw:x@h:1")).toMatchObject({
      user: "m@e",
      password: "p:w:x",
    });
    expect(parseProxy("http://me@h:1")).toMatchObject({ user: "me", password: undefined });
    expect(parseProxy("http://h:1")).toMatchObject({ user: undefined, password: undefined });
  });

  test.each([
    "",
    "http://",
    "http://:3128",
    "socks4://h",
    "ftp://h",
    "http://h:99999",
    "http://h:1x",
    "http://u:s3cret@",
    "http://u:s3cret%zz@h",
    "s3cret:s3cret@h h",
    `socks5://u:s3cret${"x".repeat(300)}@h`,
    "http://h:0",
  ])("is not %j, and no password is repeated", (text) => {
    const refuse = () => parseProxy(text);
    expect(refuse).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
    expect(refuse).not.toThrow(/s3cret/);
  });
});

describe("the environment", () => {
  const ws = parseTarget("ws://api.example.com:8080/");
  const wss = parseTarget("wss://api.example.com/");

  test.each<[string, Record<string, string>, string | undefined, string | undefined]>([
    ["nothing", {}, undefined, undefined],
    ["http_proxy", { http_proxy: "a" }, "a", undefined],
    ["HTTPS_PROXY", { HTTPS_PROXY: "a" }, undefined, "a"],
    ["HTTP_PROXY", { HTTP_PROXY: "a" }, "a", undefined],
    [
      "HTTP_PROXY of a CGI program",
      { HTTP_PROXY: "a", REQUEST_METHOD: "GET" },
      undefined,
      undefined,
    ],
    ["all", { ALL_PROXY: "a" }, "a", "a"],
    ["the special before all", { all_proxy: "a", https_proxy: "b" }, "a", "b"],
    ["the scheme's own first", { wss_proxy: "w", https_proxy: "b", ws_proxy: "v" }, "v", "w"],
    ["small letters first", { https_proxy: "a", HTTPS_PROXY: "b" }, undefined, "a"],
    ["an empty one is none", { https_proxy: "", HTTPS_PROXY: "" }, undefined, undefined],
  ])("%s", (_what, env, forWs, forWss) => {
    expect([proxyFor(ws, env), proxyFor(wss, env)]).toEqual([forWs, forWss]);
  });

  test.each<[string, string, boolean]>([
    ["*", "ws://anything/", true],
    ["example.com", "ws://example.com/", true],
    ["example.com", "ws://API.Example.com/", true],
    [".example.com", "ws://example.com/", true],
    ["*.example.com", "ws://a.b.example.com/", true],
    ["example.com.", "ws://example.com/", true],
    ["example.com", "ws://badexample.com/", false],
    ["example.com", "ws://example.com.evil.test/", false],
    ["api.example.com", "ws://example.com/", false],
    ["a.test, example.com", "ws://example.com/", true],
    ["a.test example.com", "ws://example.com/", true],
    ["example.com:8080", "ws://example.com:8080/", true],
    ["example.com:8080", "ws://example.com:81/", false],
    ["127.0.0.1", "ws://127.0.0.1:1/", true],
    ["127.0.0.1", "ws://127.0.0.2:1/", false],
    ["10.0.0.0/8", "ws://10.255.1.2/", true],
    ["10.0.0.0/8", "ws://11.0.0.1/", false],
    ["10.0.0.0/33", "ws://10.0.0.1/", false],
    ["10.0.0.0/x", "ws://10.0.0.1/", false],
    ["::1", "ws://[::1]:80/", true],
    ["[::1]:80", "ws://[::1]:80/", true],
    ["[::1]:81", "ws://[::1]:80/", false],
    ["0:0:0:0:0:0:0:1", "ws://[::1]/", true],
    ["fd00::/8", "ws://[fd12::1]/", true],
    ["10.0.0.0/8", "ws://[fd12::1]/", false],
    ["1.1", "ws://1.1.example/", false],
    ["", "ws://example.com/", false],
    [",", "ws://example.com/", false],
    // As with curl, loopback is nothing special.
    ["other.test", "ws://localhost/", false],
    ["other.test", "ws://127.0.0.1/", false],
  ])("no_proxy %j lets %s go direct: %s", (list, url, direct) => {
    const chosen = proxyFor(parseTarget(url), { no_proxy: list, all_proxy: "p" });
    expect(chosen).toBe(direct ? undefined : "p");
  });

  test("has nothing to say of socket files", () => {
    expect(proxyFor(parseTarget("ws+unix:/s.sock:/"), { all_proxy: "p" })).toBeUndefined();
  });
});
