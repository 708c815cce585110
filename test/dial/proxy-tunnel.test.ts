/** Shows dials through real proxies: HTTP CONNECT, TLS to the proxy, SOCKS5; and how each fails. */
import { beforeAll, describe, expect, test } from "vitest";
import { dial, type DialOptions } from "../../src/dial/dial.js";
import { DialError } from "../../src/dial/dial-error.js";
import { open } from "../../src/dial/open.js";
import { parseProxy, type Proxy } from "../../src/dial/proxy.js";
import type { Resolver } from "../../src/dial/resolver.js";
import { parseTarget } from "../../src/dial/target.js";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import {
  type HttpProxyOptions,
  type SocksProxyOptions,
  startHttpProxy,
  startSocksProxy,
  type TestProxy,
} from "./proxies.js";
import { receiveText, refusingPort, rejection, startRaw, switching } from "./raw-server.js";

let made: Certificates;

beforeAll(async () => {
  made = await makeCertificates();
});

/** Nobody may be asked for the target's name here. */
const noNames: Resolver = {
  resolve: async (host) => {
    throw Object.assign(new Error(`${host} was looked up`), { code: "ENOTFOUND" });
  },
};

/** A server that upgrades, with bytes glued to its 101, and echoes. */
async function startEcho(secure: boolean) {
  return startRaw({
    ...(secure ? { tls: made.server } : {}),
    answer: (socket, head) => {
      socket.write(`${switching(head)}first`);
      socket.on("data", (chunk: Buffer) => socket.write(chunk));
    },
  });
}

async function httpProxy(options: HttpProxyOptions, credentials = ""): Promise<[Proxy, TestProxy]> {
  const server = await startHttpProxy(options);
  const scheme = options.tls ? "https" : "http";
  const tls = options.tls ? { ca: made.ca.cert } : undefined;
  return [parseProxy(`${scheme}://${credentials}127.0.0.1:${server.port}`, tls), server];
}

async function socksProxy(
  options: SocksProxyOptions,
  scheme = "socks5h",
  credentials = "",
): Promise<[Proxy, TestProxy]> {
  const server = await startSocksProxy(options);
  return [parseProxy(`${scheme}://${credentials}127.0.0.1:${server.port}`), server];
}

async function failureOf(proxy: Proxy, options: DialOptions = {}): Promise<DialError> {
  const target = parseTarget("ws://far.test/");
  const error = await rejection(dial(target, { proxy, resolver: noNames, ...options }));
  expect(error).toBeInstanceOf(DialError);
  const failure = error as DialError;
  expect(failure.phase).toBe("proxy");
  return failure;
}

describe.each([false, true])("a target behind a proxy, secure: %s", (secure) => {
  const name = secure ? "wss://localhost:7777/a?b" : "ws://far.test:7777/a?b";
  // The certificate is for localhost; the proxy alone knows where that is.
  const options = () => ({ resolver: noNames, tls: { ca: made.ca.cert } });

  test.each([
    ["http", "stream"],
    ["http", "sink"],
    ["https", "stream"],
    ["https", "sink"],
    ["socks5h", "stream"],
    ["socks5h", "sink"],
  ])("opens over %s as a %s and carries bytes both ways", async (kind, mode) => {
    const echo = await startEcho(secure);
    const to = { to: echo.port };
    const [proxy, server] =
      kind === "socks5h"
        ? await socksProxy(to)
        : await httpProxy(kind === "https" ? { ...to, tls: made.server } : to);
    const sink = mode === "sink" ? Buffer.alloc(4096) : undefined;
    const { wire, upgrade } = await dial(parseTarget(name), { ...options(), proxy, sink });
    expect(upgrade.response.status).toBe(101);
    expect(upgrade.phases.proxy).toBeGreaterThan(0);
    expect(upgrade.phases.tls > 0).toBe(secure);
    expect(upgrade.tls?.authorized).toBe(secure ? true : undefined);
    expect(upgrade.attempts).toMatchObject([{ address: "127.0.0.1", port: server.port }]);
    expect(wire.address).toBe(`${parseTarget(name).host}:7777 through ${proxy.shown}`);
    const received = receiveText(wire, "first".length + 70_000);
    wire.socket.write("x".repeat(70_000));
    expect(await received).toBe(`first${"x".repeat(70_000)}`);
    const gone = new Promise((resolve) => (wire.onClose = resolve));
    wire.destroy();
    await gone;
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toContain(`${parseTarget(name).host}:7777`);
  });
});

