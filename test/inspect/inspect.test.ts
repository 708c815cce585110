import { createServer, type TlsOptions } from "node:tls";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { baselineOf, readBaseline } from "../../src/findings/baseline.js";
import type { Inspection } from "../../src/findings/inspection.js";
import { parseTarget } from "../../src/dial/target.js";
import type { Check } from "../../src/inspect/check.js";
import { inspect, type InspectOptions } from "../../src/inspect/inspect.js";
import { planOf } from "../../src/inspect/plan.js";
import { isOpen } from "../../src/inspect/reply.js";
import {
  closeInKind,
  frame,
  onFrames,
  refusingPort,
  type RawBehaviour,
  startRaw,
  switching,
} from "../e2e/raw-server.js";
import { certificate } from "../../src/inspect/tls/certificate.js";
import { startRaw as startTlsRaw } from "../dial/raw-server.js";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { issue, makeHierarchy } from "./tls/pki.js";

const selection: InspectOptions["selection"] = { tiers: new Set(["default"]), only: [], skip: [] };

const usual: InspectOptions = {
  dial: { timeouts: { total: 2000 } },
  selection,
  runs: 0,
  given: {
    allowedOrigin: undefined,
    otherPath: undefined,
    expiredToken: undefined,
    logoutUrl: undefined,
  },
  accepted: new Map(),
  wsctl: "1.2.3",
  date: new Date("2026-03-04T05:06:07.089Z"),
  checks: [],
};

const closing = (socket: Socket): void =>
  onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload));

function look(url: string, options: Partial<InspectOptions> = {}): Promise<Inspection> {
  return inspect(parseTarget(url), { ...usual, ...options });
}

function check(id: string, run: Check["run"], more: Partial<Omit<Check, "rule">> = {}): Check {
  const rule = { id, title: id, severity: "high", source: "practice", why: "w", fix: "f" } as const;
  return { rule, tier: "default", needs: "nothing", cost: { handshakes: 1 }, run, ...more };
}

