/** Shows whom `wsctl connect` reaches, and by which way: TLS, proxies, profiles, curl commands, other people's servers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import type { TLSSocket } from "node:tls";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHttpProxy, startSocksProxy } from "../dial/proxies.js";
import { makeCertificates } from "../support/certificates.js";
import { requirePythonWebsockets, startPythonEcho } from "../support/python-echo.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { startRaw } from "./raw-server.js";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "wsctl-reach-"));
});
afterAll(async () => rm(directory, { recursive: true }));

const one = ["-x", "hello", "--count", "1"];

/** The requests that a server has upgraded. */
function requestsOf(server: WsEcho): IncomingMessage[] {
  const requests: IncomingMessage[] = [];
  server.wss.on("connection", (_socket, request: IncomingMessage) => requests.push(request));
  return requests;
}

async function says(args: readonly string[], options = {}): Promise<void> {
  const { code, stdout, stderr } = await runWsctl(["connect", ...args, ...one], options);
  expect([code, stdout], stderr).toEqual([0, "hello\n"]);
}

test("TLS with a client certificate, and why it fails without", async () => {
  const { ca, server: own } = await makeCertificates();
  const asking = { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
  await using server = await startWsEcho({ tls: asking });
  const seen: string[] = [];
  server.wss.on("connection", (_socket, request: IncomingMessage) => {
    const { socket } = request as unknown as { socket: TLSSocket };
    seen.push(String(socket.getPeerCertificate().subject?.CN ?? "nobody"));
  });
  await says([server.url, "--ca", ca.certPath]);
  await says([server.url, "--ca", ca.certPath, "--cert", own.certPath, "--key", own.keyPath]);
  await says([server.url, "-n"]);
  expect(seen).toEqual(["nobody", "localhost", "nobody"]);
  const { code, stderr } = await runWsctl(["connect", server.url, ...one]);
  expect([code, stderr]).toEqual([3, expect.stringMatching(/WSCTL_ETLS[^]*--ca/)]);
});

test("through an HTTP proxy and a SOCKS proxy, by flag and by environment", async () => {
  await using server = await startWsEcho();
  const http = await startHttpProxy({ to: server.port });
  const socks = await startSocksProxy({ to: server.port, wants: "me:pw" });
  const url = "ws://chat.invalid/";
  await says([url, "--proxy", `http://127.0.0.1:${http.port}`]);
  await says([url], { env: { HTTP_PROXY: `http://127.0.0.1:${http.port}` } });
  expect(http.asked).toHaveLength(2);
  await says([url, "--proxy", `socks5h://me:pw@127.0.0.1:${socks.port}`]);
  expect(socks.asked).toEqual(["chat.invalid:80"]);
});

test("a proxy that refuses is told of as such", async () => {
  await using server = await startWsEcho();
  const answer = () => "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
  const { port } = await startHttpProxy({ to: server.port, answer });
  const args = ["connect", server.url, "--proxy", `http://127.0.0.1:${port}`, ...one];
  const { code, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([3, expect.stringContaining("407")]);
});

test("the embedded server is reached whatever the environment says of proxies", async () => {
  await says(["--serve"], { env: { ALL_PROXY: "http://127.0.0.1:1" } });
});

test("a profile says where and how, and flags have the last word", async () => {
  await using server = await startWsEcho({ ws: { handleProtocols: () => "two" } });
  const requests = requestsOf(server);
  const config = `profiles:
  staging:
    url: ${server.url}room
    bearer: { env: TOKEN }
    headers: { X-Tenant: blue }
    subprotocols: [one]
`;
  await writeFile(path.join(directory, ".wsctl.yaml"), config);
  const where = { cwd: directory, env: { TOKEN: "s3cret" } };
  await says(["@staging", "-s", "two", "-H", "X-Other: 1"], where);
  expect(requests[0]?.url).toBe("/room");
  expect(requests[0]?.headers).toMatchObject({
    authorization: "Bearer s3cret",
    "x-tenant": "blue",
    "x-other": "1",
    "sec-websocket-protocol": "two",
  });
  const wrong = await runWsctl(["connect", "@stagin", ...one], where);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("@staging")]);
});

test("a curl command of a browser is taken as it is pasted", async () => {
  await using server = await startWsEcho();
  const requests = requestsOf(server);
  const curl = `curl 'http://127.0.0.1:${server.port}/live?x=1' -H 'Origin: https://app.example' \\
    -H 'Cookie: a=1' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' -H 'Connection: Upgrade' --compressed`;
  await says(["--curl", curl, "-H", "X-More: yes", "--origin", "https://other.example", "-q"]);
  expect(requests[0]?.url).toBe("/live?x=1");
  expect(requests[0]?.headers).toMatchObject({
    origin: "https://other.example",
    cookie: "a=1",
    "x-more": "yes",
  });
  expect(requests[0]?.headers["sec-websocket-key"]).not.toBe("AAAAAAAAAAAAAAAAAAAAAA==");
});

test("fingers that know wscat are understood", async () => {
  await using server = await startWsEcho();
  const args = ["connect", "-c", server.url, "-x", "a", "-x", "b", "-w", "0.3", "-P"];
  const { code, stdout } = await runWsctl(args);
  expect([code, stdout]).toEqual([0, "a\nb\n"]);
});

test("an answer that is no upgrade is 4, with what is wrong", async () => {
  const { url } = await startRaw({
    answer: () => "HTTP/1.1 101 Sure\r\nUpgrade: websocket\r\n\r\n",
  });
  const { code, stderr } = await runWsctl(["connect", url, ...one]);
  expect([code, stderr]).toEqual([4, expect.stringContaining("[WSCTL_EHANDSHAKE]")]);
});

describe.skipIf(!requirePythonWebsockets())("Python's websockets", () => {
  test("echoes lines and bytes, compressed or not, over TLS too", async () => {
    const { ca, server } = await makeCertificates();
    await using plain = await startPythonEcho();
    await using secure = await startPythonEcho(server);
    for (const args of [
      [plain.url],
      [plain.url, "--no-compress"],
      [secure.url, "--ca", ca.certPath],
    ]) {
      await says(args);
    }
    const stdin = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0x7f));
    const args = ["connect", plain.url, "--binary", "--wait", "300ms"];
    const { code, stdout } = await runWsctl(args, { stdin });
    expect(code).toBe(0);
    expect(Buffer.from(stdout).equals(stdin)).toBe(true);
  });
});
