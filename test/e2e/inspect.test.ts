/** Shows `wsctl inspect` as it is run: against servers that are right, wrong, and of no good will. */
import http2 from "node:http2";
import net, { type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Inspection } from "../../src/findings/inspection.js";
import { exitWithin } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { startServe } from "./load-run.js";
import { until } from "./processes.js";
import { startRaw, switching } from "./raw-server.js";

/** What one run of the program came to. */
interface Looked {
  readonly code: number | null;
  readonly seen: Inspection;
}

async function look(...args: readonly string[]): Promise<Looked> {
  const { code, stdout, stderr } = await runWsctl(["inspect", "--json", ...args]);
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  return { code, seen: JSON.parse(stdout) as Inspection };
}

/** Does with every connection, as soon as it stands, what it is told. @returns its URL */
async function startBare(connected: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    connected(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The ids of the checks that came to that. */
function idsOf({ checks }: Inspection, verdict: string): string[] {
  return checks.filter((check) => check.verdict === verdict).map(({ rule }) => rule.id);
}

test("an embedded server passes the default checks in one run, within the budget", async () => {
  const { code, seen } = await look("--serve");
  expect(code).toBe(0);
  expect(seen).toMatchObject({ kind: "wsctl.inspection", version: 1, outcome: "open" });
  expect(seen.budget.handshakes).toBeLessThanOrEqual(seen.budget.planned);
  expect(seen.budget.planned).toBeLessThanOrEqual(40);
  expect(idsOf(seen, "pass")).toEqual(expect.arrayContaining(["HS-01", "HS-02", "HS-05", "HS-06"]));
  expect(idsOf(seen, "inconclusive")).toEqual([]);
});

test("a server of ours with TLS is verified by its CA alone: without, nothing is sent", async () => {
  const { url } = await startServe(["--tls"]);
  const refused = await look(url, "--bearer", "s3cr3t-bearer");
  expect(refused.code).toBe(3);
  expect(refused.seen).toMatchObject({ outcome: "failed", budget: { bytes: 0 } });
  expect(idsOf(refused.seen, "fail")).toContain("TLS-1");
  expect(refused.seen.tls).toMatchObject({ authorized: false });
  const shown = await runWsctl(["inspect", url, "-k", "--only", "HS-05"]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/not verified: DEPTH_ZERO_SELF_SIGNED_CERT/);
});

test("the wrong Accept for the key of RFC 6455 is shown beside the right one, and is 6", async () => {
  const wrong = "s3pPLMBiTxaQ9kYGzzhZgRcKULk=";
  const right = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  const server = await startRaw({
    answer: (head) => switching(head).replace(/(?<=Accept: ).*/, wrong),
  });
  const args = ["inspect", server.url, "--key", "dGhlIHNhbXBsZSBub25jZQ=="];
  const { code, stdout } = await runWsctl([...args, "--only", "HS-05"]);
  expect(server.heads[0]).toContain("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  expect(stdout).toMatch(/✘ INVALID/);
  expect(stdout).toMatch(/FAIL {2}critical {2}HS-05/);
  expect(stdout).toContain(wrong);
  expect(stdout).toContain(right);
  expect(code).toBe(6);
});

describe("a server of no good will", () => {
  const drip = async (): Promise<string> =>
    startBare((socket) => {
      const bytes = "HTTP/1.1 101 Switching Protocols\r\n";
      let at = 0;
      const timer = setInterval(() => socket.write(bytes[at++ % bytes.length]!), 50);
      socket.on("close", () => clearInterval(timer));
    });
  const http2Only = async (): Promise<string> => {
    const server = http2.createServer();
    server.on("sessionError", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const huge = async (): Promise<string> =>
    startBare((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\n");
        socket.write(`X-Filler: ${"x".repeat(1_000_000)}\r\n\r\n`);
      });
    });

  test.each([
    ["that hangs", () => startBare(() => {}), [3], "WSCTL_ETIMEOUT"],
    ["that drips", drip, [3], "WSCTL_ETIMEOUT"],
    ["with a megabyte of headers", huge, [6], "WSCTL_EHANDSHAKE"],
    ["that closes at once", () => startBare((socket) => void socket.end()), [3], "WSCTL_ECLOSED"],
    ["that resets", () => startBare((socket) => void socket.resetAndDestroy()), [3], undefined],
    [
      "that talks garbage",
      () => startBare((socket) => void socket.write(Buffer.alloc(4096, 0xff))),
      [6],
      "WSCTL_EHANDSHAKE",
    ],
    ["of HTTP/2 alone", http2Only, [3, 6], undefined],
  ] as const)(
    "%s is told as it is, within few handshakes, and passes nothing of the handshake",
    async (_what, start, codes, failure) => {
      const { code, seen } = await look(await start(), "--timeout", "1s");
      expect(codes).toContain(code);
      expect(seen.outcome).toBe("failed");
      expect(seen.failure?.message.length).toBeGreaterThan(10);
      if (failure !== undefined) expect(seen.failure?.code).toBe(failure);
      expect(idsOf(seen, "pass").filter((id) => id.startsWith("HS-"))).toEqual([]);
      // Each that is waited for takes its time: who does not answer is soon left alone.
      expect(seen.budget.handshakes).toBeLessThanOrEqual(6);
    },
  );
});

test("a server that refuses is 4, with its answer and what could be said of it", async () => {
  const body = JSON.stringify({ error: "origin not allowed" });
  const server = await startRaw({
    answer: () =>
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nServer: nginx/1.22.1\r\n\r\n${body}`,
  });
  const { code, stdout } = await runWsctl(["inspect", server.url]);
  expect(code).toBe(4);
  expect(stdout).toMatch(/✘ REFUSED +the server refused the upgrade: 403 Forbidden/);
  expect(stdout).toContain("< HTTP/1.1 403 Forbidden");
  expect(stdout).toContain(body);
  expect(stdout).toContain("likely nginx");
});

test("Ctrl-C while the server is silent tells how far it got by then", async () => {
  const server = await startRaw({ answer: () => undefined });
  await using child = startWsctl(["inspect", server.url, "--only", "HS-05", "--timeout", "0"]);
  await until(() => expect(server.heads).toHaveLength(1));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await exitWithin(child, 10_000);
  expect(stderr).toContain("ending the inspection");
  expect(stdout).toMatch(/INTERRUPTED +ended while waiting for the answer to the upgrade/);
  expect(stdout).toMatch(/^ +reached +✔ tcp [\d.]+ [mµ]?s {2}… upgrade$/m);
  expect(code).toBe(130);
});
