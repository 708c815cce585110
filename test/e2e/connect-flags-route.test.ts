/** Shows the flags of `wsctl connect` that say by which way it goes, and whom it trusts there. */
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { startHttpProxy } from "../dial/proxies.js";
import { makeCertificates } from "../support/certificates.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { greeted, linesOf, startGreeter } from "./greeter.js";
import { closeInKind, frame, onFrames, refusingPort, startRaw } from "./raw-server.js";

const directory = mkdtempSync(path.join(tmpdir(), "wsctl-flags-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const once = ["-x", "hello", "--count", "1"];

function file(name: string, content: string): string {
  const full = path.join(directory, name);
  writeFileSync(full, content, { mode: 0o600 });
  return full;
}

describe("TLS", () => {
  /** A server whose certificate is for localhost, reached by another name; whom it and its clients asked for. */
  async function secure() {
    const { ca, server: own } = await makeCertificates();
    const tls = { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: false };
    const server = await startWsEcho({ tls });
    const seen: string[] = [];
    server.wss.on("connection", (_socket, request: IncomingMessage) => {
      const { socket } = request as unknown as { socket: TLSSocket & { servername: string } };
      const peer = String(socket.getPeerCertificate().subject?.CN ?? "nobody");
      seen.push(`${socket.servername} for ${peer}`);
    });
    const { port } = server;
    const there = [`wss://chat.example:${port}/`, "--resolve", `chat.example:${port}:127.0.0.1`];
    const run = async (...args: string[]) =>
      (await runWsctl(["connect", ...there, ...args, ...once])).code;
    return { ca, own, seen, run };
  }

  test("--insecure and --servername say who has to answer", async () => {
    const { ca, seen, run } = await secure();
    const trusting = ["--ca", ca.certPath];
    const runs = [run(...trusting), run("--insecure"), run("--servername", "localhost")];
    expect(await Promise.all(runs)).toEqual([3, 0, 3]);
    expect(await run(...trusting, "--servername", "localhost")).toBe(0);
    expect(seen).toEqual(["chat.example for nobody", "localhost for nobody"]);
  });

  test("--passphrase opens the key", async () => {
    const { own, seen, run } = await secure();
    const key = createPrivateKey(own.key)
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" })
      .toString();
    const pair = ["-k", "--cert", own.certPath, "--key", file("locked.pem", key)];
    const right = file("passphrase", "open\n");
    const runs = [run(...pair, "--passphrase", "wrong"), run(...pair, "--passphrase", `@${right}`)];
    expect(await Promise.all(runs)).toEqual([2, 0]);
    expect(seen).toEqual(["chat.example for localhost"]);
  });
});

describe("the route", () => {
  test("--no-proxy goes past the proxy of the environment", async () => {
    const server = await startGreeter();
    const env = { HTTP_PROXY: `http://127.0.0.1:${await refusingPort()}` };
    expect((await runWsctl(["connect", server.url, ...once], { env })).code).toBe(3);
    await greeted([server.url, "--no-proxy"], env);
  });

  test("--proxy-ca and --proxy-insecure say whether an https:// proxy is trusted", async () => {
    const { ca, server: own } = await makeCertificates();
    const server = await startGreeter();
    const proxy = await startHttpProxy({ to: server.port, tls: own });
    const through = ["ws://chat.invalid/", "--proxy", `https://localhost:${proxy.port}`];
    expect((await runWsctl(["connect", ...through, ...once])).code).toBe(3);
    expect(proxy.asked).toEqual([]);
    await Promise.all([
      greeted([...through, "--proxy-ca", ca.certPath]),
      greeted([...through, "--proxy-insecure"]),
    ]);
    expect(proxy.asked.map((head) => head.split("\r\n")[0])).toEqual(
      Array.from({ length: 2 }, () => "CONNECT chat.invalid:80 HTTP/1.1"),
    );
  });

  test("--resolve, --connect-to and --unix lead elsewhere, and the request stays as it is", async () => {
    const server = await startGreeter();
    const { port } = server;
    await Promise.all([
      greeted([`ws://a.example:${port}/`, "--resolve", `a.example:${port}:127.0.0.1`]),
      greeted([`ws://b.example:${port}/`, "--resolve", `*:${port}:127.0.0.1`]),
      greeted(["ws://c.example/", "--connect-to", `c.example:80:127.0.0.1:${port}`]),
    ]);
    expect(server.heads.map((head) => linesOf(head)[1]!).sort()).toEqual([
      `Host: a.example:${port}`,
      `Host: b.example:${port}`,
      "Host: c.example",
    ]);
    const at = path.join(directory, "socket");
    const local = await startGreeter({ at });
    await greeted(["ws://d.example/room", "--unix", at]);
    await greeted([`ws+unix:${at}:/other`]);
    expect(local.heads.map((head) => linesOf(head)[0])).toEqual([
      "GET /room HTTP/1.1",
      "GET /other HTTP/1.1",
    ]);
    expect(linesOf(local.heads[0])[1]).toBe("Host: d.example");
  });

  test("--local-address is the address that the server sees, the next one after a reconnect", async () => {
    const callers: (string | undefined)[] = [];
    const server = await startRaw({
      upgraded: (socket) => {
        callers.push(socket.remoteAddress);
        if (callers.length === 1) socket.destroy();
        else socket.write(frame(1, "hello"));
        onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload));
      },
    });
    const from = ["--local-address", "127.0.0.5", "--local-address", "127.0.0.6"];
    await greeted([server.url, ...from, "--reconnect", "fixed,base=10ms,attempts=5"]);
    expect(callers).toEqual(["127.0.0.5", "127.0.0.6"]);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === "::1"),
  );
  test.skipIf(!hasIpv6)("-4 and -6 choose among the addresses of a name", async () => {
    const server = await startGreeter({ at: "::" });
    const { port } = server;
    const pin = ["--resolve", `both.example:${port}:127.0.0.1,[::1]`];
    const run = async (family: string) => greeted([`ws://both.example:${port}/`, ...pin, family]);
    await run("-6");
    expect(server.callers).toEqual(["::1"]);
    await run("-4");
    expect(server.callers).toEqual(["::1", "::ffff:127.0.0.1"]);
    const { code, stderr } = await runWsctl(["connect", "ws://127.0.0.1:1/", "-6", ...once]);
    expect([code, stderr]).toEqual([3, expect.stringContaining("127.0.0.1 has no IPv6 address")]);
  });
});