describe("how far the first exchange came", () => {
  test("open: the exchange, its phases, what was agreed", async () => {
    const server = await startRaw({
      answer: (head) =>
        switching(
          head,
          "Server: nginx/1.22.1",
          "Sec-WebSocket-Protocol: chat",
          "Set-Cookie: sid=s3ss10n; Path=/; HttpOnly",
        ) + frame(1, "hi").toString("latin1"),
      upgraded: closing,
    });
    const seen = await look(`${server.url}chat?room=1`, {
      dial: { request: { subprotocols: ["chat"] } },
    });
    expect(seen).toMatchObject({
      kind: "wsctl.inspection",
      version: 1,
      wsctl: "1.2.3",
      startedAt: "2026-03-04T05:06:07.089Z",
      url: `${server.url}chat?room=1`,
      outcome: "open",
      failure: undefined,
      body: undefined,
      tls: undefined,
      subprotocol: "chat",
      extensions: undefined,
      cookies: [{ name: "sid", secure: false, httpOnly: true, sameSite: undefined }],
      hints: [{ what: "nginx", confidence: "firm", from: "Server: nginx/1.22.1" }],
      attempts: [{ address: "127.0.0.1", port: server.port, error: undefined }],
      interrupted: false,
      budget: { planned: 1, handshakes: 1 },
      checks: [],
      findings: [],
    });
    expect(seen.request?.first).toBe("GET /chat?room=1 HTTP/1.1");
    expect(seen.request?.size).toBe(server.heads[0]?.length);
    expect(seen.response?.first).toBe("HTTP/1.1 101 Switching Protocols");
    expect(seen.response?.headers).toContainEqual(["Set-Cookie", "sid=SECRET; Path=/; HttpOnly"]);
    expect(seen.idleLimits.filter(({ likely }) => likely).map(({ product }) => product)).toEqual([
      "nginx",
    ]);
    expect(seen.timing?.firstFrame).toBeGreaterThanOrEqual(0);
    expect(seen.timing?.runs).toBeUndefined();
    expect(seen.budget.bytes).toBeGreaterThan(server.heads[0]?.length ?? Infinity);
    expect(JSON.stringify(seen)).not.toContain("s3ss10n");
  });

  test("refused: the status, the body, what to do", async () => {
    const server = await startRaw({
      answer: () =>
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html><h1>No entry</h1></html>",
      upgraded: (socket) => socket.end(),
    });
    const seen = await look(server.url);
    expect(seen).toMatchObject({
      outcome: "refused",
      failure: { code: "WSCTL_EUPGRADE", phase: "upgrade", reason: "status" },
      body: "No entry",
      subprotocol: undefined,
    });
    expect(seen.failure?.hint).toMatch(/Origin/);
    expect(seen.failure?.where[0]).toBe(`GET / on 127.0.0.1:${server.port}`);
  });

  test("invalid: what of the 101 is wrong", async () => {
    const server = await startRaw({ answer: () => "HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n" });
    const seen = await look(server.url);
    expect(seen).toMatchObject({
      outcome: "invalid",
      failure: { code: "WSCTL_EHANDSHAKE", reason: "handshake" },
    });
    expect(seen.failure?.where.join("\n")).toMatch(/Connection is missing/);
  });

  test("failed: with every address tried", async () => {
    const port = await refusingPort();
    const seen = await look(`ws://127.0.0.1:${port}`);
    expect(seen).toMatchObject({
      outcome: "failed",
      failure: { code: "WSCTL_EREFUSED", phase: "tcp", reason: "refused" },
      request: undefined,
      response: undefined,
      timing: undefined,
      attempts: [{ address: "127.0.0.1", port, error: "ECONNREFUSED" }],
      hints: [],
    });
    expect(seen.idleLimits.some(({ likely }) => likely)).toBe(false);
  });

  test.each<[string, RawBehaviour]>([
    ["garbage", { answer: () => "\0\x01\x02\x03garbage\r\n\r\n" }],
    ["silence", { answer: () => undefined }],
    ["a head without end", { answer: () => `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(50_000)}` }],
    [
      "frames of nothing but bits",
      { answer: (head) => `${switching(head)}${"\xff".repeat(1000)}` },
    ],
    [
      "a body without end",
      { answer: () => `HTTP/1.1 500 X\r\nContent-Length: 999999999\r\n\r\n${"<".repeat(100_000)}` },
    ],
    [
      "hostile headers",
      {
        answer: (head) =>
          switching(
            head,
            ...Array.from({ length: 500 }, (_, i) => `Set-Cookie: ${"=;".repeat(40)}${i}`),
          ),
      },
    ],
  ])("%s throws nothing, and stays small", async (_what, behaviour) => {
    const server = await startRaw(behaviour);
    const one = check("T-1", async () => [{ verdict: "pass", message: "x" }], { needs: "open" });
    const seen = await look(server.url, { dial: { timeouts: { total: 300 } }, checks: [one] });
    expect(JSON.stringify(seen).length).toBeLessThan(200_000);
    if (seen.outcome !== "open") expect(seen.checks[0]?.verdict).toBe("inconclusive");
  });
});

