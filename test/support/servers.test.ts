/** Shows that the servers of tests echo, refuse, speak TLS, and close with sockets still open. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { makeCertificates } from "./certificates.js";
import { requirePythonWebsockets, startPythonEcho } from "./python-echo.js";
import { startWsEcho } from "./servers.js";

/** What comes back for a text and for a binary message. */
async function echoes(url: string, options?: ClientOptions): Promise<unknown[]> {
  const socket = new WebSocket(url, options);
  const answers: unknown[] = [];
  try {
    await once(socket, "open");
    for (const message of ["grüße", Buffer.of(0, 255)]) {
      socket.send(message);
      const [data, binary] = (await once(socket, "message")) as [Buffer, boolean];
      answers.push(binary ? [...data] : data.toString());
    }
  } finally {
    socket.terminate();
  }
  return answers;
}

const echoed = ["grüße", [0, 255]];

describe("the server of ws", () => {
  test("echoes text and binary", async () => {
    await using server = await startWsEcho();
    expect(await echoes(server.url)).toEqual(echoed);
  });

  test("speaks TLS with a certificate that verifies by name and by address", async () => {
    const { ca, server: own } = await makeCertificates();
    await using server = await startWsEcho({ tls: own });
    expect(readFileSync(ca.certPath, "utf8")).toBe(ca.cert);
    expect(await echoes(server.url, { ca: ca.cert })).toEqual(echoed);
    expect(await echoes(`wss://127.0.0.1:${server.port}/`, { ca: ca.cert })).toEqual(echoed);
    await expect(echoes(server.url)).rejects.toThrow(/certificate/);
  });

  test("refuses with the status asked for", async () => {
    await using server = await startWsEcho({ refuse: 403 });
    await expect(echoes(server.url)).rejects.toThrow("403");
  });

  test("closes although a client stays, and only once", async () => {
    const server = await startWsEcho();
    const socket = new WebSocket(server.url);
    await once(socket, "open");
    await Promise.all([server.close(), once(socket, "close")]);
    await server.close();
    await expect(echoes(server.url)).rejects.toThrow("ECONNREFUSED");
  });
});

describe.skipIf(!requirePythonWebsockets())("the server of Python", () => {
  test("echoes text and binary", async () => {
    await using server = await startPythonEcho();
    expect(await echoes(server.url)).toEqual(echoed);
  });

  test("speaks TLS", async () => {
    const { ca, server: own } = await makeCertificates();
    await using server = await startPythonEcho(own);
    expect(await echoes(server.url, { ca: ca.cert })).toEqual(echoed);
  });
});
