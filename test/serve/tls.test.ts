/** Shows the server behind TLS: with a certificate made on the spot, and with one of its own. */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as tlsConnect } from "node:tls";
import { expect, test } from "vitest";
import { fingerprint, selfSigned } from "../../src/serve/certificate.js";
import { makeCertificates } from "../support/certificates.js";
import { ask, connect, gone, order, start, tcp, upgradeHead } from "./running.js";

test("a certificate made on the spot verifies against itself, by name and by address", async () => {
  const tls = await selfSigned("127.0.0.1");
  const server = await start({ tls });
  expect(server.url).toMatch(/^wss:\/\/127\.0\.0\.1:/);
  const { port } = new URL(server.url);
  for (const host of ["127.0.0.1", "localhost"]) {
    const client = await connect(`wss://${host}:${port}/`, { ca: tls.cert });
    expect(await ask(client, host)).toBe(host);
  }
  await expect(connect(server.url)).rejects.toThrow(/self.signed/);
});

test("the fingerprint is the one that clients see", async () => {
  const tls = await selfSigned("example.test");
  const server = await start({ tls });
  const socket = tlsConnect({
    host: "127.0.0.1",
    port: Number(new URL(server.url).port),
    ca: tls.cert,
  });
  await once(socket, "secureConnect");
  expect(socket.getPeerX509Certificate()?.fingerprint256).toBe(fingerprint(tls.cert));
  expect(new X509Certificate(tls.cert).subjectAltName).toContain("DNS:example.test");
  socket.destroy();
});

test("a certificate of one's own is used; one that does not fit its key is not", async () => {
  const { ca, server: own } = await makeCertificates();
  const server = await start({ tls: own });
  expect(await ask(await connect(server.url, { ca: ca.cert }), "x")).toBe("x");
  await expect(start({ tls: { cert: own.cert, key: ca.key } })).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
  });
  expect(() => fingerprint("no certificate")).toThrow("this is no certificate");
});

test("a connection is reset under TLS too", async () => {
  const tls = await selfSigned("127.0.0.1");
  const server = await start({ tls });
  const port = Number(new URL(server.url).port);
  const socket = tlsConnect({ host: "127.0.0.1", port, ca: tls.cert });
  socket.write(upgradeHead);
  await once(socket, "data");
  const error = once(socket, "error");
  await order(server, "/cut", { share: "100%", how: "reset" });
  expect(await error).toMatchObject([{ code: "ECONNRESET" }]);
});

test("who asks without an upgrade is told of wss://", async () => {
  const tls = await selfSigned("127.0.0.1");
  const { url } = await start({ tls });
  const socket = tlsConnect({ host: "127.0.0.1", port: Number(new URL(url).port), ca: tls.cert });
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  let text = "";
  socket.on("data", (data: Buffer) => (text += data.toString()));
  await gone(socket);
  expect(text).toMatch(/^HTTP\/1\.1 426 [^]*connect with wss:\/\/\n$/);
});

test("who speaks no TLS keeps nobody else out, nor the server from ending", async () => {
  const tls = await selfSigned("127.0.0.1");
  const server = await start({ tls });
  const mute = await tcp(server.url);
  const plain = await tcp(server.url);
  plain.write("GET / HTTP/1.1\r\n\r\n");
  plain.resume();
  await gone(plain);
  expect(await ask(await connect(server.url, { ca: tls.cert }), "x")).toBe("x");
  const ended = gone(mute);
  await server.close();
  await ended;
  expect(mute.destroyed).toBe(true);
});
