/** Shows that TLS is verified, that its failures are told apart, and that each has the right hint. */
import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { beforeAll, describe, expect, test } from "vitest";
import { dial } from "../../src/dial/dial.js";
import { DialError } from "../../src/dial/dial-error.js";
import { open, type OpenOptions } from "../../src/dial/open.js";
import type { Target } from "../../src/dial/target.js";
import type { TlsOptions } from "../../src/dial/tls.js";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { receiveText, rejection, startRaw, switching } from "./raw-server.js";

let made: Certificates;
/** Self-signed, for localhost. */
let alone: { cert: string; key: string };

beforeAll(async () => {
  made = await makeCertificates();
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  alone = { cert: pems.cert, key: pems.private };
});

async function failureOf(target: Target, options: OpenOptions): Promise<DialError> {
  const error = await rejection(open(target, options));
  expect(error).toBeInstanceOf(DialError);
  return error as DialError;
}

/** A certificate of the test's authority with other dates or names. */
async function signed(days: readonly [from: number, to: number], name = "localhost") {
  const day = 86_400_000;
  const pems = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    ca: made.ca,
    notBeforeDate: new Date(Date.now() + days[0] * day),
    notAfterDate: new Date(Date.now() + days[1] * day),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
  });
  return { cert: pems.cert, key: pems.private };
}