describe("timing", () => {
  test("n exchanges are n after the first", async () => {
    const server = await startRaw({ upgraded: closing });
    const seen = await look(server.url, { runs: 5 });
    expect(server.heads).toHaveLength(6);
    expect(seen.budget).toMatchObject({ planned: 6, handshakes: 6 });
    expect(seen.timing?.runs).toMatchObject({ count: 5, failed: 0 });
    const { total } = seen.timing?.runs?.phases ?? {};
    expect(total?.min).toBeLessThanOrEqual(total?.p50 ?? 0);
    expect(total?.p95).toBe(total?.max);
  });

  test("exchanges that come to less have failed", async () => {
    let asked = 0;
    const server = await startRaw({
      answer: (head) => (asked++ === 0 ? switching(head) : "HTTP/1.1 503 Busy\r\n\r\n"),
      upgraded: closing,
    });
    const seen = await look(server.url, { runs: 3 });
    expect(seen.timing?.runs).toEqual({ count: 3, failed: 3, phases: {} });
  });

  test("a first answer that is slow is in none of them", async () => {
    // Held until it has taken far longer than any other can.
    let slow: string | undefined;
    const server = await startRaw({
      answer: (head) => {
        if (slow !== undefined) return switching(head);
        slow = switching(head);
        return "";
      },
      upgraded: (socket) => {
        closing(socket);
        if (server.heads.length === 1) setTimeout(() => socket.write(slow!), 1000);
      },
    });
    const seen = await look(server.url, { runs: 4 });
    const { phases, runs } = seen.timing!;
    expect(runs).toMatchObject({ count: 4, failed: 0 });
    for (const name of ["upgrade", "total"]) {
      const { p50, p95, max } = runs!.phases[name]!;
      for (const each of [p50, p95, max]) expect(each).toBeLessThan(phases.upgrade / 2);
    }
  });

  test("none are made of a server that is not there", async () => {
    const seen = await look(`ws://127.0.0.1:${await refusingPort()}`, { runs: 50 });
    expect(seen.budget.handshakes).toBe(1);
  });
});

