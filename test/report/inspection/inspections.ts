/** Owns inspections made by hand, whose every figure is known. */
import { Chalk } from "chalk";
import { type Finding, fingerprintOf } from "../../../src/findings/finding.js";
import type { Inspection } from "../../../src/findings/inspection.js";
import type { Rule } from "../../../src/findings/rule.js";
import type { Ink } from "../../../src/report/ink.js";

/** How pages are drawn where nobody looks. */
export function inkOf(width: number): Ink {
  return { chalk: new Chalk({ level: 0 }), width };
}

/** A rule of that id. */
export function ruleOf(id: string, more: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `${id} holds`,
    severity: "high",
    source: "RFC 6455 §4.1",
    why: `why ${id} matters`,
    fix: `what to do for ${id}`,
    ...more,
  };
}

/** A failure of that rule. */
export function findingOf(rule: string, more: Partial<Finding> = {}): Finding {
  const { case: which = "", verdict = "fail" } = more;
  return {
    rule,
    case: which,
    kind: "",
    verdict,
    severity: "high",
    confidence: "certain",
    message: `${rule} does not hold`,
    evidence: [],
    why: `why ${rule} matters`,
    fix: `what to do for ${rule}`,
    cases: [{ case: which, fingerprint: fingerprintOf(rule, which, verdict) }],
    accepted: false,
    ...more,
  };
}

const phases = { dns: 1, tcp: 2, tls: 0, upgrade: 3 };

/** A server where all is well. */
export const plain: Inspection = {
  kind: "wsctl.inspection",
  version: 1,
  wsctl: "1.2.3",
  startedAt: "2026-01-02T03:04:05.000Z",
  took: 1250,
  url: "ws://chat.example:8080/room?token=SECRET",
  outcome: "open",
  failure: undefined,
  request: {
    first: "GET /room?token=SECRET HTTP/1.1",
    headers: [
      ["Host", "chat.example:8080"],
      ["Upgrade", "websocket"],
      ["Cookie", "SECRET"],
    ],
    size: 200,
  },
  response: {
    first: "HTTP/1.1 101 Switching Protocols",
    headers: [
      ["Server", "nginx/1.22.1"],
      ["Upgrade", "websocket"],
      ["X-Trace", "abc"],
    ],
    size: 150,
  },
  body: undefined,
  attempts: [
    { address: "::1", family: 6, port: 8080, took: 0.5, error: "ECONNREFUSED" },
    { address: "127.0.0.1", family: 4, port: 8080, took: 1.5, error: undefined },
  ],
  timing: {
    phases,
    firstFrame: 40,
    curl: {
      time_namelookup: 0.001,
      time_connect: 0.003,
      time_appconnect: 0,
      time_starttransfer: 0.006,
      time_total: 0.006,
    },
    runs: undefined,
  },
  tls: undefined,
  subprotocol: "chat.v2",
  extensions: "permessage-deflate",
  cookies: [{ name: "sid", secure: true, httpOnly: false, sameSite: undefined }],
  hints: [{ what: "nginx", confidence: "firm", from: "Server: nginx/1.22.1" }],
  idleLimits: [
    { product: "nginx", limit: "60 s idle", likely: true },
    { product: "Heroku", limit: "55 s idle", likely: false },
  ],
  origins: undefined,
  budget: { planned: 40, handshakes: 31, bytes: 6200 },
  interrupted: false,
  checks: [
    { rule: ruleOf("HS-01"), verdict: "pass" },
    { rule: ruleOf("HS-02"), verdict: "pass" },
  ],
  findings: [
    findingOf("HS-01", { verdict: "pass", severity: "info", evidence: ["> GET /room"] }),
    findingOf("HS-02", { verdict: "pass", severity: "info" }),
  ],
};

/** An Origin matrix in which one string gets in that must not. */
export const matrix: NonNullable<Inspection["origins"]> = {
  allowed: "https://app.example",
  control: {
    name: "no credentials",
    origin: "https://app.example",
    answer: "rejected",
    said: "401 Unauthorized",
    verdict: "pass",
  },
  rows: [
    {
      name: "exact",
      origin: "https://app.example",
      answer: "accepted",
      said: "101",
      verdict: "pass",
    },
    { name: "missing", origin: undefined, answer: "accepted", said: "101", verdict: "info" },
    {
      name: "empty",
      origin: "",
      answer: "no answer",
      said: "closed without an answer",
      verdict: "inconclusive",
    },
    {
      name: "H.evil",
      origin: "https://app.example.evil.example",
      answer: "accepted",
      said: "101",
      verdict: "fail",
    },
    {
      name: "null",
      origin: "null",
      answer: "late-reject",
      said: "101, then closed with 1008",
      verdict: "warn",
    },
  ],
};

const curl =
  "curl -isS --max-time 2 --http1.1 -H 'Upgrade: websocket' -H 'Connection: Upgrade' " +
  "-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' http://chat.example:8080/room";