describe("an HTTP proxy", () => {
  test("is asked in one plain head, with credentials if it has any", async () => {
    const echo = await startEcho(false);
    const [proxy, server] = await httpProxy({ to: echo.port }, "m%C3%A9:p%40w@");
    const { wire } = await dial(parseTarget("ws://far.test/"), { proxy, resolver: noNames });
    const basic = Buffer.from("mé:p@w").toString("base64");
    expect(server.asked).toEqual([
      `CONNECT far.test:80 HTTP/1.1\r\nHost: far.test:80\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`,
    ]);
    // What is meant for the proxy does not reach the server.
    expect(echo.heads[0]).not.toMatch(/proxy-authorization/i);
    wire.destroy();
  });

  test("may talk before the tunnel: what follows its answer is the server's", async () => {
    const echo = await startEcho(false);
    const [proxy] = await httpProxy({
      to: echo.port,
      answer: () => "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 \r\n\r\nglued",
    });
    const wire = await open(parseTarget("ws://far.test/"), { proxy, resolver: noNames });
    expect(await receiveText(wire, 5)).toBe("glued");
    wire.destroy();
  });

  const refusals: [string, string, string, RegExp][] = [
    [
      "407 Proxy Authentication Required",
      "Proxy-Authenticate: Basic realm=x\r\n",
      "",
      /wants user and password: --proxy/,
    ],
    ["407 No", "Proxy-Authenticate: Basic\r\n", "u:wrong@", /does not accept this user/],
    ["407 No", "Proxy-Authenticate: NTLM\r\n", "u:p@", /wants NTLM, and only Basic/],
    ["403 Forbidden", "", "", /rules do not allow/],
    ["502 Bad Gateway", "", "", /could not reach the server/],
    ["405 Method Not Allowed", "", "", /forward proxy that allows CONNECT/],
    ["101 Switching Protocols", "", "", /forward proxy that allows CONNECT/],
  ];
  test.each(refusals)("refuses: %s %j %j", async (status, headers, credentials, hint) => {
    const answer = () => `HTTP/1.1 ${status}\r\n${headers}Content-Length: 4\r\n\r\nwhy\u001b`;
    const [proxy] = await httpProxy({ to: 1, answer }, credentials);
    const error = await failureOf(proxy);
    expect(error).toMatchObject({ code: "WSCTL_ETCP", reason: "proxy" });
    expect(error.message).toBe(
      `the proxy ${proxy.shown} opens no tunnel to far.test:80: ${status}`,
    );
    expect(error.hint).toMatch(hint);
    expect(error.where[0]).toMatch(/^CONNECT far\.test:80 on 127\.0\.0\.1:\d+$/);
    expect(error.where.join()).not.toContain("wrong");
    expect(error.where.join()).not.toContain("\u001b");
  });

  test("that is none is told from one that is down", async () => {
    const [chatty] = await httpProxy({ to: 1, answer: () => "SSH-2.0-OpenSSH_9\r\n" });
    const wrong = await failureOf(chatty);
    expect(wrong).toMatchObject({ code: "WSCTL_ETCP", reason: "proxy" });
    expect(wrong.message).toMatch(/cannot be used: the answer is not HTTP/);
    const port = await refusingPort();
    const down = await failureOf(parseProxy(`127.0.0.1:${port}`));
    expect(down).toMatchObject({ code: "WSCTL_EREFUSED", reason: "proxy" });
    expect(down.message).toContain(`could not connect to 127.0.0.1:${port}: connection refused`);
    expect(down.hint).toMatch(/is the proxy running/);
  });

  test("that cuts the connection, or never answers, is blamed for it", async () => {
    const [rude] = await httpProxy({ to: 1, cuts: true });
    expect(await failureOf(rude)).toMatchObject({ code: "WSCTL_ECLOSED", reason: "proxy" });
    const [silent] = await httpProxy({ to: 1, answer: () => "" });
    const late = await failureOf(silent, { timeouts: { total: 60 } });
    expect(late).toMatchObject({ code: "WSCTL_ETIMEOUT", reason: "timeout" });
    expect(late.message).toMatch(/before it answered CONNECT/);
  });

  test("whose certificate is not trusted is not that of the server", async () => {
    const server = await startHttpProxy({ to: 1, tls: made.server });
    const url = `https://127.0.0.1:${server.port}`;
    // What is trusted of the target is not trusted of the proxy.
    const error = await failureOf(parseProxy(url), { tls: { ca: made.ca.cert } });
    expect(error).toMatchObject({ code: "WSCTL_ETLS", reason: "proxy" });
    expect(error.hint).toMatch(/--proxy-ca/);
    const insecure = await failureOf(parseProxy(url, { insecure: true }));
    expect(insecure.code).not.toBe("WSCTL_ETLS");
  });

  test("leaves the failures of the target to the target", async () => {
    const echo = await startEcho(true);
    const [proxy] = await httpProxy({ to: echo.port });
    const error = await rejection(
      dial(parseTarget("wss://other.test/"), { proxy, tls: { ca: made.ca.cert } }),
    );
    expect(error).toMatchObject({ phase: "tls", code: "WSCTL_ETLS" });
    expect((error as DialError).where.join()).toContain("through http://127.0.0.1");
  });

  test("is left when the caller gives up", async () => {
    const [proxy, server] = await httpProxy({ to: 1, answer: () => "" });
    const caller = new AbortController();
    const dialling = rejection(
      dial(parseTarget("ws://far.test/"), { proxy, signal: caller.signal }),
    );
    await expect.poll(() => server.asked.length).toBe(1);
    caller.abort();
    expect(await dialling).toMatchObject({ code: "WSCTL_EABORTED", reason: "aborted" });
    await expect.poll(() => server.sockets[0]?.destroyed).toBe(true);
  });
});