describe("TLS", () => {
  let made: Certificates | undefined;

  async function secure(options: TlsOptions = {}): Promise<{ url: string; heads: string[] }> {
    made ??= await makeCertificates();
    const heads: string[] = [];
    const server = createServer({ cert: made.server.cert, key: made.server.key, ...options });
    server.on("tlsClientError", () => {});
    server.on("secureConnection", (socket) => {
      socket.on("error", () => socket.destroy());
      let head = "";
      socket.on("data", (chunk: Buffer) => {
        head += chunk.toString("latin1");
        if (!head.endsWith("\r\n\r\n")) return;
        heads.push(head);
        socket.write(switching(head));
        head = "";
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return { url: `wss://localhost:${(server.address() as AddressInfo).port}/`, heads };
  }

  const resolver = {
    resolve: async () => ({
      addresses: [{ address: "127.0.0.1", family: 4 as const }],
      fresh: false,
    }),
  };
  const request = { cookie: "sid=s3ss10n" };

  test("that is verified: what was negotiated, and the chain as it was sent", async () => {
    const { url } = await secure();
    const seen = await look(url, { dial: { resolver, tls: { ca: made!.ca.cert } } });
    expect(seen.outcome).toBe("open");
    expect(seen.tls).toMatchObject({
      authorized: true,
      servername: "localhost",
      protocol: "TLSv1.3",
    });
    expect(seen.tls?.chain).toHaveLength(1);
    expect(seen.tls?.chain[0]).toMatchObject({
      subject: "CN=localhost",
      issuer: "CN=wsctl test authority",
      names: ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"],
      key: "EC prime256v1",
    });
    expect(seen.timing?.curl.time_appconnect).toBeGreaterThan(0);
  });

  test("that is not: its facts by a handshake alone, and nothing is sent", async () => {
    const { url, heads } = await secure();
    const one = check("T-1", async () => [{ verdict: "pass", message: "x" }], {
      needs: "connection",
    });
    const seen = await look(url, { dial: { resolver, request }, checks: [one] });
    expect(seen).toMatchObject({
      outcome: "failed",
      failure: { code: "WSCTL_ETLS", phase: "tls" },
      tls: { authorized: false, authorizationError: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
      budget: { planned: 2, handshakes: 2 },
      checks: [{ verdict: "inconclusive" }],
    });
    expect(seen.attempts).toMatchObject([{ address: "127.0.0.1", error: undefined }]);
    expect(seen.tls?.chain.map(({ subject }) => subject)).toEqual(["CN=localhost"]);
    expect(heads).toEqual([]);
  });

  test("that is not, and need not be", async () => {
    const { url, heads } = await secure();
    const seen = await look(url, { dial: { resolver, request, tls: { insecure: true } } });
    expect(seen).toMatchObject({ outcome: "open", tls: { authorized: false } });
    expect(heads[0]).toContain("s3ss10n");
  });

  test("the whole chain is there where the server sends it", async () => {
    made ??= await makeCertificates();
    const { url } = await secure({ cert: `${made.server.cert}\n${made.ca.cert}` });
    const seen = await look(url, { dial: { resolver, tls: { ca: made.ca.cert } } });
    expect(seen.tls?.chain.map(({ subject }) => subject)).toEqual([
      "CN=localhost",
      "CN=wsctl test authority",
    ]);
  });
});

test("what the server sends between its own certificate and the root is told, one by one", async () => {
  const { leaf, intermediate, root } = await makeHierarchy();
  const server = await startTlsRaw({
    tls: { cert: `${leaf.cert}\n${intermediate.cert}`, key: leaf.key },
    name: "localhost",
    answer: (socket) => socket.end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
  });
  const dial = { tls: { ca: root.cert }, family: 4 as const };
  const seen = await look(server.target.url, { dial });
  // The root that the client adds itself was not sent.
  expect(seen.tls?.chain).toMatchObject([
    { subject: "CN=localhost", issuer: "O=Test, CN=Test Intermediate" },
    { subject: "O=Test, CN=Test Intermediate", issuer: "CN=Test Root", names: [] },
  ]);
  for (const { from, to } of seen.tls!.chain) {
    expect(Date.parse(to) - Date.parse(from)).toBe(365 * 86_400_000);
  }
});

test.each([3.2, 0.3])(
  "%d days after its end, facts and finding agree on the days",
  async (past) => {
    const days = Math.max(1, Math.floor(past));
    const own = await issue({ days: [-30, -past - 0.25] });
    const server = await startTlsRaw({
      tls: own,
      name: "localhost",
      answer: (socket) => socket.end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    });
    const dial = { tls: { insecure: true }, family: 4 as const };
    const seen = await look(server.target.url, { dial, date: new Date(), checks: [certificate] });
    expect(seen.tls?.chain[0]?.daysLeft).toBe(-days);
    const found = seen.findings.find(({ kind }) => kind === "expired");
    expect(found?.message).toBe(
      `the certificate has expired ${days === 1 ? "1 day" : `${days} days`} ago`,
    );
  },
);

test("-n 5 times five exchanges with the server, each on a connection of its own, and no other", async () => {
  const ports = new Set<number | undefined>();
  const server = await startRaw({
    answer: (head) => switching(head),
    upgraded: (socket) => {
      ports.add(socket.remotePort);
      closing(socket);
    },
  });
  const seen = await look(server.url, { runs: 5 });
  expect(server.heads).toHaveLength(6);
  expect(ports.size).toBe(6);
  expect(seen.budget).toMatchObject({ planned: 6, handshakes: 6 });
  const { count, failed, phases } = seen.timing!.runs!;
  expect([count, failed]).toEqual([5, 0]);
  // Five of them: the upper end of 95 in a hundred is the slowest, and the middle is one of them.
  expect(phases["total"]!.p95).toBe(phases["total"]!.max);
});

describe("secrets that are words of ours", () => {
  test.each([
    "open",
    "refused",
    "failed",
    "invalid",
    "strict",
    "firm",
    "certain",
    "tentative",
    "handshake",
    "upgrade",
    "status",
    "high",
    "fail",
    "accepted",
    "TLSv1.3",
    "wsctl.inspection",
    "nginx",
  ])("%s leaves them as they are", async (word) => {
    const given = {
      headers: [["X-Auth", word]] as const,
      cookie: `sid=${word}`,
      authorization: `Bearer ${word}`,
    };
    const server = await startRaw({
      answer: (head) =>
        head.includes("/no")
          ? `HTTP/1.1 403 ${word}\r\nServer: nginx/1.2 ${word}\r\n\r\n${word}`
          : switching(head, `Set-Cookie: a=b; SameSite=Strict`, "Server: nginx"),
      upgraded: (socket) => void socket.end(),
    });
    const noticing = check("T-1", () =>
      Promise.resolve([{ verdict: "fail", case: "fail open", message: "it is open, not refused" }]),
    );
    for (const path of ["", "no"]) {
      const at = { checks: [noticing] };
      const usually = await look(server.url + path, at);
      const seen = await look(server.url + path, { ...at, dial: { request: given } });
      const told = ({
        outcome,
        failure,
        cookies,
        hints,
        findings,
        kind,
        idleLimits,
      }: typeof seen) =>
        [
          [outcome, kind, failure?.code, failure?.phase, failure?.reason],
          cookies.map(({ sameSite }) => sameSite),
          hints.map(({ what, confidence }) => [what, confidence]),
          idleLimits,
          findings.map(({ message, case: name, verdict, severity, cases }) => [
            message,
            name,
            verdict,
            severity,
            cases,
          ]),
        ] as const;
      expect(told(seen)).toEqual(told(usually));
    }
  });
});

describe("secrets", () => {
  const secrets = {
    cookie: "c00kie-value",
    bearer: "b3arer-t0ken-of-some-length",
    password: "p4ssw0rd!",
    query: "qu3ry-s3cret",
    subprotocol: "token.sub-s3cret",
    expired: "0ld-t0ken-value",
    session: "5e55-9f8e7d6c5b4a",
  };

  test.each<[string, (head: string) => string]>([
    [
      "a 101 that echoes them in headers",
      (head) => switching(head, ...echoed(head), `Sec-WebSocket-Protocol: ${secrets.subprotocol}`),
    ],
    [
      "a refusal that echoes them in headers and body",
      (head) => `HTTP/1.1 400 ${secrets.bearer}\r\n${echoed(head).join("\r\n")}\r\n\r\n${head}`,
    ],
    [
      "a refusal in JSON, and in an address",
      (head) =>
        `HTTP/1.1 302 Found\r\nLocation: wss://ann:${encodeURIComponent(secrets.password)}@other/?token=${secrets.query}&x=1\r\n\r\n${JSON.stringify({ head })}`,
    ],
    ["what is no HTTP", (head) => `echo ${head.slice(-300)}`],
  ])("%s: they are nowhere in the inspection", async (_what, answer) => {
    const server = await startRaw({ answer, upgraded: (socket) => void socket.end() });
    const leaky = check("T-1", async ({ asker, given }) => {
      const reply = await asker.ask({ request: { authorization: `Bearer ${given.expiredToken}` } });
      const said =
        reply.kind === "answered" ? reply.response.bytes.toString("latin1") : reply.error.message;
      const sent = reply.request?.bytes.toString("latin1") ?? "";
      return [
        {
          verdict: "fail",
          case: "echo",
          message: `the server said ${said}`,
          evidence: [sent, said, `${sent.slice(0, 180)}…`],
          request: reply.request,
          why: said,
          fix: sent,
        },
      ];
    });
    const url = server.url.replace("//", `//ann:${encodeURIComponent(secrets.password)}@`);
    const seen = await look(`${url}?room=1&token=${secrets.query}`, {
      dial: {
        timeouts: { total: 1000 },
        request: {
          cookie: `sid=${secrets.cookie}`,
          headers: [["X-Auth", secrets.bearer]],
          subprotocols: ["chat", secrets.subprotocol],
        },
      },
      given: { ...usual.given, expiredToken: secrets.expired },
      checks: [leaky],
    });
    const text = JSON.stringify(seen);
    for (const secret of Object.values(secrets)) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(encodeURIComponent(secret));
      expect(text).not.toContain(Buffer.from(`ann:${secret}`).toString("base64"));
    }
    expect(seen.request?.first).toBe("GET /?room=1&token=SECRET HTTP/1.1");
    expect(seen.checks[0]?.verdict).toBe("fail");
    expect(text).toContain("SECRET");
  });

  function echoed(head: string): string[] {
    const lines = head.split("\r\n").slice(1, -2);
    return [
      `Set-Cookie: sid=${secrets.session}; Secure; ${secrets.cookie}`,
      `X-Echo: ${lines.join(" | ")}`,
      `X-Path: ${head.split("\r\n", 1)[0]}`,
    ];
  }
});

describe("the end before the end", () => {
  test("while the first exchange waits", async () => {
    const server = await startRaw({ answer: () => undefined });
    const abort = new AbortController();
    const one = check("T-1", async () => [{ verdict: "pass", message: "x" }]);
    const looking = look(server.url, { signal: abort.signal, checks: [one], runs: 3 });
    await expect.poll(() => server.heads.length).toBe(1);
    abort.abort();
    expect(await looking).toMatchObject({
      outcome: "failed",
      failure: { code: "WSCTL_EABORTED", phase: "upgrade" },
      attempts: [{ address: "127.0.0.1", error: undefined }],
      interrupted: true,
      checks: [{ verdict: "inconclusive" }],
      findings: [{ kind: "ended" }],
    });
  });

  test("before anything: nothing is sent", async () => {
    const server = await startRaw();
    const seen = await look(server.url, { signal: AbortSignal.abort() });
    expect(seen).toMatchObject({ interrupted: true, budget: { handshakes: 0, bytes: 0 } });
    expect(server.heads).toEqual([]);
  });

  test("while a check is at it: what is known stays", async () => {
    const server = await startRaw({ upgraded: closing });
    const abort = new AbortController();
    const pass = async () => [{ verdict: "pass" as const, message: "x" }];
    const checks = [
      check("T-1", pass),
      check("T-2", async ({ asker }) => {
        setImmediate(() => abort.abort());
        const reply = await asker.ask({ watch: 60_000 });
        return [{ verdict: isOpen(reply) ? "pass" : "fail", message: "x" }];
      }),
      check("T-3", pass),
    ];
    const seen = await look(server.url, { signal: abort.signal, checks });
    expect(seen.outcome).toBe("open");
    expect(seen.interrupted).toBe(true);
    expect(seen.checks.map(({ verdict }) => verdict)).toEqual([
      "pass",
      "inconclusive",
      "inconclusive",
    ]);
  });
});

describe("options", () => {
  test.each<[string, Partial<InspectOptions>]>([
    ["less than no run", { runs: -1 }],
    ["half a run", { runs: 1.5 }],
    ["a spacing that is none", { spacing: Number.NaN }],
    ["a path that is none", { given: { ...usual.given, otherPath: "health" } }],
    ["a path with a line break", { given: { ...usual.given, otherPath: "/a\r\nb" } }],
    ["a logout address that is none", { given: { ...usual.given, logoutUrl: "ftp://x" } }],
    ["an unknown check", { selection: { ...selection, only: ["XX-99"] } }],
    ["a subprotocol that is none", { dial: { request: { subprotocols: ["a b"] } } }],
    ["a local address that is none", { dial: { localAddress: "here" } }],
  ])("%s is refused, and nothing is sent", async (_what, options) => {
    const server = await startRaw();
    await expect(look(server.url, options)).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
    expect(server.heads).toEqual([]);
  });

  test("progress is told before each check", async () => {
    const server = await startRaw({ upgraded: closing });
    const told: unknown[] = [];
    const run = async () => [{ verdict: "pass" as const, message: "x" }];
    await look(server.url, {
      checks: [check("T-1", run), check("T-2", run)],
      onProgress: (done, of, { id }) => told.push([done, of, id]),
    });
    expect(told).toEqual([
      [0, 2, "T-1"],
      [1, 2, "T-2"],
    ]);
  });

  test("findings that a baseline knows are accepted", async () => {
    const server = await startRaw({ upgraded: closing });
    const checks = [check("T-1", async () => [{ verdict: "fail", message: "x" }])];
    const first = await look(server.url, { checks });
    const accepted = readBaseline(JSON.stringify(baselineOf(first)), "base.json");
    expect(first.findings.map((finding) => finding.accepted)).toEqual([false]);
    const second = await look(server.url, { checks, accepted });
    expect(second.findings.map((finding) => finding.accepted)).toEqual([true]);
  });
});

describe("the plan", () => {
  const checks = [
    check("T-1", async () => [], { cost: { handshakes: 3 } }),
    check("T-2", async () => [], {
      cost: { handshakes: 2, connections: 5, bytes: 10 },
      tier: "origins",
      needs: "open",
    }),
  ];
  const plan = (url: string, more: Partial<InspectOptions> = {}) =>
    planOf(parseTarget(url), { ...usual, checks, ...more });

  test("is what was chosen, and the most that it asks", () => {
    expect(plan("ws://h").checks.map(({ rule }) => rule.id)).toEqual(["T-1"]);
    expect(plan("ws://h").cost).toEqual({ handshakes: 4, connections: 1, bytes: 0 });
    expect(plan("ws://h", { runs: 10 }).cost.handshakes).toBe(14);
    const both = { ...selection, tiers: new Set(["default", "origins"] as const) };
    expect(plan("ws://h", { selection: both }).cost).toEqual({
      handshakes: 6,
      connections: 5,
      bytes: 10,
    });
  });

  test("watches longer where it is to tell a late rejection", () => {
    expect(plan("ws://h").watch).toBe(150);
    expect(plan("ws://h", { selection: { ...selection, only: ["T-2"] } }).watch).toBe(1000);
  });

  test("counts the handshake that shows a bad certificate where there may be one", () => {
    expect(plan("wss://h", { checks: [] }).cost.handshakes).toBe(2);
    expect(plan("wss://h", { checks: [], dial: { tls: { insecure: true } } }).cost.handshakes).toBe(
      1,
    );
  });

  test("counts what is asked after a refusal only where the rest is not", () => {
    const redirect = check("T-3", async () => [], {
      cost: { handshakes: 4 },
      needs: "answer",
      onlyWhen: "refused",
    });
    expect(plan("ws://h", { checks: [checks[0]!, redirect] }).cost.handshakes).toBe(8);
    const open = check("T-4", async () => [], { cost: { handshakes: 9 }, needs: "open" });
    expect(plan("ws://h", { checks: [checks[0]!, redirect, open] }).cost.handshakes).toBe(13);
  });

  test("the default checks ask a server that opens for 40 handshakes at most, besides the first", () => {
    // HS-14 follows redirects, and asks nothing where the first exchange opened a WebSocket.
    const chosen = { ...selection, skip: ["HS-14"] };
    const { checks: _checks, ...whole } = usual;
    const { cost } = planOf(parseTarget("wss://h"), { ...whole, selection: chosen });
    expect(cost.handshakes - 1).toBeLessThanOrEqual(40);
  });
});

test("a whole default inspection of a server of this machine ends within its budget, even of a rude one", async () => {
  const { checks: _checks, ...whole } = usual;
  const server = await startRaw({ upgraded: (socket) => void socket.resume() });
  const seen = await inspect(parseTarget(server.url), whole);
  expect(seen.checks.length).toBeGreaterThan(0);
  expect(seen.budget.handshakes).toBeLessThanOrEqual(seen.budget.planned);
});