/** A server with something of every kind. */
export const eventful: Inspection = {
  ...plain,
  url: "wss://chat.example/room",
  timing: {
    ...plain.timing!,
    runs: {
      count: 20,
      failed: 2,
      phases: {
        tcp: { p50: 2, p95: 9, min: 1, max: 10 },
        upgrade: { p50: 3, p95: 77, min: 1, max: 80 },
        total: { p50: 6, p95: 88, min: 2, max: 99 },
      },
    },
  },
  tls: {
    protocol: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    alpn: undefined,
    authorized: true,
    authorizationError: undefined,
    servername: "chat.example",
    chain: [
      {
        subject: "CN=chat.example",
        issuer: "CN=Some CA",
        names: ["chat.example", "www.chat.example"],
        from: "2025-12-01T00:00:00.000Z",
        to: "2026-01-20T00:00:00.000Z",
        daysLeft: 18,
        key: "EC prime256v1",
        fingerprint: "AA:BB",
        serial: "01",
      },
    ],
  },
  origins: matrix,
  checks: [
    { rule: ruleOf("HS-01"), verdict: "pass" },
    { rule: ruleOf("HS-05", { severity: "critical" }), verdict: "fail" },
    { rule: ruleOf("HS-07", { severity: "medium" }), verdict: "warn" },
    { rule: ruleOf("HS-15", { severity: "info" }), verdict: "info" },
    { rule: ruleOf("OR-4", { cwe: 1385 }), verdict: "fail" },
    { rule: ruleOf("H2-1"), verdict: "skip" },
    { rule: ruleOf("H2-2"), verdict: "skip" },
    { rule: ruleOf("FP"), verdict: "inconclusive" },
  ],
  findings: [
    findingOf("HS-05", {
      severity: "critical",
      message: "the accept is wrong: Zg, not x0",
      evidence: ["sent: key", "got: Zg"],
      repro: curl,
    }),
    findingOf("HS-07", {
      case: "version 8",
      verdict: "warn",
      severity: "medium",
      confidence: "tentative",
      message: "version 8 was taken",
    }),
    findingOf("HS-07", {
      case: "version 0",
      verdict: "warn",
      severity: "low",
      message: "version 0 was taken",
    }),
    findingOf("FP", { verdict: "inconclusive", severity: "info", message: "nothing tells" }),
    findingOf("HS-15", { verdict: "info", severity: "info", message: "Bearer is asked for" }),
    findingOf("HS-01", { verdict: "pass", severity: "info" }),
    findingOf("H2-1", { verdict: "skip", severity: "info", message: "no HTTP/2" }),
    findingOf("H2-2", { verdict: "skip", severity: "info", message: "no HTTP/2" }),
    findingOf("OR-4", { case: "H.evil", message: "H.evil gets in", accepted: true }),
  ],
};

/** A server that refuses. */
export const refused: Inspection = {
  ...plain,
  outcome: "refused",
  failure: {
    code: "WSCTL_EUPGRADE",
    phase: "upgrade",
    reason: "status",
    message: "the server refused the upgrade: 403 Forbidden",
    hint: "try --origin",
    where: ["GET /room on 127.0.0.1:8080", "body: no"],
  },
  response: { first: "HTTP/1.1 403 Forbidden", headers: [["Server", "x"]], size: 40 },
  body: "no entry\nfor you",
  checks: [{ rule: ruleOf("HS-05"), verdict: "inconclusive" }],
  findings: [
    findingOf("HS-05", { verdict: "inconclusive", severity: "info", message: "not tried" }),
  ],
};

/** Nothing listens there. */
export const unreached: Inspection = {
  ...plain,
  outcome: "failed",
  failure: {
    code: "WSCTL_EREFUSED",
    phase: "tcp",
    reason: "refused",
    message: "could not connect to chat.example:8080: connection refused",
    hint: "is the server running?",
    where: ["127.0.0.1:8080 ECONNREFUSED after 1 ms"],
  },
  request: undefined,
  response: undefined,
  timing: undefined,
  subprotocol: undefined,
  extensions: undefined,
  cookies: [],
  hints: [],
  idleLimits: [],
  checks: [{ rule: ruleOf("HS-05"), verdict: "inconclusive" }],
  findings: [
    findingOf("HS-05", { verdict: "inconclusive", severity: "info", message: "not tried" }),
  ],
};

/** Every text of it replaced, its shape and its words of choice kept. */
export function attacked(inspection: Inspection, text: string): Inspection {
  const kept = new Set(["kind", "version", "outcome", "verdict", "severity", "confidence"]);
  const own = new Set(["answer", "sameSite", "fingerprint", "startedAt", "id", "rule", "to"]);
  const replace = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return kept.has(key) || own.has(key) ? value : text;
    if (Array.isArray(value)) return value.map((each: unknown) => replace(each, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, replace(each, name)]),
    );
  };
  return replace(inspection, "") as Inspection;
}
