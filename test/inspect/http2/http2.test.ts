/** Shows what is said of WebSocket over HTTP/2, and that HTTP/3 is only reported. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type tls from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import type { DialOptions } from "../../../src/dial/dial.js";
import { http2Checks } from "../../../src/inspect/http2/checks.js";
import { startRaw } from "../../dial/raw-server.js";
import { closeInKind, onFrames, startRaw as startPlain, switching } from "../../e2e/raw-server.js";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { requireHaproxy, startHaproxy } from "../../support/haproxy.js";
import { startWsEcho } from "../../support/servers.js";
import { lookAt } from "../looking.js";
import { type Http2Behaviour, startHttp2 } from "./servers.js";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

async function look(url: string, options: DialOptions = {}) {
  const ca = certificates.ca.cert;
  const seen = await lookAt(url, http2Checks, {
    options: { timeouts: { total: 3000 }, family: 4, tls: { ca }, ...options },
  });
  expect(seen.handshakes - 1).toBeLessThanOrEqual(2);
  const of = (id: string) => seen.findings.find(({ rule }) => rule === id);
  return { ...seen, websocket: of("H2-1"), unknown: of("H2-2"), http3: of("H3") };
}

/** Takes WebSocket, and answers anything else with a status. */
function accepting(otherwise: number): Http2Behaviour["connect"] {
  return (stream, protocol) =>
    stream.respond({ ":status": protocol === "websocket" ? 200 : otherwise });
}