describe("a certificate", () => {
  test("that is self-signed is refused, and the hint says how to go on", async () => {
    const { target } = await startRaw({ tls: alone, name: "localhost" });
    const error = await failureOf(target, { family: 4 });
    expect(error).toMatchObject({ code: "WSCTL_ETLS", phase: "tls", reason: "tls" });
    expect(error.message).toMatch(/self-signed/);
    expect(error.hint).toMatch(/--ca FILE.*--insecure/);
    expect(error.where.join("\n")).toMatch(/127\.0\.0\.1:\d+\n.*DEPTH_ZERO_SELF_SIGNED_CERT/);
  });

  test("that is self-signed is accepted when told to, and the facts still say so", async () => {
    const { target } = await startRaw({ tls: alone, name: "localhost" });
    const wire = await open(target, { family: 4, tls: { insecure: true } });
    expect(wire.tls).toMatchObject({
      protocol: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      authorized: false,
      authorizationError: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    expect(wire.phases.tls).toBeGreaterThan(0);
    wire.destroy();
  });

  test("is verified against the CA handed in, by name and by address", async () => {
    const tls = { ca: made.ca.cert };
    for (const name of ["localhost", "127.0.0.1"]) {
      const options = { tls: { ...made.server, ALPNProtocols: ["http/1.1"] }, name };
      const { target } = await startRaw(options);
      const wire = await open(target, { family: 4, tls });
      expect(wire.tls).toMatchObject({
        authorized: true,
        authorizationError: undefined,
        alpn: "http/1.1",
      });
      wire.destroy();
    }
  });

  test.each<[string, readonly [number, number], RegExp]>([
    ["has expired", [-9, -2], /has expired/],
    ["is not valid yet", [2, 9], /not valid yet/],
  ])("that %s is told", async (_what, days, message) => {
    const { target } = await startRaw({ tls: await signed(days), name: "localhost" });
    const error = await failureOf(target, { family: 4, tls: { ca: made.ca.cert } });
    expect(error.message).toMatch(message);
    expect(error.hint).not.toBe("");
  });

  test("for another name is refused, unless that name is what was asked for", async () => {
    const other = await signed([-1, 1], "other.example");
    const { target } = await startRaw({ tls: other, name: "localhost" });
    const tls = { ca: made.ca.cert };
    const error = await failureOf(target, { family: 4, tls });
    expect(error.message).toMatch(/another name/);
    expect(error.where.join("\n")).toContain("other.example");
    const wire = await open(target, { family: 4, tls: { ...tls, servername: "other.example" } });
    expect(wire.tls?.authorized).toBe(true);
    wire.destroy();
  });

  test("of an unknown issuer is refused", async () => {
    const { target } = await startRaw({ tls: made.server, name: "localhost" });
    expect((await failureOf(target, { family: 4 })).message).toMatch(/issuer .* not known/);
  });

  test("of the client is shown to the server, and its lack is told as TLS", async () => {
    const asking = { ...made.server, ca: made.ca.cert, requestCert: true };
    let subject = "";
    const { target } = await startRaw({
      tls: asking,
      name: "localhost",
      answer: (socket, head) => socket.write(switching(head)),
      connected: (socket) => {
        subject = new X509Certificate((socket as TLSSocket).getPeerCertificate().raw).subject;
      },
    });
    const tls: TlsOptions = { ca: made.ca.cert };
    const error = await rejection(dial(target, { family: 4, tls }));
    expect(error).toMatchObject({ code: "WSCTL_ETLS", reason: "tls" });
    const own = await signed([-1, 1], "client");
    const { wire } = await dial(target, { family: 4, tls: { ...tls, ...own } });
    expect(subject).toBe("CN=client");
    wire.destroy();
  });

  test("or key that is none is a mistake of usage", async () => {
    const { target } = await startRaw({ tls: alone, name: "localhost" });
    const error = await rejection(open(target, { family: 4, tls: { cert: "no", key: "no" } }));
    expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
    expect(error).not.toBeInstanceOf(DialError);
  });
});

describe("the name asked for", () => {
  test.each<[string, string, TlsOptions, string | false]>([
    ["is the host", "localhost", {}, "localhost"],
    ["is none for an address", "127.0.0.1", {}, false],
    ["is what was handed in", "127.0.0.1", { servername: "a.example" }, "a.example"],
    ["is none when told so", "localhost", { servername: "" }, false],
  ])("%s", async (_what, name, options, expected) => {
    let asked: string | false | null = null;
    const { target } = await startRaw({
      tls: made.server,
      name,
      connected: (socket) => {
        asked = (socket as TLSSocket).servername;
        socket.write("x");
      },
    });
    const wire = await open(target, { family: 4, tls: { insecure: true, ...options } });
    await receiveText(wire, 1);
    expect(asked).toBe(expected);
    wire.destroy();
  });

  test("is verified even where none is sent", async () => {
    const { target } = await startRaw({ tls: made.server, name: "localhost" });
    const tls = { ca: made.ca.cert };
    const wire = await open(target, { family: 4, tls: { ...tls, servername: "" } });
    expect(wire.tls?.authorized).toBe(true);
    wire.destroy();
    const error = await failureOf(target, { family: 4, tls: { ...tls, servername: "192.0.2.1" } });
    expect(error.message).toMatch(/another name/);
  });
});

describe("the wrong kind of port", () => {
  test("a plain server under wss is told, with the way out", async () => {
    const { target } = await startRaw({
      scheme: "wss",
      connected: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    });
    const error = await failureOf(target, {});
    expect(error).toMatchObject({ code: "WSCTL_ETLS", reason: "tls" });
    expect(error.message).toMatch(/does not speak TLS/);
    expect(error.hint).toContain("ws://");
  });

  test("a server that hangs up on TLS is told", async () => {
    const { target } = await startRaw({
      scheme: "wss",
      connected: (socket) => socket.on("data", () => socket.end()),
    });
    const error = await failureOf(target, {});
    expect(error).toMatchObject({ code: "WSCTL_ECLOSED", phase: "tls", reason: "closed" });
    expect(error.hint).toContain("ws://");
  });

  test("a server that waits in silence runs out of time, or of patience", async () => {
    const { target } = await startRaw({ scheme: "wss" });
    const late = await failureOf(target, { timeouts: { tls: 30 } });
    expect(late).toMatchObject({ code: "WSCTL_ETIMEOUT", phase: "tls", reason: "timeout" });
    const controller = new AbortController();
    const { target: second } = await startRaw({
      scheme: "wss",
      connected: (socket) => socket.on("data", () => controller.abort()),
    });
    const error = await failureOf(second, { signal: controller.signal });
    expect(error).toMatchObject({ code: "WSCTL_EABORTED", phase: "tls", reason: "aborted" });
  });

  test("a TLS server under ws is told, whether it alerts or hangs up", async () => {
    const { target } = await startRaw({ tls: made.server, scheme: "ws" });
    const error = await rejection(dial(target));
    expect(error).toMatchObject({ phase: "upgrade", hint: expect.stringContaining("wss://") });
    const alert = await startRaw({
      answer: (socket) => socket.end(Buffer.from("15030100020246", "hex")),
    });
    expect(await rejection(dial(alert.target))).toMatchObject({
      code: "WSCTL_EHANDSHAKE",
      reason: "handshake",
      hint: expect.stringContaining("wss://"),
    });
  });
});

test("over TLS the shared buffer is used as well, and a glued frame is not lost", async () => {
  const { target } = await startRaw({
    tls: made.server,
    name: "localhost",
    answer: (socket, head) => {
      socket.write(Buffer.from(`${switching(head)}\x81\x02hi`, "latin1"));
      socket.once("data", (data) => socket.end(data));
    },
  });
  const sink = Buffer.alloc(65_536);
  const { wire, upgrade } = await dial(target, { family: 4, sink, tls: { ca: made.ca.cert } });
  expect(upgrade.tls?.authorized).toBe(true);
  expect(await receiveText(wire, 4)).toBe("\x81\x02hi");
  const inPlace = new Promise<boolean>((resolve) => {
    wire.receive((bytes) => resolve(bytes === sink));
  });
  wire.socket.write("more");
  expect(await inPlace).toBe(true);
});
