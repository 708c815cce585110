/** Shows what the default tier says of servers whose TLS is not as it should be. */
import http2 from "node:http2";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { startWsEcho } from "../../support/servers.js";
import { type Hierarchy, issue, makeHierarchy, type Pair } from "../tls/pki.js";
import { startSecure } from "../tls/servers.js";
import { inspected } from "./inspecting.js";
import { faultless, unverified } from "./verdicts.js";

let made: Certificates;
let hierarchy: Hierarchy;

beforeAll(async () => {
  [made, hierarchy] = await Promise.all([makeCertificates(), makeHierarchy()]);
});

/** TLS of Node.js itself: 1.2 and 1.3, one certificate for everybody, and ALPN for http/1.1 alone. */
const wellButForTheCertificate = {
  ...unverified,
  "TLS-1": "fail",
  "TLS-2": "pass",
  "TLS-3": "pass",
  "TLS-4": "pass",
  "TLS-5": "pass",
};

test.each<
  [string, () => Promise<Pair> | Pair, () => string, string, RegExp, Record<string, string>]
>([
  [
    "expired",
    () => issue({ days: [-30, -3] }, made.ca),
    () => made.ca.cert,
    "TLS-1 dates: fail critical",
    /has expired 2 days ago/,
    {},
  ],
  [
    "self-signed",
    () => issue(),
    () => made.ca.cert,
    "TLS-1 chain: fail critical",
    /is self-signed/,
    {},
  ],
  [
    "for another name",
    () => issue({ name: "other.example" }, made.ca),
    () => made.ca.cert,
    "TLS-1 name: fail high",
    /not for localhost: it is for other\.example/,
    // Whoever asks for no name sees the same, which is not for localhost either.
    { "TLS-4": "info" },
  ],
  [
    "without the intermediate one",
    () => hierarchy.leaf,
    () => hierarchy.root.cert,
    "TLS-1 chain: fail high",
    /does not send its whole chain: .*Test Intermediate.* is missing/,
    {},
  ],
])("a certificate %s is one finding", async (_what, pair, ca, against, message, besides) => {
  const server = await startWsEcho({ tls: await pair() });
  const heads: string[] = [];
  server.wss.on("headers", () => heads.push("asked"));
  const tls = { ca: ca() };
  const page = await inspected(server.url, { tls, request: { cookie: "sid=s3ss10n" } });
  expect(page.inspection).toMatchObject({
    outcome: "failed",
    failure: { code: "WSCTL_ETLS", phase: "tls" },
    tls: { authorized: false },
  });
  expect(page.verdicts).toEqual({ ...wellButForTheCertificate, ...besides });
  expect(page.against).toEqual([against]);
  expect(page.of("TLS-1")[0]?.message).toMatch(message);
  // Nobody was asked for a WebSocket who did not show who he is.
  expect(heads).toEqual([]);
});

test("an expired certificate that is put up with is still told, and the rest is seen", async () => {
  const { cert, key } = await issue({ days: [-30, -3] }, made.ca);
  const server = await startWsEcho({ tls: { cert, key } });
  const tls = { ca: made.ca.cert, insecure: true };
  const page = await inspected(server.url, { tls, timeouts: { total: 1000 } });
  expect(page.inspection.outcome).toBe("open");
  expect(page.verdicts).toEqual({
    ...faultless,
    // Of ws beside a server that answers no plain requests; see there.
    "HS-07": "warn",
    "HS-09": "fail",
    "HS-10": "fail",
    "HS-11": "info",
    "TLS-1": "fail",
    "TLS-2": "pass",
    "TLS-3": "pass",
    "TLS-4": "pass",
    "TLS-5": "pass",
  });
  expect(page.against.filter((row) => row.startsWith("TLS"))).toEqual([
    "TLS-1 dates: fail critical",
  ]);
});

test("TLS 1.0 and 1.1 alone: the certificate is seen all the same", async () => {
  const { cert, key } = made.server;
  const server = await startSecure({ cert, key, minVersion: "TLSv1", maxVersion: "TLSv1.1" });
  const page = await inspected(server.target.url, { tls: { ca: made.ca.cert } });
  expect(page.inspection).toMatchObject({ outcome: "failed", failure: { phase: "tls" } });
  expect(page.verdicts).toEqual({
    ...unverified,
    "TLS-1": "pass",
    "TLS-2": "fail",
    "TLS-3": "fail",
    "TLS-4": "pass",
    // It takes no part in ALPN.
    "TLS-5": "info",
  });
  expect(page.against).toEqual([
    "TLS-2 TLS 1.1: fail medium",
    // All suites of TLS 1.1 are CBC, or worse.
    "TLS-3 CBC: warn low",
    "TLS-3 version: fail high",
  ]);
  expect(server.heads).toEqual([]);
});

test("HTTP/2 alone: that, and not the certificate, keeps WebSocket out", async () => {
  const { cert, key } = made.server;
  const server = http2.createSecureServer({ cert, key });
  server.on("sessionError", () => {});
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const page = await inspected(`wss://localhost:${port}/`, { tls: { ca: made.ca.cert } });
  expect(page.inspection).toMatchObject({ outcome: "failed", failure: { phase: "tls" } });
  expect(page.verdicts).toEqual({
    ...unverified,
    // With h2 offered the handshake stands.
    "TLS-1": "pass",
    "TLS-2": "pass",
    "TLS-3": "pass",
    "TLS-4": "pass",
    "TLS-5": "fail",
  });
  expect(page.against).toEqual(["TLS-5 http/1.1: fail high"]);
});
