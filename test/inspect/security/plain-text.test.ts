/** Whether a WebSocket is to be had without TLS as well, and that nothing secret is sent to find out. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach, beforeAll, expect, test } from "vitest";
import { securityChecks } from "../../../src/inspect/security/checks.js";
import { startRaw, switching } from "../../e2e/raw-server.js";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { lookAt, type Seen } from "../looking.js";

const check = securityChecks.filter(({ rule }) => rule.id === "TR-1");
const tlsHandshake = 0x16;
const running: { server: net.Server; sockets: Set<Socket> }[] = [];
let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

/** What a port does with a client that does not speak TLS. */
type Plain = (socket: Socket, head: string) => void;

function onHead(socket: Socket, answer: Plain): void {
  let head = "";
  socket.on("data", (chunk: Buffer) => {
    const isNew = !head.includes("\r\n\r\n");
    head += chunk.toString("latin1");
    if (isNew && head.includes("\r\n\r\n")) answer(socket, head);
  });
}

/** A port that speaks WebSocket by TLS, and looks at the first byte to tell who does not. */
async function startBoth(plain: Plain): Promise<{ url: string; plainHeads: string[] }> {
  const sockets = new Set<Socket>();
  const plainHeads: string[] = [];
  const { cert, key } = certificates.server;
  const secure = tls.createServer({ cert, key }, (socket) => {
    socket.on("error", () => socket.destroy());
    onHead(socket, (_, head) => socket.end(switching(head)));
  });
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first = socket.read() as Buffer | null;
      if (!first) return;
      if (first[0] === tlsHandshake) {
        socket.unshift(first);
        secure.emit("connection", socket);
        return;
      }
      onHead(socket, (_, head) => {
        plainHeads.push(head);
        plain(socket, head);
      });
      socket.emit("data", first);
      socket.resume();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push({ server, sockets });
  const { port } = server.address() as AddressInfo;
  return { url: `wss://127.0.0.1:${port}/chat?room=1&token=t0psecret`, plainHeads };
}

function look(url: string): Promise<Seen> {
  return lookAt(url, check, {
    options: {
      tls: { ca: certificates.ca.cert },
      request: { cookie: "sid=t0psecret", authorization: "Bearer t0psecret" },
    },
  });
}

function answering(text: string): Plain {
  return (socket) => void socket.end(text);
}

test.each<[string, Plain, string, string]>([
  ["a 101", (socket, head) => void socket.write(switching(head)), "fail", "medium"],
  ["401", answering("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"), "warn", "low"],
  ["403", answering("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "info", "info"],
  [
    "what nginx says to plain text on a port for TLS",
    answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "pass",
    "info",
  ],
  [
    "a redirect to TLS",
    answering("HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"),
    "pass",
    "info",
  ],
  [
    "a redirect to anything else",
    answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"),
    "warn",
    "low",
  ],
  ["an alert", (socket) => void socket.end(Buffer.of(21, 3, 3, 0, 2, 2, 70)), "pass", "info"],
  ["a close", (socket) => void socket.end(), "pass", "info"],
  ["a reset", (socket) => void socket.resetAndDestroy(), "pass", "info"],
  ["503", answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), "inconclusive", "info"],
  ["silence", () => {}, "inconclusive", "info"],
])("plain text is answered with %s", async (_name, plain, verdict, severity) => {
  const { url, plainHeads } = await startBoth(plain);
  const seen = await look(url);
  expect(seen.findings).toMatchObject([{ verdict, severity }]);
  expect(seen.handshakes).toBe(2);
  expect(plainHeads).toHaveLength(1);
  expect(plainHeads[0]).toContain("/chat?room=1 ");
  expect(plainHeads[0]).not.toContain("t0psecret");
  expect(seen.findings[0]!.repro ?? "curl http://").toContain("http://");
});

test("a plain target is plain: on this machine that is no harm", async () => {
  const { url } = await startRaw();
  const seen = await lookAt(url, check);
  expect(seen.findings).toMatchObject([{ verdict: "info" }]);
  expect(seen.handshakes).toBe(1);
});

test("elsewhere it is", async () => {
  const here = { address: "127.0.0.1", family: 4 } as const;
  const { port } = await startRaw();
  const seen = await lookAt(`ws://chat.example:${port}/`, check, {
    options: { resolver: { resolve: () => Promise.resolve({ addresses: [here], fresh: true }) } },
  });
  expect(seen.findings).toMatchObject([{ verdict: "warn", severity: "medium" }]);
});
