/** Whether a WebSocket is to be had without TLS as well, and that nothing secret is sent to find out. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseDetour, PinnedResolver } from "../../../src/dial/detour.js";
import type { DialOptions } from "../../../src/dial/dial.js";
import { DialError } from "../../../src/dial/dial-error.js";
import type { Address, Resolver } from "../../../src/dial/resolver.js";
import { parseTarget } from "../../../src/dial/target.js";
import type { Question } from "../../../src/inspect/question.js";
import type { Subject } from "../../../src/inspect/subject.js";
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
async function startBoth(
  plain: Plain,
  bySecure: (head: string) => string = switching,
): Promise<{ url: string; plainHeads: string[] }> {
  const sockets = new Set<Socket>();
  const plainHeads: string[] = [];
  const { cert, key } = certificates.server;
  const secure = tls.createServer({ cert, key }, (socket) => {
    socket.on("error", () => socket.destroy());
    onHead(socket, (_, head) => socket.end(bySecure(head)));
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
  [
    "what nginx says to plain text on a port for TLS",
    answering(
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<h1>400</h1>The plain HTTP request was sent to HTTPS port",
    ),
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
  expect(plainHeads[0]).toMatch(/^GET \/chat[? ]/);
  expect(plainHeads[0]).not.toContain("t0psecret");
  expect(seen.findings[0]!.repro ?? "curl http://").toContain("http://");
});

const no = (status: number, server = "app/1"): string =>
  `HTTP/1.1 ${status} No\r\nServer: ${server}\r\nContent-Length: 0\r\n\r\n`;

test.each<[string, string, (head: string) => string, string, string]>([
  ["401 in both", no(401), () => no(401), "warn", "medium"],
  ["400 in both", no(400), () => no(400), "warn", "medium"],
  ["404 in both", no(404), () => no(404), "warn", "medium"],
  ["401 of another server", no(401, "other"), () => no(401), "warn", "low"],
  ["404 where TLS wants credentials", no(404), () => no(401), "info", "info"],
  ["403 of another server", no(403, "other"), () => no(403), "info", "info"],
  ["403 where TLS lets in", no(403), switching, "pass", "info"],
  ["403, and TLS hangs up", no(403), () => "", "inconclusive", "info"],
  ["429 in both", no(429), () => no(429), "inconclusive", "info"],
  ["a page", no(200), switching, "info", "info"],
])("held against the same request by TLS: %s", async (_name, plain, secure, verdict, severity) => {
  // The first exchange has credentials, and is let in.
  const { url, plainHeads } = await startBoth(answering(plain), (head) =>
    head.includes("t0psecret") ? switching(head) : secure(head),
  );
  const seen = await look(url);
  expect(seen.findings).toMatchObject([{ verdict, severity }]);
  expect(seen.handshakes).toBeLessThanOrEqual(1 + check[0]!.cost.handshakes);
  expect(plainHeads.join()).not.toContain("t0psecret");
});

test("what is no HTTP and no alert either is no pass", async () => {
  const { url } = await startBoth(answering("220 mail.example ESMTP\r\n\r\n"));
  expect((await look(url)).verdicts).toEqual({ "TR-1": "inconclusive" });
});

describe("port 80 beside 443", () => {
  const address = (last: number): Address => ({ address: `127.0.0.${last}`, family: 4 });
  const inner: Resolver = {
    resolve: () => Promise.resolve({ addresses: [address(9)], fresh: true }),
  };

  async function portsAsked(options: DialOptions): Promise<readonly [number[], string]> {
    const target = parseTarget("wss://chat.example/");
    const ports: number[] = [];
    const error = new DialError("WSCTL_ETCP", "tcp", "refused", "nothing listens there");
    const reply = { kind: "unanswered", request: undefined, error, attempts: [], chain: [] };
    const ask = ({ target: to = target }: Question) => {
      ports.push(to.port);
      return Promise.resolve(reply);
    };
    const subject = { target, options, asker: { ask }, baseline: reply } as unknown as Subject;
    const seen = await check[0]!.run(subject);
    expect(seen.map(({ verdict }) => verdict)).toEqual(["pass"]);
    return [ports, JSON.stringify(seen)];
  }

  test("is asked where it is the same machine", async () => {
    const pins = ["chat.example:443:127.0.0.9", "chat.example:80:127.0.0.9"];
    const ways: DialOptions[] = [
      {},
      { resolver: new PinnedResolver(["other.example:443:127.0.0.8"], inner) },
      { resolver: new PinnedResolver(pins, inner) },
      { detours: [parseDetour("chat.example::127.0.0.9:")] },
      { detours: [parseDetour("other.example:443:127.0.0.9:8443")] },
    ];
    for (const way of ways) expect((await portsAsked(way))[0]).toEqual([443, 80]);
  });

  test.each<[string, DialOptions]>([
    ["--resolve", { resolver: new PinnedResolver(["chat.example:443:127.0.0.9"], inner) }],
    ["--connect-to", { detours: [parseDetour("chat.example:443:127.0.0.9:8443")] }],
    ["--connect-to", { detours: [parseDetour("chat.example:443:127.0.0.9:443")] }],
    ["--connect-to", { detours: [parseDetour(":80:127.0.0.9:")] }],
  ])("is left alone where %s says where to go, and that is told", async (flag, way) => {
    const [ports, told] = await portsAsked(way);
    expect(ports).toEqual([443]);
    expect(told).toContain("port 80 was not tried");
    expect(told).toContain(flag);
  });
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