describe("a server of Node", () => {
  test("that takes WebSocket alone passes, and is asked as RFC 8441 has it", async () => {
    const server = await startHttp2({ certificates, connect: accepting(501) });
    const request = { origin: "https://app.example", subprotocols: ["chat"], cookie: "a=b" };
    const { websocket, unknown } = await look(server.url, { request });
    expect(websocket).toMatchObject({ verdict: "pass" });
    expect(unknown).toMatchObject({ verdict: "pass" });
    const [asked = {}] = server.asked;
    expect({ ...asked }).toMatchObject({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "https",
      ":path": "/chat?a=b",
      ":authority": new URL(server.url).host,
      "sec-websocket-version": "13",
      "sec-websocket-protocol": "chat",
      origin: "https://app.example",
      cookie: "a=b",
    });
    for (const name of ["host", "connection", "upgrade", "sec-websocket-key"]) {
      expect(asked).not.toHaveProperty(name);
    }
    // A masked close frame with 1000 ends it.
    const bytes = Buffer.concat(server.came);
    expect(bytes.subarray(0, 2).toString("hex")).toBe("8882");
    expect([bytes[6]! ^ bytes[2]!, bytes[7]! ^ bytes[3]!]).toEqual([0x03, 0xe8]);
  });

  test.each<[string, Http2Behaviour["connect"], RegExp]>([
    ["an answer", (stream) => stream.respond({ ":status": 405 }, { endStream: true }), /405/],
    ["a reset", (stream) => stream.close(7), /REFUSED_STREAM/],
    ["the end of the connection", (stream) => stream.session?.destroy(), /connection ended/],
  ])("that advertises it and refuses it by %s fails", async (_what, connect, said) => {
    const { websocket } = await look((await startHttp2({ certificates, connect })).url);
    expect(websocket).toMatchObject({ verdict: "fail", severity: "high" });
    expect(websocket!.message).toMatch(said);
  });

  test("that advertises it and then hangs fails", async () => {
    const connect: Http2Behaviour["connect"] = (stream, protocol) => {
      if (protocol !== "websocket") stream.session?.destroy();
    };
    const server = await startHttp2({ certificates, connect });
    const { websocket, unknown } = await look(server.url);
    expect(websocket).toMatchObject({ verdict: "fail" });
    expect(websocket!.message).toMatch(/no answer in time/);
    // What it does to the whole connection over an unknown protocol is worse than a refusal.
    expect(unknown).toMatchObject({ verdict: "warn", case: "gone", severity: "low" });
  });

  test("that does not advertise it is worth knowing, and nothing is tried", async () => {
    const server = await startHttp2({ certificates, advertises: false });
    const { websocket, unknown } = await look(server.url);
    expect(websocket).toMatchObject({ verdict: "info" });
    expect(unknown).toMatchObject({ verdict: "skip" });
    expect(server.asked).toEqual([]);
  });

  test("that answers with what HTTP/2 does not have passes, and takes any protocol", async () => {
    const connect: Http2Behaviour["connect"] = (stream) =>
      stream.respond({ ":status": 200, "sec-websocket-accept": "x" });
    const { websocket, unknown } = await look((await startHttp2({ certificates, connect })).url);
    expect(websocket).toMatchObject({ verdict: "pass" });
    expect(websocket!.evidence.join()).toContain("no use for");
    expect(unknown).toMatchObject({ verdict: "fail", case: "accepted", severity: "low" });
  });

  test.each([
    [400, "info", ""],
    [502, "warn", "server error"],
  ])("that answers an unknown protocol with %d", async (status, verdict, which) => {
    const server = await startHttp2({ certificates, connect: accepting(status) });
    expect((await look(server.url)).unknown).toMatchObject({ verdict, case: which });
  });

  test("on plain TCP is found by prior knowledge, and not blamed where HTTP/1.1 opens nothing", async () => {
    const taking = await startHttp2({ connect: accepting(501) });
    const seen = await look(taking.url);
    // It speaks no HTTP/1.1: the first exchange comes to no 101.
    expect(seen.websocket).toMatchObject({ verdict: "pass" });
    const refusing = await startHttp2({ connect: (stream) => stream.close(8) });
    expect((await look(refusing.url)).websocket).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("no HTTP/2", () => {
  test("on plain TCP is skipped, and asked for but once", async () => {
    const server = await startWsEcho();
    const seen = await look(server.url);
    expect(seen.verdicts).toEqual({ "H2-1": "skip", "H2-2": "skip", H3: "skip" });
    expect(seen.handshakes).toBe(2);
  });

  test.each<[string, string[] | undefined]>([
    ["without ALPN", undefined],
    ["with http/1.1 alone", ["http/1.1"]],
  ])("%s is skipped", async (_what, protocols) => {
    const { cert, key } = certificates.server;
    const server = await startRaw({
      tls: { cert, key, ...(protocols ? { ALPNProtocols: protocols } : {}) },
      name: "localhost",
      answer: (socket) => socket.end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    });
    expect((await look(server.target.url)).websocket).toMatchObject({ verdict: "skip" });
  });

  test("though h2 was chosen is a failure, whatever comes instead of it", async () => {
    for (const said of ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "\0".repeat(1_000_000)]) {
      const server = await startRaw({
        tls: {
          cert: certificates.server.cert,
          key: certificates.server.key,
          ALPNProtocols: ["http/1.1", "h2"],
        },
        name: "localhost",
        connected: (socket) => {
          const isHttp2 = (socket as tls.TLSSocket).alpnProtocol === "h2";
          if (isHttp2) return socket.write(said);
          return socket.end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        },
      });
      const { websocket, unknown } = await look(server.target.url);
      expect(websocket).toMatchObject({ verdict: "fail", case: "settings" });
      expect(unknown).toMatchObject({ verdict: "inconclusive" });
    }
  });

  test("is asked for without credentials being sent to whom nobody trusts", async () => {
    const server = await startHttp2({ certificates, connect: accepting(501) });
    const { websocket } = await look(server.url, { tls: {}, request: { cookie: "secret=1" } });
    expect(websocket).toMatchObject({ verdict: "inconclusive" });
    expect(server.asked).toEqual([]);
  });
});

describe("HTTP/3", () => {
  test.each<[string, string, RegExp]>([
    ['h3=":443"; ma=86400', "info", /HTTP\/3 is offered/],
    ['h2=":443", h3-29=":443"', "info", /HTTP\/3 is offered/],
    ['h2=":443"', "skip", /no HTTP\/3/],
    ["clear", "skip", /no HTTP\/3/],
  ])("with Alt-Svc: %s", async (value, verdict, message) => {
    const server = await startPlain({
      answer: (head) => (head.startsWith("GET") ? switching(head, `Alt-Svc: ${value}`) : undefined),
      upgraded: (socket) =>
        onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload)),
    });
    const [, , check] = http2Checks;
    const { findings, handshakes } = await lookAt(server.url, [check!]);
    expect(findings).toMatchObject([{ verdict, message: expect.stringMatching(message) }]);
    expect(handshakes).toBe(1);
  });
});

describe.skipIf(!requireHaproxy())("HAProxy", () => {
  test("passes extended CONNECT on, over TLS and over plain TCP", async () => {
    const { port } = await startWsEcho();
    const pem = path.join(path.dirname(certificates.server.certPath), "haproxy-h2.pem");
    await writeFile(pem, `${certificates.server.cert}\n${certificates.server.key}\n`);
    const frontend = (at: number) => `
frontend secure
  bind 127.0.0.1:${at} ssl crt ${pem} alpn h2,http/1.1
  default_backend echo
backend echo
  timeout tunnel 10s
  server one 127.0.0.1:${port}`;
    const { ports } = await startHaproxy(2, ({ ports: [a, b] }) => {
      return `${frontend(a!)}\nfrontend plain\n  bind 127.0.0.1:${b} proto h2\n  default_backend echo`;
    });
    const workaround = "global\n  h2-workaround-bogus-websocket-clients";
    const { ports: others } = await startHaproxy(1, (place) => {
      return `${workaround}\n${frontend(place.ports[0]!)}`;
    });
    const secure = await look(`wss://localhost:${ports[0]}/`);
    expect(secure.websocket).toMatchObject({ verdict: "pass" });
    expect(["pass", "info"]).toContain(secure.unknown!.verdict);
    const plain = await look(`ws://127.0.0.1:${ports[1]}/`);
    expect(plain.websocket).toMatchObject({ verdict: "pass" });
    const without = await look(`wss://localhost:${others[0]}/`);
    expect(without.websocket).toMatchObject({ verdict: "info" });
  });
});

test.each<[string, () => string | undefined]>([
  ["no answer", () => undefined],
  ["503", () => "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"],
])("where HTTP/1.1 comes to %s, an unknown protocol is not asked for", async (_what, answer) => {
  const server = await startPlain({ answer });
  const only = http2Checks.filter(({ rule }) => rule.id === "H2-2");
  const seen = await lookAt(server.url, only, { options: { timeouts: { total: 200 } } });
  expect(seen.findings).toMatchObject([{ verdict: "inconclusive" }]);
  expect(seen.findings[0]?.message).toContain("over HTTP/1.1 the first exchange came to");
  expect(seen.handshakes).toBe(1);
});
