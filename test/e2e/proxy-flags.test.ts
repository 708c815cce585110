/** Shows the flags of `wsctl proxy` at work, in the real program. */
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp, get, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { exitWithin } from "../support/child.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { connect, type Listening, startProxy } from "./proxy-run.js";

const directory = mkdtempSync(path.join(tmpdir(), "wsctl-proxy-flags-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const patient = { timeout: 10_000 };

/** Host and Origin of each upgrade that comes to the server. */
function heads(server: WsEcho): string[] {
  const seen: string[] = [];
  server.wss.on("connection", (_socket, { headers }: IncomingMessage) => {
    seen.push(`${headers.host} ${headers.origin}`);
  });
  return seen;
}

/** Whether a client gets through, by a word there and back. */
async function gets({ url }: Listening): Promise<boolean> {
  try {
    return (await (await connect(url)).ask("hello")) === "hello";
  } catch {
    return false;
  }
}

test("Host and Origin are the target's, the client's own, or what is said", async () => {
  const server = await startWsEcho();
  const seen = heads(server);
  const host = `127.0.0.1:${server.port}`;
  const ask = async (...flags: string[]) => {
    const allowed = ["--allow-host", "asked.test"];
    const { listening } = await startProxy(["--target", server.url, ...allowed, ...flags]);
    await connect(listening.url, { origin: "http://client.test", headers: { host: "asked.test" } });
    return seen.at(-1);
  };
  expect(await ask()).toBe(`${host} http://client.test`);
  expect(await ask("--keep-host", "--keep-origin")).toBe("asked.test http://client.test");
  const own = ["--set-host", "set.test", "--set-origin", "https://set.test"];
  expect(await ask(...own)).toBe("set.test https://set.test");
  expect(await ask("--set-origin", "target")).toBe(`${host} http://${host}`);
});

test("--forward leads where clients ask to, --allow-host takes another name", async () => {
  const server = createHttp((_request, response) => response.end("here")).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = async (listening: Listening, what: string, host: string): Promise<number> => {
    const { hostname, port } = new URL(listening.url);
    const request = get({ hostname, port, path: what, headers: { host }, agent: false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  };
  const target = ["--target", url.replace("http", "ws")];
  const [closed, open] = await Promise.all([
    startProxy(target),
    startProxy([...target, "--forward", "--allow-host", "*.dev.example"]),
  ]);
  expect(await ask(closed.listening, "/", "localhost")).toBe(200);
  expect(await ask(closed.listening, "/", "a.dev.example")).toBe(421);
  expect(await ask(open.listening, "/", "a.dev.example")).toBe(200);
  expect(await ask(open.listening, "/", "evil.example")).toBe(421);
  expect(await ask(closed.listening, url, "x")).toBe(403);
  expect(await ask(open.listening, url, "x")).toBe(200);
  expect(await ask(open.listening, `${open.listening.control}/stats`, "x")).toBe(403);
});

test("--route leads a path elsewhere, and --host and --port say where it listens", async () => {
  const [usual, chat] = [await startWsEcho(), await startWsEcho()];
  const there = ["--host", "127.0.0.2", "--port", "0"];
  const routes = ["--target", usual.url, "--route", `/chat=${chat.url}`];
  const { listening } = await startProxy([...there, ...routes]);
  expect(listening.url).toMatch(/^ws:\/\/127\.0\.0\.2:\d+\/$/);
  expect(listening.targets).toEqual([`/chat → ${chat.url}`, usual.url]);
  const came: string[] = [];
  usual.wss.on("connection", (_socket, { url }: IncomingMessage) => came.push(`usual ${url}`));
  chat.wss.on("connection", (_socket, { url }: IncomingMessage) => came.push(`chat ${url}`));
  await connect(`${listening.url}chat/1?x=y`);
  await connect(`${listening.url}chats`);
  expect(came).toEqual(["chat /chat/1?x=y", "usual /chats"]);
});

test("--until-stdin-ends ends with its standard input", async () => {
  const flags = ["--port", "0", "--until-stdin-ends", "--json", "--quiet"];
  const { code, stdout } = await runWsctl(["proxy", ...flags], { stdin: "" });
  expect([code, stdout.trimEnd().split("\n")]).toEqual([0, [expect.stringContaining("listening")]]);
});

test("--tls-cert and --tls-key are what it serves with, --max-payload what it keeps", async () => {
  const { ca, server: own } = await makeCertificates();
  const server = await startWsEcho();
  const tls = ["--tls-cert", own.certPath, "--tls-key", own.keyPath];
  const { listening, stop } = await startProxy([
    "--target",
    server.url,
    ...tls,
    "--max-payload",
    "1KiB",
  ]);
  expect(listening.url).toMatch(/^wss:/);
  const client = await connect(listening.url, { ca: ca.cert, perMessageDeflate: false });
  const large = "x".repeat(2000);
  expect(await client.ask(large)).toBe(large);
  expect(await client.ask("small")).toBe("small");
  const { lines } = await stop();
  expect(lines.filter(({ event }) => event === "message")).toMatchObject([
    { direction: "out", size: 2000, omitted: true },
    { direction: "in", size: 2000, omitted: true },
    { direction: "out", data: "small" },
    { direction: "in", data: "small" },
  ]);
});

test("--record keeps what passes, without what --redact hides", async () => {
  const server = await startWsEcho();
  const record = path.join(directory, "talks");
  const flags = ["--record", record, "--redact", "$.password", "--fsync", "each", "--no-pause"];
  const { listening, stop } = await startProxy(["--target", server.url, ...flags]);
  expect(listening.record).toBe(record);
  const headers = { authorization: "Bearer c4n4ry-header" };
  const client = await connect(`${listening.url}?token=c4n4ry-query`, { headers });
  await client.ask('{"user":"me","password":"c4n4ry-payload"}');
  const { code, lines } = await stop();
  expect(code).toBe(0);
  const [file = ""] = readdirSync(record);
  const text = readFileSync(path.join(record, file), "utf8");
  expect(text).toContain('\\"user\\":\\"me\\"');
  expect(text).not.toContain("c4n4ry");
  expect(lines.find(({ event }) => event === "open")).toMatchObject({
    recording: path.join(record, file),
  });
});

test("--seed makes --fault strike the same messages again", async () => {
  const server = await startWsEcho();
  const run = async () => {
    const flags = ["--fault", "drop,p=50%", "--seed", "tea"];
    const { listening, stop } = await startProxy(["--target", server.url, ...flags]);
    expect(listening.seed).toBe("tea");
    const { socket, got } = await connect(listening.url);
    for (let count = 0; count < 40; count++) socket.send(String(count));
    const pong = once(socket, "pong");
    socket.ping();
    await pong;
    await stop();
    return got;
  };
  const [first, second] = [await run(), await run()];
  expect(first).toEqual(second);
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(35);
});

test("--list-faults tells them all", async () => {
  const { code, stdout } = await runWsctl(["proxy", "--list-faults"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^drop +loses messages/m)]);
});

/** What a proxy shows on stdout of some messages. */
async function shown(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const server = await startWsEcho();
  const child = startWsctl(["proxy", "--port", "0", "--target", server.url, ...flags], { env });
  await expect.poll(() => child.output.stderr, patient).toMatch(/proxy.* on /);
  const url = /ws:\/\/127\.0\.0\.1:\d+\//.exec(child.output.stderr)![0];
  const { ask, socket } = await connect(url);
  await ask("plain");
  const list = Array.from({ length: 30 }, (_, n) => `item number ${n}`);
  await ask(JSON.stringify({ op: "list", list }));
  socket.ping("hey");
  await once(socket, "pong");
  socket.close();
  await once(socket, "close");
  await expect.poll(() => child.output.stdout, patient).toContain("closed by");
  child.kill("SIGINT");
  return exitWithin(child, 10_000);
}

test("--filter, --pretty and -P say what is shown", async () => {
  const { stdout } = await shown(["--filter", "$.op", "--pretty"]);
  expect(stdout).not.toContain("plain");
  expect(stdout).toMatch(/^#1 → JSON {2}\d+ B/m);
  expect(stdout).toMatch(/^ {4}\{\n {6}"op": "list",\n {6}"list": \[\n {8}"item number 0",$/m);
  expect(stdout).not.toContain("ping");
  const usual = await shown(["-P"]);
  expect(usual.stdout).toMatch(/^#1 → plain {2}5 B/m);
  expect(usual.stdout).toMatch(/^#1 → \{"op":"list","list":\["item number 0".*… {2}\d+ B/m);
  expect(usual.stdout).toMatch(/^#1 → ping 68 65 79$/m);
  expect(usual.stdout).toMatch(/^#1 ← pong 68 65 79$/m);
});

test("--no-color has none, whatever the environment says", async () => {
  const env = { FORCE_COLOR: "1" };
  expect((await shown([], env)).stdout).toContain("\u001b[36m#1\u001b[39m");
  const { stdout, stderr } = await shown(["--no-color"], env);
  expect(stdout + stderr).not.toContain("\u001b");
});

test("--quiet says nothing, and with --json where it listens", async () => {
  const server = await startWsEcho();
  const { listening, stop } = await startProxy(["--target", server.url, "--quiet"]);
  expect(await gets(listening)).toBe(true);
  const { code, stdout, stderr } = await stop();
  expect([code, stdout.trimEnd().split("\n").length, stderr]).toEqual([0, 1, ""]);
  const silent = await runWsctl(["proxy", "--port", "0", "-q", "--until-stdin-ends"], {
    stdin: "",
  });
  expect([silent.code, silent.stdout, silent.stderr]).toEqual([0, "", ""]);
});

test("--ca, --cert, --key, --passphrase, --servername and --insecure are for the server", async () => {
  const { ca, server: own, client } = await makeCertificates();
  const tls = { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
  const server = await startWsEcho({ tls });
  const seen: string[] = [];
  server.wss.on("connection", (_socket, request: IncomingMessage) => {
    const { socket } = request as unknown as { socket: TLSSocket & { servername: string } };
    seen.push(
      `${socket.servername} ${String(socket.getPeerCertificate().subject?.CN ?? "nobody")}`,
    );
  });
  const locked = path.join(directory, "locked.pem");
  const pem = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" } as const;
  writeFileSync(locked, createPrivateKey(client.key).export(pem));
  const { port } = server;
  const to = ["--target", `wss://a.example:${port}/`, "--resolve", `a.example:${port}:127.0.0.1`];
  const way = async (...flags: string[]) => gets((await startProxy([...to, ...flags])).listening);
  expect(await way()).toBe(false);
  expect(await way("--insecure")).toBe(true);
  const pair = ["--cert", client.certPath, "--key", locked, "--passphrase", "open"];
  expect(await way("--ca", ca.certPath, "--servername", "localhost", ...pair)).toBe(true);
  expect(seen).toEqual(["a.example nobody", expect.stringMatching(/^localhost (?!nobody)/)]);
});

test("--resolve, --connect-to, -4, -6 and --timeout say how the server is reached", async () => {
  const server = await startWsEcho();
  const { port } = server;
  const way = async (...flags: string[]) => gets((await startProxy(flags)).listening);
  const elsewhere = ["--connect-to", `c.example:80:127.0.0.1:${port}`];
  expect(await way("--target", "ws://c.example/", ...elsewhere)).toBe(true);
  const both = ["--resolve", `b.example:${port}:[::1],127.0.0.1`];
  const to = ["--target", `ws://b.example:${port}/`, ...both];
  expect([await way(...to, "-4"), await way(...to, "-6")]).toEqual([true, false]);
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port: deaf } = silent.address() as AddressInfo;
  const flags = ["--target", `wss://127.0.0.1:${deaf}/`, "--timeout", "200ms"];
  const { listening, stop } = await startProxy(flags);
  await expect(connect(listening.url)).rejects.toThrow("504");
  await stop();
  silent.close();
});