describe("a SOCKS5 proxy", () => {
  test("is asked by name with socks5h, by address with socks5", async () => {
    const echo = await startEcho(false);
    const resolver: Resolver = {
      resolve: async () => ({ addresses: [{ address: "10.9.8.7", family: 4 }], fresh: true }),
    };
    const asked = async (scheme: string) => {
      const [proxy, server] = await socksProxy({ to: echo.port }, scheme);
      const { wire } = await dial(parseTarget("ws://far.test:81/"), { proxy, resolver });
      wire.destroy();
      return server.asked;
    };
    expect(await asked("socks5h")).toEqual(["far.test:81"]);
    expect(await asked("socks5")).toEqual(["10.9.8.7:81"]);
  });

  test("takes user and password", async () => {
    const echo = await startEcho(false);
    const [right] = await socksProxy({ to: echo.port, wants: "u:p@w" }, "socks5h", "u:p%40w@");
    const { wire } = await dial(parseTarget("ws://far.test/"), { proxy: right });
    wire.destroy();
    for (const credentials of ["", "u:s3cret@"]) {
      const [wrong] = await socksProxy({ to: 1, wants: "u:p@w" }, "socks5h", credentials);
      const error = await failureOf(wrong);
      expect(error).toMatchObject({ code: "WSCTL_ETCP", reason: "proxy" });
      expect(error.hint).toMatch(/other credentials/);
      expect(JSON.stringify([error.message, error.where, error.cause])).not.toContain("s3cret");
    }
  });

  test("may hand on the server's first bytes with its answer, in order", async () => {
    const late = await startRaw({ connected: (socket) => void socket.write("second") });
    const [proxy] = await socksProxy({ to: late.port, glued: "first" });
    const wire = await open(parseTarget("ws://far.test/"), { proxy });
    expect(await receiveText(wire, 11)).toBe("firstsecond");
    wire.destroy();
  });

  test.each([
    [2, /rules do not allow/],
    [5, /could not reach the server/],
    [8, /try -4/],
  ])("refuses with %d", async (reply, hint) => {
    const [proxy] = await socksProxy({ to: 1, reply });
    expect((await failureOf(proxy)).hint).toMatch(hint);
  });

  test("that never answers runs into the limit", async () => {
    const [proxy] = await socksProxy({ to: 1, silent: true });
    const error = await failureOf(proxy, { timeouts: { total: 60 } });
    expect(error).toMatchObject({ code: "WSCTL_ETIMEOUT", reason: "timeout" });
  });

  test("is not asked for what this machine cannot look up", async () => {
    const [proxy, server] = await socksProxy({ to: 1 }, "socks5");
    const target = parseTarget("ws://far.test/");
    const error = await rejection(dial(target, { proxy, resolver: noNames }));
    expect(error).toMatchObject({ phase: "dns", code: "WSCTL_EDNS" });
    expect(server.asked).toEqual([]);
  });
});
